"""External sources, and the ids by which they know something of ours."""

from datetime import datetime

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.loaders import ExternalSourceById
from gateway.graph.node import Node, to_global_id
from gateway.graph.requires import requires
from gateway.graph.words import Info, Row, derived, one, stored
from gateway.journey.external_source import link_of
from gateway.storage.documents.external_source import external_source_from


@strawberry.type(
    description="How a link to what another system knows is made.",
    directives=[requires(Permission.EXTERNAL_SOURCE_VIEW)],
)
class LinkConfiguration:
    """A link's configuration."""

    uri_template: str = stored("uriTemplate", "The link, with {{externalId.value}} in the place of the id.")


@strawberry.type(
    description="Another system that knows our customers, each by an id of its own.",
    directives=[requires(Permission.EXTERNAL_SOURCE_VIEW)],
)
class ExternalSource(Node):
    """A source."""

    id: strawberry.ID = derived(
        lambda row: to_global_id("ExternalSource", row["_id"]), "The id of this external source.", reads=("_id",)
    )
    name: str = stored("name", "Its name; no two have the same.")
    active: bool = stored("active", "Whether its ids lead anywhere now.")
    link_configuration: LinkConfiguration | None = stored("linkConfiguration", "How a link to it is made.")
    created_date: datetime = stored("createdDate", "When it was added.")
    modified_date: datetime = stored("modifiedDate", "When it was last changed.")

    @classmethod
    def is_type_of(cls, value: Row, _info: strawberry.Info) -> bool:
        """Tell whether this is a stored source."""
        return "active" in value and "name" in value


@strawberry.type(
    description="The id by which another system knows something of ours.",
    directives=[requires(Permission.ORGANIZATION_VIEW)],
)
class ExternalId:
    """An external id."""

    external_source: ExternalSource | None = one(
        ExternalSourceById, "externalSourceId", "The system; null when it is no longer there."
    )
    value: str = stored("value", "The id.")

    @strawberry.field(
        description="The link that leads there; null where the system is inactive or has no links.",
        directives=[requires(Permission.EXTERNAL_SOURCE_VIEW)],
    )
    async def url(root: strawberry.Parent[Row], info: Info) -> str | None:  # noqa: N805 - the value, not an instance
        """Return the link of the source, with this id filled in."""
        source = await info.context.loader(ExternalSourceById).load(root["externalSourceId"])
        return link_of(external_source_from(source), root["value"]) if source else None
