"""What is stored about the models of one outcome: every version, and visits with what was told of them step by step."""

from collections.abc import Sequence
from datetime import datetime

from gateway.storage.database import Database, Row
from gateway.storage.documents.prediction import PREDICTED_BY
from gateway.storage.reading import reading

VERSIONS = 50
"""Versions of a model that are read, the newest ones."""
NEWEST_VISITS = 3_000
"""Past visits among which samples are looked for; each is read without what it says of the visitor."""
STEPS = 200
"""Events of one visit that are read, the first ones."""
_OF_VERSION = {"reached": 0, "achieved": 0, "schema": 0, "columns": 0, "calibrationFactors": 0, "highest": 0}
_OF_SESSION = {"shortId": 1, "createdDate": 1, "eventCount": 1, "outcomeAchievements": 1, PREDICTED_BY: 1}
_OF_EVENT = {
    **dict.fromkeys(("sessionId", "sequence", "createdDate", "eventName", "page.url", "outcomeAchievements"), 1),
    "predictions": 1,
}


async def versions_of(database: Database, outcome_id: str) -> list[Row]:
    """Return the models of an outcome, newest first, without what they are made of.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    with reading("the models of an outcome"):
        cursor = database["predictionModels"].find({"outcomeId": outcome_id}, _OF_VERSION)
        return await cursor.sort({"trainedDate": -1, "_id": -1}).limit(VERSIONS).to_list()


async def newest_visits(database: Database, ended_before: datetime) -> list[Row]:
    """Return the newest sessions whose last event lies before a moment.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    with reading("the newest visits"):
        cursor = database["sessions"].find({"lastEvent.createdDate": {"$lt": ended_before}}, _OF_SESSION)
        return await cursor.sort({"activeDate": -1}).limit(NEWEST_VISITS).to_list()


async def told_events(database: Database, session_ids: Sequence[str]) -> dict[str, list[Row]]:
    """Return the first events of each of these sessions, by session, in order of arrival.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    found: dict[str, list[Row]] = {id_: [] for id_ in session_ids}
    wanted = {"sessionId": {"$in": list(session_ids)}, "sequence": {"$lte": STEPS}}
    with reading("the events of visits"):
        async for row in database["events"].find(wanted, _OF_EVENT):
            found[row["sessionId"]].append(row)
    return {id_: sorted(rows, key=lambda row: row["sequence"]) for id_, rows in found.items()}
