"""A WebSocket client that is lighter than any server: it counts frames and looks for bytes, and parses no JSON.

Source of the frames: https://www.rfc-editor.org/rfc/rfc6455#section-5.2; of the messages:
https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from typing import cast

from benchmarks.server import ADMIN_TOKEN

_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_OPCODE, _FINAL, _MASKED = 0x0F, 0x80, 0x80
_TWO_BYTES, _EIGHT_BYTES = 126, 127
_MASK = bytes(4)
"""Masking with zeros changes nothing, and is as good as any other mask between two processes of a benchmark."""
_PATIENCE_SECONDS = 30.0
_TYPE_WITHIN = 60
"""The type of a message stands within so many bytes from its start."""

HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


class LightSocket(asyncio.Protocol):
    """One subscription. `heard` is called with each message; `failed` holds what else the server said, if it did."""

    def __init__(self, query: str, variables: Mapping[str, object], heard: Callable[[bytes], None]) -> None:
        self._heard = heard
        self._subscribe = {"id": "1", "type": "subscribe", "payload": {"query": query, "variables": dict(variables)}}
        self._buffer = b""
        self._open = False
        self._transport: asyncio.Transport | None = None
        self.subscribed = asyncio.get_running_loop().create_future()
        self.failed: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        """Take in frames, and parts of them."""
        self._buffer = self._buffer + data if self._buffer else data
        if not self._open and not self._opened():
            return
        for opcode, payload in self._frames():
            if opcode == _TEXT and b'"next"' in payload[:_TYPE_WITHIN]:
                self._heard(payload)
            else:
                self._answer(opcode, payload)

    def connection_lost(self, exc: Exception | None) -> None:
        """Remember that there will be no more messages."""
        self._fail(f"the connection was lost: {exc}")

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def _opened(self) -> bool:
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return False
        if b" 101 " not in head.partition(b"\r\n")[0]:
            self._fail(head.decode(errors="replace"))
            return False
        self._open, self._buffer = True, rest
        self._tell({"type": "connection_init", "payload": {"Authorization": f"Bearer {ADMIN_TOKEN}"}})
        return True

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        buffer, at, size = self._buffer, 0, len(self._buffer)
        while size - at > 1:
            length, start = buffer[at + 1], at + 2
            if length >= _TWO_BYTES:
                start += 2 if length == _TWO_BYTES else 8
                length = int.from_bytes(buffer[at + 2 : start], "big")
            if start + length > size:
                break
            yield buffer[at] & _OPCODE, buffer[start : start + length]
            at = start + length
        self._buffer = buffer[at:]

    def _answer(self, opcode: int, payload: bytes) -> None:
        if opcode == _PING:
            self._write(_PONG, payload)
        elif opcode == _TEXT and b'"connection_ack"' in payload:
            self._tell(self._subscribe)
            self.subscribed.set_result(None)
        elif opcode == _TEXT and b'"ping"' in payload[:_TYPE_WITHIN]:
            self._tell({"type": "pong"})
        else:
            self._fail(f"the server sent {payload[:300]!r} (opcode {opcode})")

    def _tell(self, message: Mapping[str, object]) -> None:
        self._write(_TEXT, json.dumps(message).encode())

    def _write(self, opcode: int, payload: bytes) -> None:
        if self._transport is not None:
            length = len(payload)
            short = bytes([_MASKED | length]) if length < _TWO_BYTES else bytes([_MASKED | _TWO_BYTES])
            long = b"" if length < _TWO_BYTES else length.to_bytes(2, "big")
            self._transport.write(bytes([_FINAL | opcode]) + short + long + _MASK + payload)

    def _fail(self, reason: str) -> None:
        self.failed = self.failed or reason
        if not self.subscribed.done():
            self.subscribed.set_exception(ConnectionError(reason))


async def subscribe(
    port: int, query: str, variables: Mapping[str, object], heard: Callable[[bytes], None]
) -> LightSocket:
    """Return a socket whose subscription has been asked for."""
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_connection(lambda: LightSocket(query, variables, heard), "127.0.0.1", port)
    async with asyncio.timeout(_PATIENCE_SECONDS):
        await socket.subscribed
    return socket
