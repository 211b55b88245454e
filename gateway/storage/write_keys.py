"""Write keys as they are stored: a new one, and those that people call by name or by their text."""

from collections.abc import Collection
from datetime import datetime

from gateway.journey.ids import derive_id
from gateway.storage.database import Database, Row
from gateway.storage.documents.write_key import IdentitySecretPart, WriteKeyDocument
from gateway.storage.identity_secrets import draw_identity_secret
from gateway.storage.reading import reading
from gateway.storage.sight import of_divisions


def new_write_key_row(key: str, name: str, now: datetime) -> Row:
    """Return a new write key as it is stored: it collects from everywhere, and has an identity secret of its own."""
    secret = IdentitySecretPart(value=draw_identity_secret(), created_date=now)
    document = WriteKeyDocument(
        id=derive_id("write key", key), key=key, name=name, identity_secrets=[secret], created_date=now
    )
    fields = document.model_dump(by_alias=True, exclude={"id", "revision_id"}, exclude_none=True)
    return {"_id": document.id, **fields}


def write_keys_within(divisions: Collection[str] | None) -> Row:
    """Return the condition for the write keys of these divisions; None stands for all divisions."""
    return {} if divisions is None else of_divisions(divisions)


async def write_keys_called(database: Database, called: str) -> list[Row]:
    """Return the write keys that are not revoked and have this name, and the one with this text in any case."""
    named = {"name": called, "revokedDate": {"$exists": False}}
    with reading("writeKeys"):
        return await database["writeKeys"].find({"$or": [{"key": called}, named]}).sort("_id").to_list()
