"""A server of its own for hostile clients: a real process, whose log and memory can be looked at."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from gateway.access.tokens import add_token
from gateway.clock import now
from gateway.storage.connection import connect
from tests.running_server import ADMIN_TOKEN, PATIENCE_SECONDS, RunningServer, running_server

AGENT_TOKEN = "jg_of-an-agent-of-the-tests"  # noqa: S105 - opens a database that lives as long as a test
TOKENS = {"admin": ADMIN_TOKEN, "agent": AGENT_TOKEN}
WITHOUT_RATES = {
    "JOURNEY_REQUESTS_PER_MINUTE": 0,
    "JOURNEY_ADDRESS_REQUESTS_PER_MINUTE": 0,
    "JOURNEY_COST_BUDGET": 0,
}
"""Each document is looked at for itself: how many come in a minute is the affair of other tests."""


@dataclass(frozen=True, slots=True)
class Target:
    """The server that is attacked, by a client that waits for each answer."""

    server: RunningServer
    client: httpx.Client

    def memory(self) -> int:
        """Return the bytes of memory that the server's process holds."""
        status = Path(f"/proc/{self.server.process.pid}/status").read_text(encoding="utf-8")
        [kilobytes] = re.findall(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
        return int(kilobytes) * 1024

    def is_up(self) -> bool:
        """Tell whether somebody with good intentions is served."""
        answer = self.client.post("/graphql", json={"query": "{ viewer { name } }"}, headers=bearer("admin"))
        data: object = answer.json().get("data")
        return data == {"viewer": {"name": "first admin"}}

    def complaints(self) -> list[str]:
        """Return the lines of the server's log that tell of something unforeseen."""
        return re.findall(r"^.*(?:Traceback|\[error|\[critical|resolver failed).*$", self.server.log(), re.MULTILINE)


def bearer(holder: str) -> dict[str, str]:
    """Return the headers of a holder of a token."""
    return {"Authorization": f"Bearer {TOKENS[holder]}"}


@pytest.fixture(scope="session")
async def hostile_server(mongodb_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    """A server that also knows an agent."""
    database = f"test_{uuid4().hex}"
    settings = {"JOURNEY_MONGODB_URL": mongodb_url, "JOURNEY_DATABASE": database, **WITHOUT_RATES}
    async with running_server(tmp_path_factory.mktemp("hostile"), settings) as server:
        async with await connect(mongodb_url, database) as connection:
            await add_token(connection.database, AGENT_TOKEN, "an agent", "agent", now())
        yield server


@pytest.fixture(scope="session")
def target(hostile_server: RunningServer) -> Iterator[Target]:
    """The server, and a client that no proxy of the environment stands before."""
    with httpx.Client(base_url=hostile_server.url, timeout=PATIENCE_SECONDS, trust_env=False) as client:
        yield Target(hostile_server, client)
