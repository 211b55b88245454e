"""Who asks, and what he may see."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from gateway.access.permissions import Permission
from gateway.journey.division import HOME

SEPARATOR = ", "
"""Stands between roles where somebody has several."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """The holder of a token: his name, his role or roles, and what follows from them.

    `role` is for people to read: one role, or several joined by ", ". What counts is `permissions`, and `divisions`, of
    which None means all. `token_id` and `expires_date` belong to the token by which he came.
    """

    name: str
    role: str
    permissions: frozenset[Permission] = frozenset()
    divisions: frozenset[str] | None = None
    token_id: str | None = None
    expires_date: datetime | None = None

    @property
    def roles(self) -> tuple[str, ...]:
        """The names in `role`; no name of a role has a comma in it."""
        return tuple(self.role.split(SEPARATOR))

    def may(self, permission: Permission) -> bool:
        """Tell whether he has this permission."""
        return permission in self.permissions

    def sees(self, division: str | None) -> bool:
        """Tell whether he sees what is of this division; None stands for the home division."""
        return self.divisions is None or (division or HOME) in self.divisions

    def covers(self, permissions: AbstractSet[Permission], divisions: AbstractSet[str] | None) -> bool:
        """Tell whether he has all these permissions and sees all these divisions, of which None means all."""
        seen = self.divisions is None or (divisions is not None and divisions <= self.divisions)
        return seen and permissions <= self.permissions
