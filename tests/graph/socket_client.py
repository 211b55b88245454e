"""A client's side of a live socket, spoken to the app itself."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
from starlette.types import ASGIApp, Message

from tests.graph.conftest import TOKEN


class Socket:
    """A client's side of a WebSocket to the app."""

    def __init__(self) -> None:
        self.to_app: asyncio.Queue[Message] = asyncio.Queue()
        self.from_app: asyncio.Queue[Message] = asyncio.Queue()
        self.reason: str | None = None

    async def send(self, **message: object) -> None:
        await self.send_text(orjson.dumps(message).decode())

    async def send_text(self, text: str) -> None:
        await self.to_app.put({"type": "websocket.receive", "text": text})

    async def send_bytes(self, data: bytes) -> None:
        await self.to_app.put({"type": "websocket.receive", "bytes": data})

    async def receive(self) -> dict[str, Any]:
        """Return the next message, or the code with which the connection was closed."""
        async with asyncio.timeout(10):
            message = await self.from_app.get()
        if message["type"] == "websocket.close":
            self.reason = message["reason"]
            return {"closed": message["code"]}
        text = message.get("text")
        found: dict[str, Any] = orjson.loads(message["bytes"] if text is None else text)
        return found

    async def subscribe(self, document: str, **variables: object) -> None:
        await self.send(id="1", type="subscribe", payload={"query": document, "variables": variables})

    async def closed(self) -> tuple[int, str]:
        """Return the code and the reason with which the app closes the connection, whatever it says before."""
        while "closed" not in (message := await self.receive()):
            pass
        return message["closed"], self.reason or ""

    async def told(self, field: str) -> dict[str, Any]:
        """Return what the next message tells of this field."""
        message = await self.receive()
        assert message["type"] == "next", message
        found: dict[str, Any] = message["payload"]["data"][field]
        return found


@asynccontextmanager
async def socket_to(app: ASGIApp, authorization: str | None = f"Bearer {TOKEN}") -> AsyncIterator[Socket]:
    """Connect, and say connection_init."""
    async with bare_socket_to(app) as socket:
        await socket.send(type="connection_init", payload={"Authorization": authorization} if authorization else {})
        yield socket


@asynccontextmanager
async def acknowledged(app: ASGIApp, token: str = TOKEN) -> AsyncIterator[Socket]:
    """Connect, and wait until the app knows who we are."""
    async with socket_to(app, f"Bearer {token}") as socket:
        assert (await socket.receive())["type"] == "connection_ack"
        yield socket


@asynccontextmanager
async def bare_socket_to(
    app: ASGIApp, subprotocols: Sequence[str] = ("graphql-transport-ws",), accepted: str | None = "graphql-transport-ws"
) -> AsyncIterator[Socket]:
    """Connect, and say nothing; `accepted` is the subprotocol that is to be chosen."""
    socket = Socket()
    scope = {
        "type": "websocket",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "headers": [],
        "subprotocols": list(subprotocols),
        "scheme": "ws",
        "server": ("test", 80),
        "client": ("test", 1),
    }
    serving = asyncio.ensure_future(app(scope, socket.to_app.get, socket.from_app.put))
    await socket.to_app.put({"type": "websocket.connect"})
    message = await socket.from_app.get()
    assert (message["type"], message["subprotocol"]) == ("websocket.accept", accepted)
    yield socket
    await socket.to_app.put({"type": "websocket.disconnect", "code": 1000})
    async with asyncio.timeout(10):
        await serving
