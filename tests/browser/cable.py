"""A cable between browser and server that a test can cut: connections break, and new ones are refused."""

import asyncio
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

from tests.running_server import free_port

CHUNK = 65_536


class Cable:
    """Hands on every byte to the server at `target`, until it is cut."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._port = free_port()
        self._ends: set[asyncio.StreamWriter] = set()
        self._connections: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where the browser finds the server."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    async def mend(self) -> None:
        """Let connections through."""
        self._listener = await asyncio.start_server(self._connect, "127.0.0.1", self._port)

    async def cut(self) -> None:
        """Break all connections and refuse new ones."""
        if self._listener is not None:
            self._listener.close()
        for end in self._ends:
            end.transport.abort()
        await asyncio.gather(*self._connections)

    def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._join(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        ends = {writer, far_writer}
        self._ends |= ends
        with suppress(ConnectionError):
            await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        for end in ends:
            end.transport.abort()
            with suppress(ConnectionError):
                await end.wait_closed()
        self._ends -= ends


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(CHUNK):
        writer.write(chunk)
        await writer.drain()
    writer.close()
