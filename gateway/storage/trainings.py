"""What is stored of full trainings and of how models do since: when which began, and what has come in after it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.storage.database import Database, Row
from gateway.storage.definitions import made_known
from gateway.storage.reading import reading
from gateway.storage.writing import writing

COLLECTION = "trainings"
ACHIEVED_INDEX = "achieved"


async def last_trainings(database: Database, outcome_ids: Sequence[str]) -> dict[str, Row]:
    """Return the last full training of each outcome that ever had one, by outcome id.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    with reading("when outcomes were trained"):
        return {row["_id"]: row async for row in database[COLLECTION].find({"_id": {"$in": list(outcome_ids)}})}


async def note_training_started(database: Database, goals: Mapping[str, str], now: datetime) -> None:
    """Note that a full training of these outcomes begins, with what achieves each of them now.

    Raises:
        NotStored: MongoDB cannot take it now.
    """
    writes = [
        UpdateOne({"_id": id_}, {"$set": {"goal": goal, "startedDate": now, "isOver": False}}, upsert=True)
        for id_, goal in goals.items()
    ]
    if writes:
        with writing("that a training begins"):
            await database[COLLECTION].bulk_write(writes, ordered=False)


async def note_training_over(database: Database, outcome_ids: Sequence[str]) -> None:
    """Note that it has come to its end.

    Raises:
        NotStored: MongoDB cannot take it now.
    """
    with writing("that a training is over"):
        await database[COLLECTION].update_many({"_id": {"$in": list(outcome_ids)}}, {"$set": {"isOver": True}})


async def sessions_that_achieved_since(database: Database, outcome_id: str, since: datetime, at_most: int) -> int:
    """Return how many sessions that began after this moment have reached the outcome, counting no further than told.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    achieved: Row = {
        "outcomeAchievements": {"$exists": True},  # what the index is limited to
        "outcomeAchievements.outcomeId": outcome_id,
        "createdDate": {"$gt": since},
    }
    with reading("how often an outcome was reached"):
        return await database["sessions"].count_documents(achieved, hint=ACHIEVED_INDEX, limit=at_most)


async def make_newest(database: Database, model_id: str, trained_date: datetime) -> None:
    """Date a model again, so that it serves instead of those that were stored in between, and make that known."""

    async def work(session: AsyncClientSession) -> None:
        changes = {"$set": {"trainedDate": trained_date}}
        await database["predictionModels"].update_one({"_id": model_id}, changes, session=session)

    await made_known(database, work)


async def note_drift(database: Database, model_id: str, drift: Row) -> None:
    """Store on a model's card how it does of late.

    Raises:
        NotStored: MongoDB cannot take it now.
    """
    with writing("how a model does"):
        await database["predictionModels"].update_one({"_id": model_id}, {"$set": {"drift": drift}})
