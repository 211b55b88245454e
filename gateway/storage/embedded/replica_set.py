"""A replica set of one node: what transactions and change streams ask for, and all of it that one machine needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

NAME = "journey"
SETTINGS = {"electionTimeoutMillis": 1000}
SECONDS_BETWEEN_LOOKS = 0.05

Document = dict[str, Any]  # what the server answers; each command's manual page says what is in it


def url_of(port: int, unix_socket: Path | None) -> str:
    """Return the URL under which clients find the replica set; on a Unix socket where there is one.

    The set knows itself by its port, so a client that found its way by a socket must not ask it for its members.
    """
    if unix_socket is None:
        return f"mongodb://127.0.0.1:{port}/?replicaSet={NAME}"
    return f"mongodb://{quote(str(unix_socket), safe='')}/?directConnection=true"


async def make_primary(port: int) -> None:
    """Bring the mongod on this port to where it takes writes, and wait for that; without end, so give a time-out.

    A first start initiates the set. After a change of port the node does not find itself in its own configuration, and
    waits for somebody who tells it: there is no other member, so a forced reconfiguration loses nothing. It asks the
    old port first; that takes half a minute in the rare case that something listens there and never says a word.
    """
    async with _direct(port) as client:
        while True:
            with suppress(PyMongoError):  # not listening yet, or still loading its configuration: look again
                if await _is_primary(client, port):
                    return
                await _configure(client, port)
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


async def reopen_log(port: int) -> None:
    """Have mongod write to a new log file, after the old one was renamed."""
    async with _direct(port) as client:
        await client.admin.command("logRotate")


@asynccontextmanager
async def _direct(port: int) -> AsyncIterator[AsyncMongoClient[Document]]:
    client: AsyncMongoClient[Document] = AsyncMongoClient(
        f"mongodb://127.0.0.1:{port}/?directConnection=true",
        appname="journey-gateway embedded",
        serverSelectionTimeoutMS=500,
        heartbeatFrequencyMS=500,
    )
    try:
        yield client
    finally:
        await client.close()


async def _is_primary(client: AsyncMongoClient[Document], port: int) -> bool:
    hello = await client.admin.command("hello")
    return bool(hello.get("isWritablePrimary")) and hello.get("me") == f"127.0.0.1:{port}"


async def _configure(client: AsyncMongoClient[Document], port: int) -> None:
    member = {"_id": 0, "host": f"127.0.0.1:{port}"}
    stored = await client["local"]["system.replset"].find_one()
    if stored is None:
        with suppress(OperationFailure):  # already initiated by the look before this one
            await client.admin.command("replSetInitiate", {"_id": NAME, "members": [member], "settings": SETTINGS})
    elif stored["members"][0]["host"] != member["host"]:
        moved = stored | {"members": [stored["members"][0] | member], "version": stored["version"] + 1}
        await client.admin.command("replSetReconfig", moved, force=True)
