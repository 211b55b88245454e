"""Live sockets of a real server: how they end, as clients of others and bare WebSockets see it."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportConnectionFailed
from gql.transport.websockets import WebsocketsTransport
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.running_server import ADMIN_TOKEN, PATIENCE_SECONDS, RunningServer

PROGRAM = Path(__file__).with_name("graphql_ws") / "until_closed.js"
CREATE = 'mutation($name: String!) { createToken(input: {name: $name, role: "agent"}) { secret token { id } } }'
REVOKE = "mutation($id: ID!) { revokeToken(input: {id: $id}) { token { id } } }"
WITHIN_SECONDS = 5
REVOKED = "Forbidden: the token has been revoked"


def live(server: RunningServer) -> str:
    return f"{server.url.replace('http', 'ws', 1)}/graphql"


@asynccontextmanager
async def bare(server: RunningServer, *subprotocols: str) -> AsyncIterator[ClientConnection]:
    offered: Sequence[Subprotocol] = [Subprotocol(name) for name in subprotocols]
    async with connect(live(server), subprotocols=offered or None, proxy=None) as socket:
        yield socket


async def closed(socket: ClientConnection) -> tuple[int, str]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        with suppress(ConnectionClosed):
            while True:
                await socket.recv()
    return socket.close_code or 0, socket.close_reason or ""


async def made_token(server: RunningServer) -> tuple[str, str]:
    made = (await server.query(CREATE, name=f"agent {uuid4().hex}"))["createToken"]
    return made["token"]["id"], made["secret"]


async def test_the_reference_client_is_told_that_its_token_was_revoked(server: RunningServer) -> None:
    node = shutil.which("node")
    if node is None or not (PROGRAM.parent / "node_modules/graphql-ws").is_dir():
        pytest.fail("This test needs Node and the packages of tests/clients/graphql_ws: run `make node-modules`.")
    id_, secret = await made_token(server)
    process = await asyncio.create_subprocess_exec(
        node, str(PROGRAM), live(server), secret, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert json.loads(await process.stdout.readline()) == {"connected": True}
            await server.query(REVOKE, id=id_)
            async with asyncio.timeout(WITHIN_SECONDS):
                assert json.loads(await process.stdout.readline()) == {"closed": 4403, "reason": REVOKED}
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_client_for_python_sees_its_subscription_end_when_its_token_was_revoked(
    server: RunningServer, visitor: str
) -> None:
    id_, secret = await made_token(server)
    transport = WebsocketsTransport(
        url=live(server),
        init_payload={"Authorization": f"Bearer {secret}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    await server.send({"type": "track", "event": "Video Started", "anonymousId": visitor})

    async def follow() -> None:
        async with Client(transport=transport) as session, asyncio.timeout(PATIENCE_SECONDS):
            messages = session.subscribe(gql("subscription { presence { cursor } }"))
            assert await anext(messages)
            await server.query(REVOKE, id=id_)
            async with asyncio.timeout(WITHIN_SECONDS):
                async for _ in messages:
                    pass

    with pytest.raises(TransportConnectionFailed) as caught:
        await follow()
    assert f"4403 (private use) {REVOKED}" in str(caught.value.__cause__)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param([{"type": "hello"}], 4400, id="no message of the protocol"),
        pytest.param([{"type": "subscribe", "id": "1", "payload": {"query": "{ a }"}}], 4401, id="no init before"),
        pytest.param([{"type": "connection_init"}], 4403, id="no token"),
        pytest.param(
            [{"type": "connection_init", "payload": {"Authorization": f"Bearer {ADMIN_TOKEN}"}}] * 2,
            4429,
            id="two inits",
        ),
        pytest.param([{"type": "ping", "payload": {"a": "x" * 1_100_000}}], 1009, id="large message"),
    ],
)
async def test_a_broken_conversation_is_closed_with_the_code_of_the_protocol(
    server: RunningServer, said: list[Mapping[str, Any]], code: int
) -> None:
    async with bare(server, "graphql-transport-ws") as socket:
        for message in said:
            await socket.send(json.dumps(message))
        assert (await closed(socket))[0] == code


@pytest.mark.parametrize("subprotocols", [["graphql-ws"], []], ids=["legacy", "none"])
async def test_another_subprotocol_is_refused(server: RunningServer, subprotocols: list[str]) -> None:
    async with bare(server, *subprotocols) as socket:
        assert (await closed(socket))[0] == 4406
