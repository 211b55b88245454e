"""A database of its own, and commands that work on it: as processes of their own, as users start them."""

import asyncio
import re
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from gateway.storage.connection import Connection, connect
from tests.running_server import PATIENCE_SECONDS, PROGRAM, environment

Call = dict[str, object]


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command left behind."""

    code: int
    output: str
    errors: str

    def number(self, pattern: str) -> int:
        """Return the number in the output at the pattern's group."""
        match = re.search(pattern, self.output)
        assert match is not None, self.output + self.errors
        return int(match[1].replace(",", ""))


@dataclass(frozen=True, slots=True)
class Workplace:
    """A database on the test session's MongoDB, and the settings that lead commands there."""

    settings: Mapping[str, object]
    connection: Connection
    data_dir: Path

    async def start(self, *arguments: object, with_input: bool = False) -> Process:
        """Start a command."""
        return await asyncio.create_subprocess_exec(
            PROGRAM,
            *map(str, arguments),
            stdin=PIPE if with_input else asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=environment(self.settings) | {"COLUMNS": "160"},
        )

    async def run(self, *arguments: object, standard_input: bytes | None = None) -> Ended:
        """Run a command to its end."""
        process = await self.start(*arguments, with_input=standard_input is not None)
        return await ended(process, standard_input)

    async def counts(self) -> dict[str, int]:
        """Return the number of documents of each collection that visits end up in."""
        names = ("events", "contacts", "sessions")
        return {name: await self.connection.database[name].count_documents({}) for name in names}

    async def contents(self) -> dict[str, list[dict[str, object]]]:
        """Return everything that is stored, by collection."""
        names = sorted(await self.connection.database.list_collection_names())
        return {name: await self.connection.database[name].find().sort("_id").to_list() for name in names}


async def ended(process: Process, standard_input: bytes | None = None) -> Ended:
    """Wait for a command to end, and return what it left behind."""
    output, errors = await asyncio.wait_for(process.communicate(standard_input), PATIENCE_SECONDS)
    assert process.returncode is not None
    return Ended(process.returncode, output.decode(), errors.decode())


@asynccontextmanager
async def workplace_in(directory: Path, mongodb_url: str) -> AsyncIterator[Workplace]:
    """Yield a workplace; its database is dropped afterwards."""
    database = f"test_{uuid4().hex}"
    settings = {
        "JOURNEY_MONGODB_URL": mongodb_url,
        "JOURNEY_DATABASE": database,
        "JOURNEY_DATA_DIR": directory,
    }
    async with await connect(mongodb_url, database) as connection:
        yield Workplace(settings, connection, directory)
        await connection.client.drop_database(database)
