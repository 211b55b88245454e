"""Sight: what of all that is stored somebody sees, as conditions for MongoDB and as questions to one row.

Sessions, events and rejected events carry the division of the write key through which they came, `divisionId`; a row
without one is of the home division. Contacts carry the divisions in which they were seen, `divisionIds`; they count
only where divisions keep their contacts apart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.journey.division import HOME
from gateway.storage.database import Row

DIVISION = "divisionId"
DIVISIONS = "divisionIds"
OF_ONE_DIVISION = frozenset({"sessions", "events", "rejectedEvents"})
"""Collections whose rows are of one division each."""
NOTHING: Row = {"_id": None}
"""The condition that no row meets."""
_AT_HOME = (HOME,)


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody sees: what is of these divisions; None stands for all, and then no condition is ever added.

    With `contacts_apart` contacts are seen through their divisions as well, else all of them by everybody.
    """

    divisions: frozenset[str] | None = None
    contacts_apart: bool = False

    @property
    def is_everything(self) -> bool:
        """Whether nothing is hidden."""
        return self.divisions is None

    @property
    def hides_contacts(self) -> bool:
        """Whether some contacts may be hidden."""
        return self.contacts_apart and self.divisions is not None

    def of(self, collection: str) -> Row:
        """Return the condition for what is seen of a collection; no condition where all of it is."""
        if self.divisions is None:
            return {}
        if collection in OF_ONE_DIVISION:
            return of_divisions(self.divisions)
        return with_divisions(self.divisions) if collection == "contacts" and self.contacts_apart else {}

    def sees_division(self, division_id: str) -> bool:
        """Tell whether what is of this division is seen."""
        return self.divisions is None or division_id in self.divisions

    def sees(self, row: Mapping[str, Any]) -> bool:
        """Tell whether a session, an event or a rejected event is seen."""
        return self.divisions is None or row.get(DIVISION, HOME) in self.divisions

    def sees_contact(self, row: Mapping[str, Any]) -> bool:
        """Tell whether a contact is seen."""
        return self.sees_contact_of(row.get(DIVISIONS, ()))

    def sees_contact_of(self, division_ids: Iterable[str]) -> bool:
        """Tell whether a contact of these divisions, as they are kept of it, is seen."""
        return not self.hides_contacts or bool(self.seen_of(tuple(division_ids) or _AT_HOME))

    def seen_of(self, division_ids: Iterable[str]) -> list[str]:
        """Return those of these divisions that are seen, in their order."""
        return [id_ for id_ in division_ids if self.sees_division(id_)]


EVERYTHING = Sight()
"""What they see who see all divisions."""


def of_divisions(ids: Iterable[str]) -> Row:
    """Return the condition that a row is of one of these divisions."""
    return {DIVISION: _one_of(None if id_ == HOME else id_ for id_ in sorted(ids))}


def with_divisions(ids: Iterable[str]) -> Row:
    """Return the condition that a contact is of one of these divisions, whichever others it is of."""
    wanted: list[str | None] = sorted(ids)  # type: ignore[assignment]  # one without a division may come to them
    return {DIVISIONS: _one_of([*wanted, None] if HOME in wanted else wanted)}


def both(one: Row, other: Row) -> Row:
    """Return the condition that both hold."""
    return {**one, **other} if one.keys().isdisjoint(other) else {"$and": [one, other]}


def _one_of(values: Iterable[str | None]) -> object:
    several = list(values)
    return several[0] if len(several) == 1 else {"$in": several}
