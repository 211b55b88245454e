"""Promise: kill -9 of MongoDB loses nothing that was acknowledged, doubles nothing; the server goes on by itself."""

import asyncio
import time
from pathlib import Path

from tests.crash.embedded import embedded_url, kill_embedded_mongod
from tests.crash.load import Load
from tests.crash.mongod_processes import ELECTION_TIMEOUT_MILLIS, replica_set
from tests.crash.mortal_server import define_outcome, mortal_server
from tests.crash.promise import RecordProperty, check_promise
from tests.crash.traffic import drawn_from
from tests.running_server import until

KILLS = 2
LONGEST_LIFE_SECONDS = 2.0
SHORT_ELECTION_TIMEOUT_MILLIS = 2_000
"""The short form does not wait ten seconds for the others to miss the primary; the long form takes the default."""
PROMISED_SECONDS = 15.0
SECONDS_TO_REJOIN = 60.0


async def test_kill_of_the_embedded_mongod(place: Path, run: int, record_property: RecordProperty) -> None:
    """The server starts it again, on the same port and the same data."""
    urls: list[str] = []
    moments = drawn_from(run)
    async with mortal_server(place, {}, urls) as server:
        await define_outcome(server)
        load = Load(run, urls)
        resumed = []
        async with load.running():
            for _ in range(KILLS):
                await load.acknowledgements()
                await asyncio.sleep(moments.uniform(0, LONGEST_LIFE_SECONDS))
                killed = time.monotonic()
                kill_embedded_mongod(place)
                await asyncio.sleep(1.0)
                await load.acknowledgements()
                resumed.append(load.ledger.seconds_to_resume(killed))
        figures = f"; resumed after {', '.join(f'{seconds:.1f}' for seconds in resumed)} s"
        await check_promise(embedded_url(place), load.ledger, record_property, figures)
    assert max(resumed) < PROMISED_SECONDS


async def test_kill_of_the_primary(place: Path, run: int, record_property: RecordProperty, *, soak: bool) -> None:
    """Of three nodes the other two elect one of them; the node that was killed comes back and follows."""
    urls: list[str] = []
    election_timeout = ELECTION_TIMEOUT_MILLIS if soak else SHORT_ELECTION_TIMEOUT_MILLIS
    async with (
        replica_set(place, 3, election_timeout) as mongodb,
        mortal_server(place / "server", {"JOURNEY_MONGODB_URL": mongodb.url}, urls) as server,
    ):
        await define_outcome(server)
        load = Load(run, urls)
        async with load.running():
            await load.acknowledgements()
            await asyncio.sleep(drawn_from(run).uniform(0, LONGEST_LIFE_SECONDS))
            primary = await mongodb.primary()
            killed = time.monotonic()
            primary.kill()
            await asyncio.sleep(1.0)
            await load.acknowledgements()
            resumed = load.ledger.seconds_to_resume(killed)
            primary.start()
            await until(mongodb.are_all_up, SECONDS_TO_REJOIN)
            await load.acknowledgements()
        figures = f"; resumed after {resumed:.1f} s with an election time-out of {election_timeout} ms"
        await check_promise(mongodb.url, load.ledger, record_property, figures)
    assert resumed < PROMISED_SECONDS
