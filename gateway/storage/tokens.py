"""Tokens as they are stored: found by their hash, by what people call them, and marked as used."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from gateway.storage.database import Database, Row
from gateway.storage.reading import reading
from gateway.storage.writing import writing


async def token_by_hash(database: Database, token_hash: str) -> Row | None:
    """Return the token with this hash, or None."""
    with reading("tokens"):
        return await database["tokens"].find_one({"hash": token_hash})


async def tokens_called(database: Database, called: str) -> list[Row]:
    """Return the tokens that are in force or expired and have this name, and the one with this id in any case."""
    named = {"name": called, "revokedDate": {"$exists": False}}
    with reading("tokens"):
        return await database["tokens"].find({"$or": [{"_id": called}, named]}).sort({"createdDate": 1}).to_list()


def tokens_within(divisions: Collection[str] | None) -> Row:
    """Return the condition for tokens that see no other divisions than these; None stands for all, and any token."""
    if divisions is None:
        return {}
    return {"divisionIds": {"$exists": True, "$not": {"$elemMatch": {"$nin": sorted(divisions)}}}}


async def note_uses(database: Database, dates: Mapping[str, datetime]) -> None:
    """Store when tokens were last used, by their ids; a later date that is there already stays.

    Raises:
        NotStored: MongoDB cannot take it now.
    """
    updates = [UpdateOne({"_id": id_}, {"$max": {"lastUsedDate": date}}) for id_, date in dates.items()]
    if updates:
        with writing("when tokens were used"):
            await database["tokens"].bulk_write(updates, ordered=False)


async def is_without(database: Database, collection: str) -> bool:
    """Tell whether nothing is in this collection yet."""
    return await database[collection].find_one({}, {"_id": 1}) is None


async def add_row(database: Database, collection: str, row: Mapping[str, Any]) -> None:
    """Store one row; the same row that another process was first to store stays as it is."""
    with suppress(DuplicateKeyError):
        await database[collection].insert_one(dict(row))
