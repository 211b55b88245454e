"""Divisions, and the fields that tell which of them something is of."""

from datetime import datetime
from typing import Any

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.cost_directives import size
from gateway.graph.loaders import DivisionById
from gateway.graph.node import Node, global_id
from gateway.graph.requires import requires
from gateway.graph.words import Info, Row, stored
from gateway.journey.division import HOME
from gateway.storage.sight import DIVISION, DIVISIONS

_FIELDS = frozenset({"_id", "name", "description", "createdDate", "modifiedDate"})


@strawberry.type(
    description="A part of the organization, such as a brand or a country. Journeys are seen by those alone who see "
    "their division.",
    directives=[requires(Permission.DIVISION_VIEW)],
)
class Division(Node):
    """A division."""

    id: strawberry.ID = global_id("Division")
    key: str = stored("_id", "The word by which tokens, write keys and your sign-in name it; home is always there.")
    name: str = stored("name", "Its name.")
    description: str | None = stored("description", "What belongs to it.")
    created_date: datetime = stored("createdDate", "When it was added.")
    modified_date: datetime = stored("modifiedDate", "When it was last changed.")

    @classmethod
    def is_type_of(cls, value: Row, _info: strawberry.Info) -> bool:
        """Tell whether this is a stored division."""
        return "name" in value and value.keys() <= _FIELDS


def division_field(description: str) -> Any:
    """Declare the division of a session."""

    async def resolve(root: strawberry.Parent[Row], info: Info):  # type: ignore[no-untyped-def]  # noqa: ANN202
        return await info.context.loader(DivisionById).load(root.get(DIVISION, HOME))

    return strawberry.field(resolver=resolve, description=description)


def divisions_field(description: str) -> Any:
    """Declare the divisions of a contact, as far as whoever asks sees them."""

    async def resolve(root: strawberry.Parent[Row], info: Info):  # type: ignore[no-untyped-def]  # noqa: ANN202
        ids = info.context.sight.seen_of(root.get(DIVISIONS) or (HOME,))
        found = await info.context.loader(DivisionById).load_many(ids)
        return [division for division in found if division is not None]

    return strawberry.field(resolver=resolve, description=description, directives=[size(10)])
