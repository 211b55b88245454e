"""The keys of an empty database: one write key for the tag, one admin token for people."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.access.tokens import ADMIN, add_token
from gateway.journey.ids import derive_id
from gateway.storage.database import Database
from gateway.storage.documents.write_key import WriteKeyDocument
from gateway.storage.rows import all_rows
from gateway.storage.tokens import add_row, is_without


@dataclass(frozen=True, slots=True)
class FirstKeys:
    """The write key in force, and the admin token if it was made just now: later only its hash is known."""

    write_key: str
    admin_token: str | None


async def ensure_first_keys(
    database: Database, write_key: str | None, admin_token: str | None, draw: Callable[[], str], now: datetime
) -> FirstKeys:
    """Make a write key and an admin token where there is none yet: those given, else drawn ones."""
    if await is_without(database, "writeKeys"):
        await _add_write_key(database, write_key or f"wk_{draw()}", now)
    made = None
    if await is_without(database, "tokens"):
        made = admin_token or f"jg_{draw()}"
        await add_token(database, made, "first admin", ADMIN, now)
    keys = await all_rows(database, "writeKeys")
    return FirstKeys(keys[0]["key"], made)


async def _add_write_key(database: Database, key: str, now: datetime) -> None:
    document = WriteKeyDocument(id=derive_id("write key", key), key=key, name="first site", created_date=now)
    await add_row(
        database, "writeKeys", {"_id": document.id, **document.model_dump(by_alias=True, exclude={"id", "revision_id"})}
    )
