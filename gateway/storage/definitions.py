"""What the site has defined, and the one number that tells every process when it has changed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from gateway.storage.database import Database, Row
from gateway.storage.documents.definition_version import CURRENT
from gateway.storage.errors import StorageError
from gateway.storage.reading import reading

Result = TypeVar("Result")


SETTLED_SECONDS = 0.1
"""A change counts as made this long after it was stored: by then every process applies it to the next event."""


class NameTaken(StorageError):
    """Raised when a definition of that name is there already."""


async def definition_version(database: Database) -> int:
    """Return the number of the definitions in force; it grows with every change.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    with reading("the definitions"):
        row = await database["definitionVersions"].find_one({"_id": CURRENT})
    return row["number"] if row else 0


async def outcome_rows(database: Database) -> list[Row]:
    """Return every outcome, oldest first.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    with reading("the definitions"):
        return await database["outcomes"].find().sort({"createdDate": 1, "_id": 1}).to_list()


async def newest_models(database: Database, outcome_ids: list[str]) -> dict[str, Row]:
    """Return the newest model of each outcome, by outcome id.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    pipeline: list[Row] = [
        {"$match": {"outcomeId": {"$in": outcome_ids}}},
        {"$sort": {"outcomeId": 1, "trainedDate": -1}},
        {"$group": {"_id": "$outcomeId", "model": {"$first": "$$ROOT"}}},
    ]
    with reading("the definitions"):
        cursor = await database["predictionModels"].aggregate(pipeline)
        return {row["_id"]: row["model"] async for row in cursor}


async def add_outcome(database: Database, outcome: Row) -> None:
    """Store a new outcome and make it known to every process.

    Raises:
        NameTaken: there is an outcome of that display name.
    """
    try:
        await _add(database, "outcomes", outcome)
    except DuplicateKeyError as error:
        raise _name_taken(outcome["displayName"]) from error


async def change_outcome(database: Database, outcome_id: str, changes: Mapping[str, Any]) -> Row | None:
    """Change fields of an outcome, count its version up, and make it known; return it, or None where there is none.

    Raises:
        NameTaken: there is another outcome of the display name.
    """

    async def work(session: AsyncClientSession) -> Row | None:
        return await database["outcomes"].find_one_and_update(
            {"_id": outcome_id},
            {"$set": dict(changes), "$inc": {"version": 1}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )

    try:
        return await _made_known(database, work)
    except DuplicateKeyError as error:
        raise _name_taken(changes["displayName"]) from error


async def add_model(database: Database, model: Row) -> None:
    """Store a newly learned model and make it serve in every process."""
    await _add(database, "predictionModels", model)


async def confirm_model(database: Database, model_id: str, trained_date: datetime) -> None:
    """Note that training has come to the same model again."""
    await database["predictionModels"].update_one({"_id": model_id}, {"$set": {"trainedDate": trained_date}})


def _name_taken(name: str) -> NameTaken:
    return NameTaken(f"There is an outcome named {name!r} already: choose another displayName.")


async def _add(database: Database, collection: str, row: Row) -> None:
    async def work(session: AsyncClientSession) -> None:
        await database[collection].insert_one(row, session=session)

    await _made_known(database, work)


async def _made_known(database: Database, work: Callable[[AsyncClientSession], Awaitable[Result]]) -> Result:
    """Do the work and count the version up in one transaction; it is done again when another process was first."""

    async def counted(session: AsyncClientSession) -> Result:
        result = await work(session)
        await database["definitionVersions"].update_one(
            {"_id": CURRENT}, {"$inc": {"number": 1}}, upsert=True, session=session
        )
        return result

    async with database.client.start_session() as session:
        result = await session.with_transaction(counted)
    await asyncio.sleep(SETTLED_SECONDS)
    return result
