"""Write keys: made, changed and found by the text that senders carry."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument

from gateway.journey.ids import derive_id
from gateway.storage.database import Database, Row
from gateway.storage.documents.write_key import WriteKeyDocument


async def add_write_key(database: Database, key: str, name: str, now: datetime) -> Row:
    """Store a new write key that collects from everywhere, and return it as it is stored."""
    document = WriteKeyDocument(id=derive_id("write key", key), key=key, name=name, created_date=now)
    row = {"_id": document.id, **document.model_dump(by_alias=True, exclude={"id", "revision_id"})}
    await database["writeKeys"].insert_one(row)
    return row


async def change_write_key(database: Database, key: str, changes: Mapping[str, Any]) -> Row | None:
    """Set these stored fields of a write key; return it as it is now, or None when there is no such key."""
    return await database["writeKeys"].find_one_and_update(
        {"key": key}, {"$set": dict(changes)}, return_document=ReturnDocument.AFTER
    )
