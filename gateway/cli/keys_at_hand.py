"""Which write key and which token a command works with: those it was given, else those of the database."""

from gateway.cli.failures import CommandError
from gateway.cli.surroundings import surroundings
from gateway.intake.write_keys import WriteKeys
from gateway.settings import Settings
from gateway.storage.database import Database
from snippet.write_key import WriteKey


async def find_write_key(database: Database, key: str) -> WriteKey:
    """Return the write key that senders know by this text.

    Raises:
        CommandError: there is none.
    """
    found = await WriteKeys(database)(key)
    if found is None:
        raise CommandError(f"There is no write key {key!r}: `journey-gateway write-key list` shows those there are.")
    return found


async def keys_at_hand(settings: Settings, write_key: str | None, token: str | None) -> tuple[str, str | None]:
    """Return the write key and the admin token; the database is asked only for what was not given."""
    token = token or settings.admin_token
    if write_key is not None and token is not None:
        return write_key, token
    async with surroundings(settings, join=True) as ready:
        return write_key or ready.keys.write_key, token or ready.keys.admin_token


async def write_key_at_hand(settings: Settings, write_key: str | None) -> str:
    """Return the write key that was given, else the first one of the database."""
    if write_key is not None:
        return write_key
    async with surroundings(settings, join=True) as ready:
        return ready.keys.write_key
