"""Promise: while MongoDB does not answer, senders are told when to come back; nothing piles up; then all goes on."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import pytest

from tests.crash.conftest import is_soak
from tests.crash.load import Load, Mix
from tests.crash.mongod_processes import Mongod, replica_set
from tests.crash.mortal_server import define_outcome, mortal_server
from tests.crash.processes import resident_megabytes
from tests.crash.promise import RecordProperty, check_promise
from tests.running_server import RunningServer

SHORT_OUTAGE_SECONDS, OUTAGE_SECONDS = 10.0, 30.0
LONGEST_ANSWER_SECONDS = 20.0
"""How long a sender may have to wait for its 503; browsers and libraries are patient for longer than that."""
SECONDS_TO_RECOVER = 15.0
LARGEST_GROWTH_MEGABYTES = 150.0
"""What 20,000 waiting events, the bound of the queue, may take: some 7 KB each, of 200 bytes on the wire."""
FLOOD = Mix(batches=1.0, sizes=(400, 500), repeated=0.05, pause=0.1, retry=1.0)
FLOOD_CONNECTIONS = 50
"""So many batches at once hold more events than the queue takes."""
SECONDS_BETWEEN_LOOKS = 0.25

OUTAGES: dict[str, tuple[Callable[[Mongod], None], Callable[[Mongod], None]]] = {
    "silent": (lambda mongod: mongod.send(SIGSTOP), lambda mongod: mongod.send(SIGCONT)),
    "gone": (Mongod.stop, Mongod.start),
}
"""How each kind of outage begins and ends. A MongoDB that keeps its connections and says nothing is the worse one."""


@pytest.mark.parametrize("outage", OUTAGES if is_soak() else ["silent"])
async def test_outage_is_told_and_survived(
    place: Path, record_property: RecordProperty, outage: str, *, soak: bool
) -> None:
    urls: list[str] = []
    begin, end = OUTAGES[outage]
    seconds = OUTAGE_SECONDS if soak else SHORT_OUTAGE_SECONDS
    async with (
        replica_set(place) as mongodb,
        mortal_server(place / "server", {"JOURNEY_MONGODB_URL": mongodb.url}, urls) as server,
    ):
        await define_outcome(server)
        load = Load(1, urls)
        flood = Load(2, urls, FLOOD, load.ledger)
        async with flood.running(FLOOD_CONNECTIONS):  # as much at once as in the outage, so that only waiting is added
            await flood.acknowledgements(1)
        async with load.running(10):
            await load.acknowledgements()
            before = resident_megabytes(server.now.process.pid)
            begin(mongodb.members[0])
            try:
                async with flood.running(FLOOD_CONNECTIONS):
                    most, readiness = await _watch(server.now, seconds)
                    end(mongodb.members[0])
                    ended = time.monotonic()
            finally:
                mongodb.members[0].send(SIGCONT)
            await load.acknowledgements()
        assert (await server.now.client.get("/readyz")).status_code == 200
        recovered = next(moment for moment in load.ledger.acknowledgement_times if moment > ended) - ended
        figures = f"; memory {before:.0f} MB before, at most {most:.0f} MB; recovered after {recovered:.1f} s"
        await check_promise(mongodb.url, load.ledger, record_property, figures, seconds)
    assert load.ledger.statuses["503"], "somebody was refused"
    assert readiness == 503
    assert load.ledger.slowest_answer_seconds < LONGEST_ANSWER_SECONDS
    assert recovered < SECONDS_TO_RECOVER
    assert most - before < LARGEST_GROWTH_MEGABYTES


async def _watch(server: RunningServer, seconds: float) -> tuple[float, int]:
    """Return the most memory that the server held within so many seconds, in MB, and what /readyz says at their end."""
    end = time.monotonic() + seconds
    most = 0.0
    while time.monotonic() < end:
        most = max(most, resident_megabytes(server.process.pid))
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
    return most, (await server.client.get("/readyz")).status_code
