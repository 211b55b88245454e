"""Sessions that are over, with what they were told of outcomes and which they have reached: how models do of late."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pymongo.errors import PyMongoError

from gateway.storage.database import Database, Row
from gateway.storage.documents.prediction import PREDICTED_BY, prediction_rows, probabilities_after
from gateway.storage.errors import MongoDBUnreachable

SESSIONS_AT_ONCE = 500
MAX_EVENTS = 200
"""Events of one session that are looked at, the first ones, as training does; only robots have more."""
_OF_SESSION: Row = {
    "createdDate": 1,
    PREDICTED_BY: 1,
    "predictions": 1,
    "outcomeAchievements.outcomeId": 1,
}


@dataclass(frozen=True, slots=True)
class ToldSession:
    """A session that is over.

    `models` are the ids of those that told it something last, `told` all probabilities, in no order, both by outcome.
    """

    created_date: datetime
    models: dict[str, str]
    achieved: frozenset[str]
    told: dict[str, list[float]] = field(default_factory=dict)


async def told_sessions(
    database: Database, since: datetime, until: datetime, at_most: int
) -> AsyncIterator[list[ToldSession]]:
    """Yield so many sessions that began after one moment and had their last event before another, newest first.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    over: Row = {"activeDate": {"$gte": since}, "createdDate": {"$gte": since}, "lastEvent.createdDate": {"$lt": until}}
    found = database["sessions"].find(over, _OF_SESSION, hint="active", batch_size=SESSIONS_AT_ONCE)
    cursor = found.sort("activeDate", -1).limit(at_most)
    rows = list[Row]()
    try:
        async for row in cursor:
            rows.append(row)
            if len(rows) >= SESSIONS_AT_ONCE:
                yield await _with_told(database, rows)
                rows = []
        if rows:
            yield await _with_told(database, rows)
    except PyMongoError as error:
        raise MongoDBUnreachable(f"MongoDB did not tell what sessions were told: {error}") from error
    finally:
        await cursor.close()


async def _with_told(database: Database, rows: Sequence[Row]) -> list[ToldSession]:
    stored = {row["_id"]: row for row in rows}
    sessions = {id_: _session(row) for id_, row in stored.items()}
    first = {"sessionId": {"$in": list(sessions)}, "sequence": {"$lte": MAX_EVENTS}}
    wanted = {"_id": 0, "sessionId": 1, "predictions": 1}
    async for event in database["events"].find(first, wanted, hint="session", batch_size=10_000):
        told = sessions[event["sessionId"]].told
        for outcome_id, probability in probabilities_after(event, stored[event["sessionId"]]).items():
            told.setdefault(outcome_id, []).append(probability)
    return list(sessions.values())


def _session(row: Row) -> ToldSession:
    return ToldSession(
        row["createdDate"],
        {one["outcomeId"]: one["modelId"] for one in prediction_rows(row) if "modelId" in one},
        frozenset(one["outcomeId"] for one in row.get("outcomeAchievements", ())),
    )
