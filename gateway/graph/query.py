"""The roots of what can be asked."""

from typing import Annotated

import strawberry

from gateway.access.viewer import Viewer as DomainViewer
from gateway.graph import lists, values
from gateway.graph.connection import Connection
from gateway.graph.errors import Unauthenticated
from gateway.graph.filters import Contacts, Sessions, contact_conditions, session_conditions
from gateway.graph.loaders import (
    ById,
    ContactById,
    EventById,
    OutcomeById,
    PredictionModelById,
    RejectedEventById,
    SessionById,
)
from gateway.graph.node import Node, from_global_id, stored_id_of
from gateway.graph.types.enums import IdentifierType
from gateway.graph.types.journey import Contact, Event, Journey, Session
from gateway.graph.types.outcome import Outcome
from gateway.graph.types.rejected_event import RejectedEvent
from gateway.graph.windows import Listed, window_of
from gateway.graph.words import After, Before, First, Info, Last
from gateway.journey.identifier import normalised
from gateway.storage.definitions import outcome_rows
from gateway.storage.pages import Listing, Window, page_of
from gateway.storage.rows import contact_ids_of

KINDS: dict[str, type[ById]] = {
    "Contact": ContactById,
    "Session": SessionById,
    "Event": EventById,
    "Outcome": OutcomeById,
    "PredictionModel": PredictionModelById,
    "RejectedEvent": RejectedEventById,
}
"""What `node` can find, and the loader of each."""

Id = Annotated[strawberry.ID, strawberry.argument(description="The id, as this API gave it out.")]


@strawberry.type(description="Who asks.")
class Viewer:
    """The holder of the token."""

    name: str = strawberry.field(description="The name of the token.")
    role: str = strawberry.field(description="The role it gives.")


@strawberry.type(description="What can be asked.")
class Query:
    """The root of queries. A value of every type is the stored document: hence the ignored return types."""

    @strawberry.field(description="Anything, by its id; null when it is not there.")
    async def node(self, info: Info, id: Id) -> Node | None:  # noqa: A002 - the name that Relay prescribes
        """Return a thing by its global id."""
        kind, stored_id = from_global_id(id)
        loader = KINDS.get(kind)
        return await info.context.loader(loader).load(stored_id) if loader else None  # type: ignore[return-value]

    @strawberry.field(description="Who asks.")
    async def viewer(self, info: Info) -> Viewer:
        """Return who asks."""
        viewer: DomainViewer | None = info.context.viewer
        if viewer is None:
            raise Unauthenticated("No token was given.")
        return Viewer(name=viewer.name, role=viewer.role)

    @strawberry.field(description="A contact, by its id.")
    async def contact(self, info: Info, id: Id) -> Contact | None:  # noqa: A002
        """Return one contact."""
        return await info.context.loader(ContactById).load(stored_id_of("Contact", id))  # type: ignore[return-value]

    @strawberry.field(description="The contact that holds an identifier; the first created, when several do.")
    async def contact_by_identifier(
        self,
        info: Info,
        type: Annotated[IdentifierType, strawberry.argument(description="The kind of identifier.")],  # noqa: A002
        value: Annotated[str, strawberry.argument(description="The identifier.")],
    ) -> Contact | None:
        """Return the first contact with this identifier."""
        ids = await contact_ids_of(info.context.database, type.value, normalised(type.value, value))
        return await info.context.loader(ContactById).load(ids[0]) if ids else None  # type: ignore[return-value]

    @strawberry.field(description="Contacts, the newest first.")
    async def contacts(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Contacts = None,  # noqa: A002 - the name of the contract
    ) -> Connection[Contact]:
        """Return a page of contacts."""
        listing = Listing("contacts", lists.CONTACTS.order, filter=contact_conditions(filter))
        return await _listed(info, listing, window_of(first, after, last, before))  # type: ignore[return-value]

    @strawberry.field(description="A session, by its id.")
    async def session(self, info: Info, id: Id) -> Session | None:  # noqa: A002
        """Return one session."""
        return await info.context.loader(SessionById).load(stored_id_of("Session", id))  # type: ignore[return-value]

    @strawberry.field(description="Sessions, the newest first.")
    async def sessions(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Sessions = None,  # noqa: A002
    ) -> Connection[Session]:
        """Return a page of sessions."""
        listing = Listing("sessions", lists.SESSIONS.order, filter=session_conditions(filter, info.context.clock()))
        return await _listed(info, listing, window_of(first, after, last, before))  # type: ignore[return-value]

    @strawberry.field(description="An event, by its id.")
    async def event(self, info: Info, id: Id) -> Event | None:  # noqa: A002
        """Return one event."""
        return await info.context.loader(EventById).load(stored_id_of("Event", id))  # type: ignore[return-value]

    @strawberry.field(description="Everything that happened to a contact.")
    async def journey(self, info: Info, contact_id: Id) -> Journey | None:
        """Return the journey of a contact."""
        contact = await info.context.loader(ContactById).load(stored_id_of("Contact", contact_id, "contactId"))
        return values.journey_of(contact) if contact else None  # type: ignore[return-value]

    @strawberry.field(description="The outcomes that are defined, the oldest first.")
    async def outcomes(self, info: Info) -> list[Outcome]:
        """Return every outcome."""
        return await outcome_rows(info.context.database)  # type: ignore[return-value]

    @strawberry.field(description="Events that could not be applied, the last rejected first.")
    async def rejected_events(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[RejectedEvent]:
        """Return a page of rejected events."""
        window = window_of(first, after, last, before)
        return await _listed(info, lists.REJECTED_EVENTS, window)  # type: ignore[return-value]


async def _listed(info: Info, listing: Listing, window: Window) -> Listed:
    return Listed(await page_of(info.context.database, listing, window), listing.order)
