"""What the site has defined, and the one number that tells every process when it has changed."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar

from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from gateway.storage.database import Database, Row
from gateway.storage.documents.definition_version import CURRENT
from gateway.storage.errors import StorageError
from gateway.storage.keyset import LAST_TRAINED_FIRST
from gateway.storage.pages import Listing, Window, pages_by_key
from gateway.storage.reading import reading
from gateway.storage.rows import all_rows
from gateway.storage.writing import writing

Result = TypeVar("Result")
ChangesOf = Callable[[Row], Mapping[str, Any]]
"""What is to be changed of a definition that is stored so."""


OUTCOMES, SEGMENTS = "outcomes", "segments"
"""Collections of definitions."""
SERVING = Listing(
    "predictionModels",
    LAST_TRAINED_FIRST,
    key="outcomeId",
    filter={"isRejected": {"$ne": True}},
)
"""Models that are good enough to serve, the newest of each outcome first."""
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
    return await all_rows(database, OUTCOMES)


async def segment_rows(database: Database) -> list[Row]:
    """Return every segment, oldest first.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    return await all_rows(database, SEGMENTS)


async def newest_models(database: Database, outcome_ids: list[str]) -> dict[str, Row]:
    """Return the newest model of each outcome that is good enough to serve, by outcome id.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    if not outcome_ids:
        return {}
    pages = await pages_by_key(database, SERVING, Window(limit=1), outcome_ids)
    return {str(outcome_id): page.rows[0] for outcome_id, page in pages.items() if page.rows}


async def add_definition(database: Database, collection: str, row: Row) -> None:
    """Store a new outcome or segment and make it known to every process.

    Raises:
        NameTaken: there is one of that display name.
    """
    try:
        await _add(database, collection, row)
    except DuplicateKeyError as error:
        raise _name_taken(collection, row["displayName"]) from error


async def change_definition(database: Database, collection: str, id_: str, changes_of: ChangesOf) -> Row | None:
    """Change fields of an outcome or segment, count its version up, and make it known.

    `changes_of` tells by the definition as it is stored what is to be changed, None takes a field away: whoever changes
    another field at the same moment is not undone. What it raises comes through, and nothing is changed.

    Return it as it is now, or None where there is none.

    Raises:
        NameTaken: there is another one of the display name.
    """

    async def work(session: AsyncClientSession) -> Row | None:
        before = await database[collection].find_one({"_id": id_}, session=session)
        if before is None:
            return None
        changes = changes_of(before)
        told = {name: value for name, value in changes.items() if value is not None}
        gone = {"$unset": dict.fromkeys(changes.keys() - told.keys(), "")} if len(told) < len(changes) else {}
        return await database[collection].find_one_and_update(
            {"_id": id_},
            {"$set": told, "$inc": {"version": 1}, **gone},
            return_document=ReturnDocument.AFTER,
            session=session,
        )

    try:
        return await made_known(database, work)
    except DuplicateKeyError as error:
        raise _name_taken(collection, str(_name_in(error))) from error


async def delete_definition(database: Database, collection: str, id_: str) -> Row | None:
    """Delete an outcome or segment, and make that known; return it as it was, or None where there is none.

    What sessions have achieved, or belong to, by it stays in their history, under its id.
    """

    async def work(session: AsyncClientSession) -> Row | None:
        return await database[collection].find_one_and_delete({"_id": id_}, session=session)

    return await made_known(database, work)


async def packed_trees(database: Database, model_ids: Collection[str]) -> dict[str, bytes]:
    """Return the trees of learned models, by the model's id.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    with reading("the trees of models"):
        cursor = database["predictionModelTrees"].find({"_id": {"$in": list(model_ids)}})
        return {row["_id"]: row["packed"] async for row in cursor}


async def add_model(database: Database, model: Row, trees: bytes | None = None) -> None:
    """Store a newly learned model, with its trees if it has any, and make it serve in every process."""
    if trees is not None:
        with writing("the trees of a model"):
            await database["predictionModelTrees"].insert_one({"_id": model["_id"], "packed": trees})
    await _add(database, "predictionModels", model)


async def confirm_model(database: Database, model_id: str, trained_date: datetime) -> None:
    """Note that training has come to the same model again."""
    await database["predictionModels"].update_one({"_id": model_id}, {"$set": {"trainedDate": trained_date}})


async def made_known(database: Database, work: Callable[[AsyncClientSession], Awaitable[Result]]) -> Result:
    """Do the work and count the version up in one transaction; it is done again when another process was first.

    Return what the work did, when every process applies it.
    """

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


def _name_in(error: DuplicateKeyError) -> object:
    """Return the name that is there already."""
    return (error.details or {}).get("keyValue", {}).get("displayName")


def _name_taken(collection: str, name: str) -> NameTaken:
    kind = {OUTCOMES: "an outcome", SEGMENTS: "a segment"}[collection]
    return NameTaken(f"There is {kind} named {name!r} already: choose another displayName.")


async def _add(database: Database, collection: str, row: Row) -> None:
    async def work(session: AsyncClientSession) -> None:
        await database[collection].insert_one(row, session=session)

    await made_known(database, work)
