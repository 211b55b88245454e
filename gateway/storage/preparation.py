"""What the database needs before it serves: collections and indexes, made when they are missing."""

import asyncio

from beanie import init_beanie

from gateway.storage.connection import Connection
from gateway.storage.documents import DOCUMENTS


async def prepare(connection: Connection) -> None:
    """Make every collection and index that is not there yet. Doing it again changes nothing."""
    await init_beanie(database=connection.database, document_models=DOCUMENTS)
    there = set(await connection.database.list_collection_names())
    # A collection that a transaction has to make first would hold up the first batches.
    missing = {document.get_settings().name for document in DOCUMENTS} - there
    await asyncio.gather(*(connection.database.create_collection(name) for name in missing if name))
