"""Tokens and write keys as they are stored."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pymongo.errors import DuplicateKeyError

from gateway.storage.database import Database, Row
from gateway.storage.reading import reading


async def token_by_hash(database: Database, token_hash: str) -> Row | None:
    """Return the token with this hash, or None."""
    with reading("tokens"):
        return await database["tokens"].find_one({"hash": token_hash})


async def is_without(database: Database, collection: str) -> bool:
    """Tell whether nothing is in this collection yet."""
    return await database[collection].find_one({}, {"_id": 1}) is None


async def add_row(database: Database, collection: str, row: Mapping[str, Any]) -> None:
    """Store one row; the same row that another process was first to store stays as it is."""
    with suppress(DuplicateKeyError):
        await database[collection].insert_one(dict(row))
