"""Write keys: made, changed and found by the text that senders carry."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument

from gateway.journey.ids import derive_id
from gateway.storage.database import Database, Row
from gateway.storage.documents.write_key import IdentitySecretPart, WriteKeyDocument
from gateway.storage.identity_secrets import draw_identity_secret


def new_write_key_row(key: str, name: str, now: datetime) -> Row:
    """Return a new write key as it is stored: it collects from everywhere, and has an identity secret of its own."""
    secret = IdentitySecretPart(value=draw_identity_secret(), created_date=now)
    document = WriteKeyDocument(
        id=derive_id("write key", key), key=key, name=name, identity_secrets=[secret], created_date=now
    )
    fields = document.model_dump(by_alias=True, exclude={"id", "revision_id"}, exclude_none=True)
    return {"_id": document.id, **fields}


async def add_write_key(database: Database, key: str, name: str, now: datetime) -> Row:
    """Store a new write key that collects from everywhere, and return it as it is stored."""
    row = new_write_key_row(key, name, now)
    await database["writeKeys"].insert_one(row)
    return row


async def change_write_key(database: Database, key: str, changes: Mapping[str, Any]) -> Row | None:
    """Set these stored fields of a write key; return it as it is now, or None when there is no such key."""
    return await database["writeKeys"].find_one_and_update(
        {"key": key}, {"$set": dict(changes)}, return_document=ReturnDocument.AFTER
    )


async def write_keys_called(database: Database, called: str) -> list[Row]:
    """Return the write keys of this name, or with this text."""
    return await database["writeKeys"].find({"$or": [{"key": called}, {"name": called}]}).sort("_id").to_list()
