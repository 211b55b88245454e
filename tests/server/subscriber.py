"""A subscriber of the simplest kind: one socket, one subscription, its messages."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.running_server import ADMIN_TOKEN, PATIENCE_SECONDS, RunningServer

PRESENCE = "subscription { presence { cursor session { customerId eventCount presence } } }"

Sessions = AsyncGenerator[Mapping[str, Any]]


@asynccontextmanager
async def subscriber(server: RunningServer) -> AsyncIterator[Sessions]:
    """Subscribe to `presence`, and give the sessions that it tells of; one that never comes fails the test."""
    url = f"{server.url.replace('http', 'ws', 1)}/graphql"
    async with connect(url, subprotocols=["graphql-transport-ws"], proxy=None) as socket:  # type: ignore[list-item]
        await _send(socket, type="connection_init", payload={"Authorization": f"Bearer {ADMIN_TOKEN}"})
        assert (await _receive(socket))["type"] == "connection_ack"
        await _send(socket, type="subscribe", id="1", payload={"query": PRESENCE})
        async with aclosing(_sessions(socket)) as sessions:
            yield sessions


async def _sessions(socket: ClientConnection) -> Sessions:
    while True:
        message = await _receive(socket)
        if message["type"] == "next":
            yield message["payload"]["data"]["presence"]["session"]
        else:
            assert message["type"] == "ping", message


async def _send(socket: ClientConnection, **message: object) -> None:
    await socket.send(json.dumps(message))


async def _receive(socket: ClientConnection) -> Mapping[str, Any]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        message: Mapping[str, Any] = json.loads(await socket.recv())
    return message
