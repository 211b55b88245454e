"""Rows by id and by key: one command for all that are asked for together."""

from collections.abc import Sequence

from gateway.storage.database import Database, Row
from gateway.storage.keyset import NEWEST_FIRST
from gateway.storage.pages import Listing, Parent, Window, pages_by_key
from gateway.storage.reading import reading
from gateway.storage.sight import EVERYTHING, Sight


async def rows_by_id(
    database: Database, collection: str, ids: Sequence[str], sight: Sight = EVERYTHING
) -> dict[str, Row]:
    """Return the rows of these ids, by id; an id that is not there, or not seen, is left out."""
    wanted = {"_id": {"$in": list(ids)}, **sight.of(collection)}
    with reading(collection):
        cursor = database[collection].find(wanted, batch_size=len(ids) + 1)
        return {row["_id"]: row async for row in cursor}


async def latest_by_key(
    database: Database, collection: str, key: str, parents: Sequence[Parent], sight: Sight = EVERYTHING
) -> dict[Parent, Row]:
    """Return the newest row that is seen of each parent; a parent without rows is left out."""
    listing = Listing(collection, NEWEST_FIRST, key=key, filter=sight.of(collection))
    pages = await pages_by_key(database, listing, Window(limit=1), parents)
    return {parent: page.rows[0] for parent, page in pages.items() if page.rows}


async def all_rows(database: Database, collection: str) -> list[Row]:
    """Return every row of a small collection of definitions, oldest first."""
    with reading(collection):
        return await database[collection].find().sort({"createdDate": 1, "_id": 1}).to_list()
