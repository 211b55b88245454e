"""Tokens, as those see them who look after them: never the token itself, of which only a hash is kept."""

from collections.abc import Collection
from datetime import datetime

import strawberry

from gateway.access.permissions import Permission
from gateway.access.tokens import state_of
from gateway.graph.cost_directives import size
from gateway.graph.loaders import DivisionById
from gateway.graph.node import global_id
from gateway.graph.requires import requires
from gateway.graph.types.division import Division
from gateway.graph.types.enums import TokenState
from gateway.graph.words import Info, Row, at_this_moment, stored


@strawberry.type(
    description="A token that opens this API. The token itself is shown once, when it is made.",
    directives=[requires(Permission.TOKEN_VIEW)],
)
class Token:
    """A token."""

    id: strawberry.ID = global_id("Token")
    name: str = stored("name", "Who or what uses it; the audit log names who has done something so.")
    role: str = stored("role", "What it may do: agent, supervisor, analyst, admin, or a role of your own.")
    state: TokenState = at_this_moment(
        lambda row, context: state_of(row, context.clock()),
        "Whether it opens anything.",
        reads=("expiresDate", "revokedDate"),
    )
    created_date: datetime = stored("createdDate", "When it was made.")
    expires_date: datetime | None = stored("expiresDate", "When it stops opening anything; null: never.")
    last_used_date: datetime | None = stored("lastUsedDate", "When it was last used, to the minute; null: never.")
    revoked_date: datetime | None = stored("revokedDate", "When it was revoked; null: it was not.")

    @strawberry.field(description="The divisions that it sees; null: all.", directives=[size(10)])
    async def divisions(root: strawberry.Parent[Row], info: Info) -> list[Division] | None:  # noqa: N805 - the value, not an instance
        """Return the divisions of a token."""
        ids = root.get("divisionIds")
        return None if ids is None else await divisions_seen(info, ids)  # type: ignore[return-value]  # a value of this schema is a mapping


async def divisions_seen(info: Info, ids: Collection[str]) -> list[Row]:
    """Return those of these divisions that are there, and that whoever asks sees."""
    found = await info.context.loader(DivisionById).load_many(sorted(ids))
    return [row for row in found if row is not None]
