"""Places for commands to work at, and a server that some of them talk to."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from tests.cli.workplace import Call, Workplace, workplace_in
from tests.running_server import RunningServer, running_server

WriteCalls = Callable[..., Path]


@dataclass(frozen=True, slots=True)
class ServedPlace:
    """A running server, and the workplace whose database it uses."""

    server: RunningServer
    workplace: Workplace


@pytest.fixture
async def workplace(mongodb_url: str, tmp_path: Path) -> AsyncIterator[Workplace]:
    """A workplace with an empty database."""
    async with workplace_in(tmp_path, mongodb_url) as workplace:
        yield workplace


@pytest.fixture(scope="session")
async def served(mongodb_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedPlace]:
    """`journey-gateway serve`, for all tests of the session."""
    directory = tmp_path_factory.mktemp("served")
    async with (
        workplace_in(directory, mongodb_url) as workplace,
        running_server(directory, workplace.settings) as server,
    ):
        yield ServedPlace(server, workplace)


@pytest.fixture
def write_calls(tmp_path: Path) -> WriteCalls:
    """Write calls to a file, one a line; text is written as it is."""

    def write(*calls: Call | str, name: str = "calls.ndjson") -> Path:
        path = tmp_path / name
        lines = (call.encode() if isinstance(call, str) else msgspec.json.encode(call) for call in calls)
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        return path

    return write
