"""Sessions whose end something waits for: found once they are over, and told what that has fulfilled."""

from collections.abc import Iterable
from datetime import datetime

from pymongo import UpdateOne

from gateway.journey.session import ACTIVE_STEP, Session
from gateway.storage.database import Database, Row
from gateway.storage.documents.session import REVISED, session_changes, session_from
from gateway.storage.reading import reading
from gateway.storage.writing import writing

INDEX = "awaiting_end"


async def sessions_awaiting_end(database: Database, last_event_until: datetime, limit: int) -> list[Session]:
    """Return sessions that await their end and had no event since that moment, the longest silent first.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    silent: Row = {
        "awaitsEnd": True,
        "activeDate": {"$lt": last_event_until + ACTIVE_STEP},
        "lastEvent.createdDate": {"$lte": last_event_until},
    }
    with reading("sessions"):
        cursor = database["sessions"].find(silent, hint=INDEX).sort({"activeDate": 1, "_id": 1}).limit(limit)
        return [session_from(row) async for row in cursor]


async def store_ends(database: Database, ends: Iterable[tuple[Session, Session]]) -> None:
    """Store sessions as their end has left them, each given as it was and as it is.

    A session that had another event in between was not over; it is left as it is.

    Raises:
        NotStored: MongoDB cannot take it now.
    """
    writes = [
        UpdateOne(
            {"_id": after.id, "lastEvent.id": before.last_event.id, "awaitsEnd": True},
            {"$set": session_changes(before, after)} | REVISED,
        )
        for before, after in ends
    ]
    with writing("what sessions have fulfilled by their end"):
        await database["sessions"].bulk_write(writes, ordered=False)
