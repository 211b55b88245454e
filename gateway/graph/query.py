"""The root of queries, put together; another kind of thing to ask about is one more class, and one more line here."""

import strawberry

from gateway.graph.contact_queries import ContactQueries, contact_looked_at
from gateway.graph.definition_queries import DefinitionQueries
from gateway.graph.errors import Unauthenticated
from gateway.graph.forbidden import demand
from gateway.graph.key_queries import KeyQueries
from gateway.graph.listing import Id
from gateway.graph.loaders import (
    ById,
    ContactById,
    DivisionById,
    EventById,
    ExternalSourceById,
    NoteById,
    OrganizationById,
    OutcomeById,
    PredictionModelById,
    RejectedEventById,
    RelationshipById,
    SegmentById,
    SessionById,
)
from gateway.graph.node import Node, from_global_id
from gateway.graph.preview_queries import PreviewQueries
from gateway.graph.record_queries import RecordQueries
from gateway.graph.requires import PUBLIC, permission_declared_by
from gateway.graph.types.viewer import Viewer, viewer_from
from gateway.graph.visit_queries import VisitQueries
from gateway.graph.words import Info

KINDS: dict[str, type[ById]] = {
    "Contact": ContactById,
    "Session": SessionById,
    "Event": EventById,
    "Outcome": OutcomeById,
    "PredictionModel": PredictionModelById,
    "Segment": SegmentById,
    "RejectedEvent": RejectedEventById,
    "ExternalOrganization": OrganizationById,
    "Relationship": RelationshipById,
    "Note": NoteById,
    "ExternalSource": ExternalSourceById,
    "Division": DivisionById,
}
"""What `node` can find, and the loader of each."""


@strawberry.type(description="What can be asked.")
class Query(ContactQueries, VisitQueries, DefinitionQueries, PreviewQueries, RecordQueries, KeyQueries):
    """The root of queries. A value of every type is the stored document: hence the ignored return types."""

    @strawberry.field(
        description="Anything, by its id; null when it is not there. What it is decides which permission is needed.",
        directives=[PUBLIC],
    )
    async def node(self, info: Info, id: Id) -> Node | None:  # noqa: A002 - the name that Relay prescribes
        """Return a thing by its global id."""
        kind, stored_id = from_global_id(id)
        loader = KINDS.get(kind)
        needed = permission_declared_by(info.schema.get_type_by_name(kind)) if loader else None
        if needed is not None:
            demand(info.context.viewer, needed, kind)
        if loader is ContactById:
            return await contact_looked_at(info, stored_id)  # type: ignore[return-value]
        return await info.context.loader(loader).load(stored_id) if loader else None  # type: ignore[return-value]

    @strawberry.field(description="Who asks.", directives=[PUBLIC])
    async def viewer(self, info: Info) -> Viewer:
        """Return who asks."""
        viewer = info.context.viewer
        if viewer is None:
            raise Unauthenticated("No token was given.")
        return viewer_from(viewer)
