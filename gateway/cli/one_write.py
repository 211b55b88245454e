"""Uvicorn's HTTP protocol, with the head and the body of an answer in one write.

Uvicorn writes them one after the other, and uvloop makes a system call of each: on a loopback interface that is a
twentieth of the time that an event takes.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class OneWriteProtocol(HttpToolsProtocol):
    """An HTTP connection that writes once for each turn of the event loop."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, with a transport that gathers what is written."""
        super().connection_made(cast("asyncio.Transport", GatheringTransport(cast("asyncio.Transport", transport))))


class GatheringTransport:
    """A transport that hands on what is written in one turn of the event loop at the turn's end, together.

    Everything else is the transport's own; what ends the connection is preceded by what was written before.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._gathered: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Take what is to be written."""
        if not self._gathered:
            self._loop.call_soon(self._hand_on)
        self._gathered.append(data)

    def close(self) -> None:
        """Write what was gathered, and close."""
        self._hand_on()
        self._transport.close()

    def _hand_on(self) -> None:
        if self._gathered:
            data = self._gathered[0] if len(self._gathered) == 1 else b"".join(self._gathered)
            self._gathered.clear()
            self._transport.write(data)
