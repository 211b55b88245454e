"""Past sessions with their events, as training reads them: newest sessions first, a few hundred at a time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from pymongo.errors import PyMongoError

from gateway.journey.event import Event, Visit
from gateway.storage.database import Database, Row
from gateway.storage.documents.event import event_from
from gateway.storage.documents.feature_state import visits_of
from gateway.storage.documents.session import VISIT_PARTS
from gateway.storage.errors import MongoDBUnreachable
from gateway.storage.reading import reading

SESSIONS_AT_ONCE = 500
MAX_EVENTS = 1_000
"""Events of one session that are read, the first ones; only robots have more."""
_OF_SESSION = {**dict.fromkeys(VISIT_PARTS.values(), 1), "featureState.visits": 1, "eventCount": 1}
"""Of the feature state only what no event tells."""
_OF_EVENT = {"traits": 0, "predictions": 0, "outcomeAchievements": 0, "segmentAssignments": 0}


@dataclass(frozen=True, slots=True)
class History:
    """The events of a past session, in order of arrival, and its number among its contact's sessions; 0 is unknown."""

    events: tuple[Event, ...]
    visits: int = 0


async def newest_end(database: Database, before: datetime) -> datetime | None:
    """Return a moment, at most five minutes too late, by which the newest session before another moment had ended.

    None where there is no such session.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    with reading("when the newest session ended"):
        ended = {"lastEvent.createdDate": {"$lt": before}}
        row = await database["sessions"].find_one(ended, {"activeDate": 1}, sort=[("activeDate", -1)])
    return row["activeDate"] if row else None


async def histories(database: Database, since: datetime, until: datetime, at_most: int) -> AsyncIterator[list[History]]:
    """Yield the sessions whose last event lies in the interval, newest first, until they have about so many events.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    ended = {"activeDate": {"$gte": since}, "lastEvent.createdDate": {"$gte": since, "$lt": until}}
    cursor = database["sessions"].find(ended, _OF_SESSION).sort("activeDate", -1).batch_size(SESSIONS_AT_ONCE)
    events, rows = 0, list[Row]()
    try:
        async for row in cursor:
            rows.append(row)
            events += row["eventCount"]
            if len(rows) >= SESSIONS_AT_ONCE:
                yield await _with_events(database, rows)
                rows = []
            if events >= at_most:
                break
        yield await _with_events(database, rows)
    except PyMongoError as error:
        raise MongoDBUnreachable(f"MongoDB did not tell past sessions: {error}") from error
    finally:
        await cursor.close()


async def _with_events(database: Database, sessions: list[Row]) -> list[History]:
    found: dict[str, list[Row]] = {session["_id"]: [] for session in sessions}
    cursor = database["events"].find({"sessionId": {"$in": list(found)}}, _OF_EVENT).batch_size(10_000)
    async for row in cursor:
        found[row["sessionId"]].append(row)
    return [_history(session, found[session["_id"]]) for session in sessions]


def _history(session: Row, rows: list[Row]) -> History:
    visit = Visit(**{part: session.get(stored) for part, stored in VISIT_PARTS.items()})
    rows.sort(key=lambda row: row["sequence"])
    return History(tuple(event_from(row, visit) for row in rows[:MAX_EVENTS]), visits_of(session))
