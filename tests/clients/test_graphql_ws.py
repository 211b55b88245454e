"""graphql-ws, the client library of graphql-transport-ws for browsers and Node."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.running_server import ADMIN_TOKEN, PATIENCE_SECONDS, RunningServer

PROGRAM = Path(__file__).with_name("graphql_ws") / "follow.js"


@pytest.fixture(scope="session")
def node() -> str:
    node = shutil.which("node")
    if node is None or not (PROGRAM.parent / "node_modules/graphql-ws").is_dir():
        pytest.fail("This test needs Node and the packages of tests/clients/graphql_ws: run `make node-modules`.")
    return node


@asynccontextmanager
async def follower(
    node: str, server: RunningServer, count: int, after: str | None = None
) -> AsyncIterator[asyncio.StreamReader]:
    """Run the client until it has seen so many messages; gives its output, one message a line."""
    url = f"{server.url.replace('http', 'ws', 1)}/graphql"
    arguments = (str(PROGRAM), url, ADMIN_TOKEN, str(count), *([after] if after else []))
    process = await asyncio.create_subprocess_exec(node, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield process.stdout
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def next_message(output: asyncio.StreamReader) -> Mapping[str, Any]:
    message: Mapping[str, Any] = json.loads(await output.readline())
    return message


async def test_it_receives_the_snapshot_then_changes_and_resumes(
    node: str, server: RunningServer, visitor: str
) -> None:
    call = {"type": "track", "event": "Step", "anonymousId": visitor}
    await server.send(call)
    here = (await server.query("{ sessions(first: 100) { nodes { id } } }"))["sessions"]["nodes"]
    async with follower(node, server, count=len(here) + 1) as output:
        snapshot = [await next_message(output) for _ in here]
        assert {"customerId": visitor, "presence": "LIVE", "eventCount": 1} in [seen["session"] for seen in snapshot]
        await server.send(call)
        change = await next_message(output)
        assert change["session"] == {"customerId": visitor, "presence": "LIVE", "eventCount": 2}

    await server.send(call)
    async with follower(node, server, count=2, after=change["cursor"]) as output:
        assert (await next_message(output))["session"]["eventCount"] == 3
        await server.send(call)
        assert (await next_message(output))["session"]["eventCount"] == 4
