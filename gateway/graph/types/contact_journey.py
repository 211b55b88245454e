"""The journey of a customer: everything that happened, over all sessions."""

from __future__ import annotations

from typing import Annotated

import strawberry

from gateway.access.permissions import Permission
from gateway.graph import lists, values
from gateway.graph.connection import Connection
from gateway.graph.cost_directives import size, weight
from gateway.graph.requires import requires
from gateway.graph.types.fulfilment import OutcomeAchievement, SegmentAssignment, segments_of
from gateway.graph.types.prediction import Prediction
from gateway.graph.words import NEVER_NULL, Info, Row, connection, customer_ids, of_latest_session, stored
from gateway.storage.pages import Window

# Contacts refer to their journey, and that module imports this one: hence by name.
ContactReference = Annotated["Contact", strawberry.lazy("gateway.graph.types.journey")]  # type: ignore[name-defined]  # noqa: F821
SessionReference = Annotated["Session", strawberry.lazy("gateway.graph.types.journey")]  # type: ignore[name-defined]  # noqa: F821
EventReference = Annotated["Event", strawberry.lazy("gateway.graph.types.journey")]  # type: ignore[name-defined]  # noqa: F821
MAX_SESSIONS = 200
"""Sessions whose outcomes and segments a journey tells, the newest ones."""


@strawberry.type(
    description="Everything that happened to a customer, over all sessions.",
    directives=[requires(Permission.CONTACT_SESSION_VIEW)],
)
class Journey:
    """A journey."""

    contact: ContactReference = stored("contact", "Whose journey it is. " + NEVER_NULL)
    sessions: Connection[SessionReference] = connection(
        lists.SESSIONS_OF_CONTACT, "The sessions, newest first. " + NEVER_NULL, of_customer=True
    )
    events: Connection[EventReference] = connection(
        lists.EVENTS_OF_CONTACT, "Every event, newest first. " + NEVER_NULL, of_customer=True
    )
    predictions: list[Prediction] = of_latest_session(
        values.predictions_of, "How likely the newest session reaches each outcome. " + NEVER_NULL, size=10
    )

    @strawberry.field(
        description="The outcomes reached, newest session first; of at most 200 sessions. " + NEVER_NULL,
        directives=[weight(10), size(20)],
    )
    async def outcome_achievements(root: strawberry.Parent[Row], info: Info) -> list[OutcomeAchievement]:  # noqa: N805 - the value, not an instance
        """Return what the contact's sessions have achieved."""
        pages = info.context.pages(lists.ACHIEVING_SESSIONS_OF_CONTACT, Window(MAX_SESSIONS))
        sessions = (await pages.load(await customer_ids(root, info))).rows
        return [achieved for session in sessions for achieved in values.achievements_of(session)]  # type: ignore[misc]  # a value is a mapping

    @strawberry.field(
        description="The segments of the customer and of the sessions, in the order in which it came into them; of the "
        "newest 200 sessions, those of the divisions that you see.",
        directives=[weight(10), size(20)],
    )
    async def segment_assignments(root: strawberry.Parent[Row], info: Info) -> list[SegmentAssignment] | None:  # noqa: N805 - the value, not an instance
        """Return the segments of the customer and of the customer's sessions."""
        pages = info.context.pages(lists.SESSIONS_OF_CONTACT, Window(MAX_SESSIONS))
        sessions = (await pages.load(await customer_ids(root, info))).rows
        of_sessions = [assigned for session in sessions for assigned in values.assignments_of_session(session)]
        of_customer = await segments_of(root["contact"], info, also_past=True)
        return values.in_order([*of_customer, *of_sessions])  # type: ignore[return-value]  # a value is a mapping
