"""Collection `rejectedEvents`: events that could not be applied, as they came in, with the reason; kept for 90 days."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from pymongo import ASCENDING, DESCENDING, IndexModel

from gateway.storage.documents.shape import Stored

KEPT_FOR = timedelta(days=90)


class RejectedEventDocument(Stored):
    """A stored event that was set aside. `wire` is the call as it was sent, cleaned but not understood."""

    message_id: str
    write_key_id: str
    reason: str
    created_date: datetime
    received_date: datetime
    rejected_date: datetime
    ip_address: str | None = None
    user_agent_string: str | None = None
    wire: dict[str, Any]
    division_id: str | None = None

    class Settings:
        """Collection and indexes."""

        name = "rejectedEvents"
        indexes: ClassVar = [
            IndexModel([("rejectedDate", DESCENDING), ("_id", DESCENDING)], name="rejected"),
            IndexModel(
                [("divisionId", ASCENDING), ("rejectedDate", DESCENDING), ("_id", DESCENDING)],
                name="division",
                partialFilterExpression={"divisionId": {"$exists": True}},
            ),
            # by whoever sent them, so that they go when their visitor goes
            IndexModel([("wire.anonymousId", ASCENDING)], name="visitor"),
            IndexModel([("wire.userId", ASCENDING)], name="user"),
            IndexModel([("rejectedDate", ASCENDING)], name="expiry", expireAfterSeconds=int(KEPT_FOR.total_seconds())),
        ]
