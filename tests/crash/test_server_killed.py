"""Promise: kill -9 of the server at any moment loses nothing that was acknowledged, and doubles nothing.

The clients send everything again that was not acknowledged, with the same message ids, until it is.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.crash.conftest import is_soak
from tests.crash.embedded import embedded_url, kill_embedded_mongod
from tests.crash.load import Load
from tests.crash.mongod_processes import replica_set
from tests.crash.mortal_server import MortalServer, define_outcome, mortal_server
from tests.crash.promise import RecordProperty, check_promise
from tests.crash.traffic import drawn_from

KILLS = 2
LONGEST_LIFE_SECONDS = 2.0


async def test_kill_of_the_server_alone(place: Path, run: int, record_property: RecordProperty) -> None:
    """MongoDB lives on: what the server had under way is committed as a whole, or rolled back as a whole."""
    urls: list[str] = []
    async with (
        replica_set(place) as mongodb,
        mortal_server(place / "server", {"JOURNEY_MONGODB_URL": mongodb.url}, urls) as server,
        _load_over_kills(server, Load(run, urls), run) as load,
    ):
        await check_promise(mongodb.url, load.ledger, record_property)


@pytest.mark.parametrize(
    "mongod_too", [True, False] if is_soak() else [True], ids={True: "killed-too", False: "ends-in-order"}.get
)
async def test_kill_of_the_server_with_its_mongod(
    place: Path, run: int, record_property: RecordProperty, *, mongod_too: bool
) -> None:
    """The next server starts on the same data.

    The embedded mongod ends with its owner, or is killed in the same moment, as when a container is.
    """
    urls: list[str] = []
    data_dir = place / "server"
    async with (
        mortal_server(data_dir, {}, urls) as server,
        _load_over_kills(server, Load(run, urls), run, data_dir if mongod_too else None) as load,
    ):
        await check_promise(embedded_url(data_dir), load.ledger, record_property)


@asynccontextmanager
async def _load_over_kills(
    server: MortalServer, load: Load, seed: int, data_dir: Path | None = None
) -> AsyncIterator[Load]:
    """Kill the server again and again under load, at moments drawn from the seed; yield when all is acknowledged.

    With `data_dir`, its embedded mongod is killed first.
    """
    await define_outcome(server)
    moments = drawn_from(seed)
    async with load.running():
        for _ in range(KILLS):
            await load.acknowledgements()
            await asyncio.sleep(moments.uniform(0, LONGEST_LIFE_SECONDS))
            if data_dir is not None:
                kill_embedded_mongod(data_dir)
            await server.kill()
            await server.start()
        await load.acknowledgements()
    yield load
