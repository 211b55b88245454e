"""Prepared databases that tests use in turn: to empty one takes a fifth of what it takes to make and drop one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from gateway.storage.connection import Connection, Document, connect
from gateway.storage.preparation import prepare

Catalog = dict[str, tuple[object, ...]]
"""What is known of each collection: its type, its options with its UUID, and its indexes."""


_at_hand: dict[tuple[str, str], Catalog] = {}
"""The empty databases, by the URL of their MongoDB and their name."""


@asynccontextmanager
async def prepared_database(url: str) -> AsyncIterator[Connection]:
    """Yield a connection to a database with every collection and index and no documents, which nobody else uses.

    It is emptied after the block, or dropped where the block has changed its collections, as with a validator or index.
    """
    name, catalog = _take(url)
    async with await connect(url, name) as connection:
        if catalog is None:
            await prepare(connection)
            catalog = await _catalog_of(connection)
        yield connection
        if await _catalog_of(connection) == catalog:
            await asyncio.gather(*(connection.database[collection].delete_many({}) for collection in catalog))
            _at_hand[url, name] = catalog
        else:
            await connection.client.drop_database(name)


def _take(url: str) -> tuple[str, Catalog | None]:
    for key in _at_hand:
        if key[0] == url:
            return key[1], _at_hand.pop(key)
    return f"test_{uuid4().hex}", None


async def _catalog_of(connection: Connection) -> Catalog:
    stages: list[Document] = [{"$listCatalog": {}}, {"$match": {"db": connection.database.name}}]
    entries = await (await connection.client.admin.aggregate(stages)).to_list()
    return {entry["name"]: (entry["type"], *_described(entry.get("md", {}))) for entry in entries}


def _described(collection: Document) -> tuple[object, ...]:
    """Return what only a command changes, without what documents have changed: which index holds arrays."""
    return (collection.get("options"), [index["spec"] for index in collection.get("indexes", [])])
