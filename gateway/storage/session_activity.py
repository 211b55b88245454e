"""Sessions by the date of their last event: who is there now."""

from collections.abc import Collection
from datetime import datetime

from gateway.storage.as_of import Moment, rows_as_of
from gateway.storage.database import Database, Row
from gateway.storage.keyset import Order
from gateway.storage.reading import reading
from gateway.storage.sight import Sight

MOST_RECENT_FIRST = Order((("lastEvent.createdDate", -1), ("_id", -1)))


async def last_event_dates(database: Database, since: datetime) -> dict[str, datetime]:
    """Return the date of the last event of each session that had one since then, by session id."""
    with reading("sessions"):
        cursor = database["sessions"].find(last_event_after(since), {"lastEvent.createdDate": 1})
        return {row["_id"]: row["lastEvent"]["createdDate"] async for row in cursor}


async def active_sessions(database: Database, filter_: Row, since: datetime, limit: int) -> list[Row]:
    """Return the sessions that had an event after this moment, the most recent first."""
    active = {"$and": [filter_, last_event_after(since)]}
    with reading("sessions"):
        return await database["sessions"].find(active).sort(MOST_RECENT_FIRST.sort()).limit(limit).to_list()


async def active_sessions_as_of(
    database: Database, filter_: Row, since: datetime, limit: int, moment: Moment
) -> list[Row]:
    """Return the same of a moment in the past, with the sessions as they were then.

    Raises:
        PastLost: MongoDB no longer keeps that moment.
    """
    active = {"$and": [filter_, last_event_after(since)]}
    pipeline: list[Row] = [{"$match": active}, {"$sort": MOST_RECENT_FIRST.sort()}, {"$limit": limit}]
    return await rows_as_of(database, "sessions", pipeline, moment)


async def session_counts(database: Database, contact_ids: Collection[str], sight: Sight) -> dict[str, int]:
    """Return how many sessions of each of these contacts are seen, by contact id; a contact without any is left out."""
    pipeline: list[Row] = [
        {"$match": {"contactId": {"$in": list(contact_ids)}, **sight.of("sessions")}},
        {"$group": {"_id": "$contactId", "sessions": {"$sum": 1}}},
    ]
    with reading("sessions"):
        cursor = await database["sessions"].aggregate(pipeline, batchSize=len(contact_ids) + 1)
        return {row["_id"]: row["sessions"] async for row in cursor}


def last_event_after(since: datetime) -> Row:
    """Return the condition that the last event came after this moment; the rounded date leads to it by an index."""
    return {"activeDate": {"$gt": since}, "lastEvent.createdDate": {"$gt": since}}
