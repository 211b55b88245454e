"""Sessions and events, among the roots of what can be asked."""

from dataclasses import replace

import strawberry

from gateway.access.permissions import Permission
from gateway.graph import lists
from gateway.graph.connection import Connection
from gateway.graph.cost_directives import PAGED
from gateway.graph.filters import (
    Sessions,
    session_conditions,
)
from gateway.graph.forbidden import demand_of_input
from gateway.graph.listing import Id, listed
from gateway.graph.loaders import (
    EventById,
    MergedInto,
    SessionById,
)
from gateway.graph.node import stored_id_of
from gateway.graph.requires import requires
from gateway.graph.types.journey import Event, Session
from gateway.graph.types.rejected_event import RejectedEvent
from gateway.graph.windows import window_of
from gateway.graph.words import After, Before, First, Info, Last
from gateway.journey.division import HOME
from gateway.journey.session import WEB
from gateway.storage.pages import Listing


@strawberry.type(description="What can be asked of visits.")
class VisitQueries:
    """Roots about visits. A value of every type is the stored document: hence the ignored return types."""

    @strawberry.field(description="A session, by its id.", directives=[requires(Permission.SESSION_VIEW)])
    async def session(self, info: Info, id: Id) -> Session | None:  # noqa: A002
        """Return one session."""
        return await info.context.loader(SessionById).load(stored_id_of("Session", id))  # type: ignore[return-value]

    @strawberry.field(description="Sessions, the newest first.", directives=[requires(Permission.SESSION_VIEW), PAGED])
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
        demand_of_input(info.context.viewer, filter)
        conditions = session_conditions(filter, info.context.clock(), info.context.sight)
        listing = Listing("sessions", lists.SESSIONS.order, filter=conditions)
        if "contactId" in listing.filter:
            listing = await _of_customer(info, listing)
        return await listed(info, listing, window_of(first, after, last, before))  # type: ignore[return-value]

    @strawberry.field(description="An event, by its id.", directives=[requires(Permission.EVENT_VIEW)])
    async def event(self, info: Info, id: Id) -> Event | None:  # noqa: A002
        """Return one event."""
        return await info.context.loader(EventById).load(stored_id_of("Event", id))  # type: ignore[return-value]

    @strawberry.field(
        description="Events that could not be applied, the last rejected first.",
        directives=[requires(Permission.REJECTED_EVENT_VIEW), PAGED],
    )
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
        return await listed(info, lists.REJECTED_EVENTS, window)  # type: ignore[return-value]


async def _of_customer(info: Info, listing: Listing) -> Listing:
    """Return the list of a contact's sessions with those of everything that was merged into it."""
    contact_id = listing.filter["contactId"]
    merged = await info.context.loader(MergedInto).load(contact_id)
    if not merged:
        return listing
    ids = [contact_id, *(row["_id"] for row in merged)]
    # who is here now, and who came by another channel, are found sooner by other indexes
    is_rare = "activeDate" in listing.filter or listing.filter.get("type", WEB) != WEB
    at_home = info.context.sight.sees_division(HOME) and listing.filter.get("divisionId") is None
    index = None if is_rare else "contact" if at_home else "contact_division"
    return replace(listing, filter={**listing.filter, "contactId": {"$in": ids}}, index=index)
