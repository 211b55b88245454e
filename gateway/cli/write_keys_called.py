"""Which write key a command is about: the one with this text, or with this name."""

from gateway.cli.failures import CommandError
from gateway.storage.database import Database, Row
from gateway.storage.write_keys import write_keys_called


async def write_key_called(database: Database, name: str) -> Row:
    """Return the one write key that people call so.

    Raises:
        CommandError: there is none, or several have the name.
    """
    found = await write_keys_called(database, name)
    if not found:
        raise CommandError(f"There is no write key {name!r}: `journey-gateway write-key list` shows those there are.")
    if len(found) > 1:
        keys = ", ".join(row["key"] for row in found)
        raise CommandError(f"{len(found)} write keys are called {name!r}: give the key itself, one of {keys}.")
    return found[0]
