"""What sessions and customers fulfil: the outcomes that they reached, and the segments that they are in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from gateway.access.permissions import Permission
from gateway.graph import values
from gateway.graph.loaders import EventById, OutcomeById, SegmentById, SessionById
from gateway.graph.requires import requires
from gateway.graph.types.outcome import Outcome
from gateway.graph.types.segment import Segment
from gateway.graph.words import Info, Row, one, stored

# Sessions and events refer to these types, and that module imports this one: hence by name.
SessionReference = Annotated["Session", strawberry.lazy("gateway.graph.types.journey")]  # type: ignore[name-defined]  # noqa: F821
EventReference = Annotated["Event", strawberry.lazy("gateway.graph.types.journey")]  # type: ignore[name-defined]  # noqa: F821


@strawberry.type(description="An outcome that a session reached.", directives=[requires(Permission.OUTCOME_VIEW)])
class OutcomeAchievement:
    """An achievement."""

    outcome: Outcome = one(OutcomeById, "outcomeId", "The outcome.")
    session: SessionReference | None = one(SessionById, "sessionId", "The session that reached it.")
    event: EventReference | None = one(EventById, "eventId", "The event by which it was reached.")
    achieved_date: datetime = stored("achievedDate", "When it was reached.")


@strawberry.type(
    description="That a session, or a customer, is in a segment.", directives=[requires(Permission.SEGMENT_VIEW)]
)
class SegmentAssignment:
    """An assignment."""

    segment: Segment | None = one(SegmentById, "segmentId", "The segment; null once it is deleted.")
    session: SessionReference | None = one(
        SessionById, "sessionId", "The session that is in it; null if the customer is."
    )
    event: EventReference | None = one(
        EventById, "eventId", "The event by which it came into it; null if the end of the session, or another system."
    )
    assigned_date: datetime = stored("assignedDate", "Since when.")
    expires_date: datetime | None = stored("expiresDate", "Until when; null is without an end.")


async def segments_of(contact: Row, info: Info, *, also_past: bool = False) -> list[Row]:
    """Return the segments of customers that one is in, or was in as well, of those that are seen."""
    return values.assignments_of_customer(await info.context.customer(contact), info.context, also_past=also_past)
