"""The audits of the reference implementation of GraphQL over HTTP, all of them."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.running_server import ADMIN_TOKEN, PATIENCE_SECONDS, RunningServer, running_server

PROGRAM = Path(__file__).with_name("graphql_ws") / "audit.js"
AUDITS = 61


@pytest.fixture
async def server(mongodb_url: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    """A server that takes GET as well: some audits are about it."""
    settings = {
        "JOURNEY_MONGODB_URL": mongodb_url,
        "JOURNEY_DATABASE": f"test_{uuid4().hex}",
        "JOURNEY_GRAPHQL_GET": "true",
    }
    async with running_server(tmp_path, settings) as server:
        yield server


async def test_it_passes_every_audit(server: RunningServer) -> None:
    node = shutil.which("node")
    if node is None or not (PROGRAM.parent / "node_modules/graphql-http").is_dir():
        pytest.fail("This test needs Node and the packages of tests/clients/graphql_ws: run `make node-modules`.")
    arguments = (str(PROGRAM), f"{server.url}/graphql", ADMIN_TOKEN)
    process = await asyncio.create_subprocess_exec(node, *arguments, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(PATIENCE_SECONDS):
        told, _ = await process.communicate()
    results = [json.loads(line) for line in told.splitlines()]
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == AUDITS
    assert len({result["id"] for result in results}) == AUDITS
