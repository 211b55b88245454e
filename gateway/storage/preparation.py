"""What the database needs before it serves: collections and indexes, made when they are missing."""

import asyncio

from beanie import init_beanie
from pymongo.errors import CollectionInvalid, OperationFailure

from gateway.storage.connection import Connection
from gateway.storage.documents import DOCUMENTS

_NAMESPACE_EXISTS = 48


async def prepare(connection: Connection) -> None:
    """Make every collection and index that is not there yet. Doing it again changes nothing."""
    await init_beanie(database=connection.database, document_models=DOCUMENTS)
    there = set(await connection.database.list_collection_names())
    # A collection that a transaction has to make first would hold up the first batches.
    missing = {document.get_settings().name for document in DOCUMENTS} - there
    await asyncio.gather(*(_create(connection, name) for name in missing if name))


async def _create(connection: Connection, name: str) -> None:
    try:
        await connection.database.create_collection(name)
    except (CollectionInvalid, OperationFailure) as error:
        # another process prepares the same database: the driver tells of it if it has looked, else the server does
        if isinstance(error, OperationFailure) and error.code != _NAMESPACE_EXISTS:
            raise
