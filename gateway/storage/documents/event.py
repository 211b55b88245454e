"""Collection `events`: what happened, one document a tracking call; never changed after it is written.

The id is derived from write key and message id, so the unique index on `_id` is the duplicate check.
Page views, which are nine of ten events, stay out of the index on `eventName`: nobody looks for them by that name.
Shard key: hashed `customerId`. The same message always names the same visitor, so its id is unique across shards.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from pymongo import ASCENDING, DESCENDING, IndexModel

from gateway.journey.advance import Step
from gateway.journey.event import NOTHING, PAGE_VIEWED, Event, Visit
from gateway.storage.database import Row
from gateway.storage.documents.prediction import StoredTold
from gateway.storage.documents.shape import Stored, without_gaps


class EventDocument(Stored):
    """A stored event. `predictions` are the probabilities that were told right after it."""

    message_id: str
    session_id: str
    contact_id: str
    customer_id: str
    customer_id_type: str
    event_name: str
    created_date: datetime
    received_date: datetime
    sequence: int
    page: dict[str, Any] | None = None
    referrer_url: str | None = None
    search_query: str | None = None
    attributes: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    outcome_achievements: list[str] = []
    segment_assignments: list[str] = []
    division_id: str | None = None
    predictions: StoredTold = b""

    class Settings:
        """Collection and indexes."""

        name = "events"
        indexes: ClassVar = [
            IndexModel(
                [("sessionId", ASCENDING), ("createdDate", ASCENDING), ("sequence", ASCENDING)],
                name="session",
            ),
            IndexModel(
                [("contactId", ASCENDING), ("createdDate", DESCENDING), ("sequence", DESCENDING), ("_id", DESCENDING)],
                name="contact",
            ),
            IndexModel(
                [("eventName", ASCENDING), ("createdDate", DESCENDING)],
                name="event_name",
                partialFilterExpression={
                    "$or": [{"eventName": {"$lt": PAGE_VIEWED}}, {"eventName": {"$gt": PAGE_VIEWED}}]
                },
            ),
        ]


def event_row(step: Step, told: StoredTold = b"") -> Row:
    """Return the event of this step as it is stored, with what was told right after it."""
    event = step.event
    return without_gaps(
        (
            ("_id", event.id),
            ("messageId", event.message_id),
            ("sessionId", step.session.id),
            ("contactId", step.session.contact_id),
            ("customerId", event.customer_id),
            ("customerIdType", event.customer_id_type),
            ("eventName", event.event_name),
            ("createdDate", event.created_date),
            ("receivedDate", event.received_date),
            ("sequence", step.sequence),
            ("page", event.page),
            ("referrerUrl", event.referrer_url),
            ("searchQuery", event.search_query),
            ("attributes", event.attributes),
            ("traits", event.traits),
            ("outcomeAchievements", list(step.achieved_outcomes)),
            ("divisionId", event.division_id),
            ("segmentAssignments", list(step.assigned_segments)),
            ("predictions", told),
        )
    )


def event_from(row: Mapping[str, Any], visit: Visit) -> Event:
    """Return the event that is stored so; `visit` is what its session knows of the circumstances.

    Whom it claimed to be about is not stored with it.
    """
    return Event(
        id=row["_id"],
        message_id=row["messageId"],
        customer_id=row["customerId"],
        customer_id_type=row["customerIdType"],
        event_name=row["eventName"],
        created_date=row["createdDate"],
        received_date=row["receivedDate"],
        page=row.get("page"),
        referrer_url=row.get("referrerUrl"),
        search_query=row.get("searchQuery"),
        attributes=row.get("attributes", NOTHING),
        traits=row.get("traits", NOTHING),
        tell_visit=lambda: visit,
        division_id=row.get("divisionId"),
    )
