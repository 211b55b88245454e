"""The keys of an empty database: one write key for the tag, one admin token for people."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.access.tokens import ADMIN, add_token
from gateway.storage.database import Database
from gateway.storage.rows import all_rows
from gateway.storage.tokens import add_row, is_without
from gateway.storage.write_keys import new_write_key_row


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
        await add_row(database, "writeKeys", new_write_key_row(write_key or f"wk_{draw()}", "first site", now))
    made = None
    if await is_without(database, "tokens"):
        made = admin_token or f"jg_{draw()}"
        await add_token(database, made, "first admin", ADMIN, now)
    keys = await all_rows(database, "writeKeys")
    collecting = next((row for row in keys if row.get("revokedDate") is None), keys[0])
    return FirstKeys(collecting["key"], made)
