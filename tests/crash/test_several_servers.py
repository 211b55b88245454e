"""Promise: the same visitors may come through any number of processes over one MongoDB; all counts are exact."""

import asyncio
import os
from pathlib import Path
from signal import SIGKILL

from tests.crash.load import Load, Mix
from tests.crash.mongod_processes import replica_set
from tests.crash.mortal_server import define_outcome, mortal_server
from tests.crash.promise import RecordProperty, check_promise
from tests.crash.traffic import drawn_from

LOAD_SECONDS, SOAK_SECONDS = 3.0, 30.0
FEW_VISITORS = 20
"""So few that most batches of any two processes touch the same visitor."""


async def test_the_same_visitors_through_all_processes(
    place: Path, record_property: RecordProperty, *, soak: bool
) -> None:
    urls: list[str] = []
    async with replica_set(place) as mongodb:
        settings = {"JOURNEY_MONGODB_URL": mongodb.url}
        async with (
            mortal_server(place / "one", settings | {"JOURNEY_WORKERS": 2}, urls) as one,
            mortal_server(place / "other", settings, urls),
        ):
            await define_outcome(one)
            many = Load(1, urls)
            few = Load(2, urls, Mix(visitors=FEW_VISITORS), many.ledger)
            async with many.running(30), few.running(20):
                await many.acknowledgements()
                await asyncio.sleep(SOAK_SECONDS if soak else LOAD_SECONDS)
        await check_promise(mongodb.url, many.ledger, record_property)


async def test_kill_of_one_worker_of_two(place: Path, run: int, record_property: RecordProperty) -> None:
    """The other worker, and the one that is started in its place, are not held up by what the dead one had begun."""
    urls: list[str] = []
    async with replica_set(place) as mongodb:
        settings = {"JOURNEY_MONGODB_URL": mongodb.url, "JOURNEY_WORKERS": 2}
        async with mortal_server(place / "server", settings, urls) as server:
            await define_outcome(server)
            load = Load(run, urls)
            async with load.running():
                await load.acknowledgements()
                await asyncio.sleep(drawn_from(run).uniform(0, 3.0))
                os.kill(server.now.worker_pids()[-1], SIGKILL)
                await load.acknowledgements()
                await asyncio.sleep(3.0)
        await check_promise(mongodb.url, load.ledger, record_property)
