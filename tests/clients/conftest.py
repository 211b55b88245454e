"""A server for the clients that others have written."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from tests.running_server import RunningServer, running_server


@pytest.fixture(scope="session")
async def server(mongodb_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    settings = {"JOURNEY_MONGODB_URL": mongodb_url, "JOURNEY_DATABASE": f"test_{uuid4().hex}"}
    async with running_server(tmp_path_factory.mktemp("clients"), settings) as server:
        yield server


@pytest.fixture
def visitor() -> str:
    """The anonymousId of somebody new."""
    return f"visitor-{uuid4().hex}"
