"""Roles: those that are delivered, and those that operators have made."""

import strawberry

from gateway.access.permissions import ROLES, Permission
from gateway.graph.requires import requires
from gateway.graph.words import derived, stored


@strawberry.type(
    description="What somebody may do, by a token or by your sign-in: a set of permissions under a name.",
    directives=[requires(Permission.ROLE_VIEW)],
)
class Role:
    """A role."""

    name: str = stored("_id", "The word by which tokens and your sign-in name it.")
    description: str | None = stored("description", "Whom it is for.")
    permissions: list[str] = stored("permissions", "What it may do or see, such as journey:session:view.", absent=())
    is_delivered: bool = derived(
        lambda row: row["_id"] in ROLES,
        "Whether it came with the gateway: then it stays as it is. Make a role of your own like it, and change that.",
        reads=("_id",),
    )
