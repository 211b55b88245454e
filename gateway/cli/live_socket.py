"""A subscription to a running server, over graphql-transport-ws.

Source of the protocol: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from gateway.cli.running_server import is_here

PROTOCOL = Subprotocol("graphql-transport-ws")
Data = dict[str, Any]
"""The data of a message: its shape is that of the query."""


class SubscriptionRefused(Exception):
    """Raised when the server ends or refuses a subscription; the text holds its words."""


@asynccontextmanager
async def subscription(url: str, token: str, query: str, variables: Mapping[str, object]) -> AsyncIterator["Messages"]:
    """Yield the messages of a subscription; `url` is that of the server, http or https.

    Raises:
        SubscriptionRefused: the token or the query was refused.
        OSError, websockets.WebSocketException: the connection could not be made, or broke.
    """
    address = f"ws{url.removeprefix('http')}/graphql"
    async with connect(address, subprotocols=[PROTOCOL], proxy=None if is_here(url) else True) as socket:
        messages = Messages(socket)
        await messages.send({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
        await messages.expect("connection_ack")
        payload = {"query": query, "variables": dict(variables)}
        await messages.send({"type": "subscribe", "id": "1", "payload": payload})
        yield messages


class Messages:
    """What the server sends."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def send(self, message: Mapping[str, object]) -> None:
        """Send a message of the protocol."""
        await self._socket.send(msgspec.json.encode(message).decode())

    async def next_data(self) -> Data:
        """Wait for the next message of the subscription, and return its data.

        Raises:
            SubscriptionRefused: there will be none.
        """
        data: Data = (await self.expect("next"))["payload"]["data"]
        return data

    async def expect(self, kind: str) -> dict[str, Any]:
        """Wait for a message of this type; pings are answered meanwhile."""
        while True:
            message: dict[str, Any] = msgspec.json.decode(await self._socket.recv())
            if message["type"] == kind and not (kind == "next" and message["payload"].get("errors")):
                return message
            if message["type"] != "ping":
                raise SubscriptionRefused(f"the server sent {msgspec.json.encode(message).decode()[:300]}")
            await self.send({"type": "pong"})
