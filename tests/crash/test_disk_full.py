"""Promise: when the disk is full, senders are told to come back, and nothing is acknowledged that is not there.

With space again everything goes on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.crash.conftest import is_soak
from tests.crash.load import Load, Mix
from tests.crash.mongod_processes import replica_set
from tests.crash.mortal_server import define_outcome, mortal_server
from tests.crash.promise import RecordProperty, check_promise
from tests.crash.small_disk import FileSizeLimit, SmallDisk, can_mount, mounted
from tests.running_server import until

HEAVY = Mix(bulk=4_000)
"""Events of some 4 KB each, so that what is left of the disk is taken within seconds."""
SECONDS_TO_FILL = 90.0
REFUSALS = 20

FULL_DISK, FILE_SIZE_LIMIT = "full disk", "file size limit"
WAYS = [FULL_DISK, FILE_SIZE_LIMIT] if is_soak() and can_mount() else [FULL_DISK if can_mount() else FILE_SIZE_LIMIT]
"""Not everybody may mount a disk of their own; a limit to the size of files needs no privilege."""


@pytest.mark.parametrize("way", WAYS)
async def test_no_space_for_a_mongodb_beside_us(place: Path, record_property: RecordProperty, way: str) -> None:
    """MongoDB ends itself when it cannot write; until somebody has made room and started it, every answer is a 503."""
    urls: list[str] = []
    with _disk(place / "disk", way) as disk:
        async with (
            replica_set(place / "disk") as mongodb,
            mortal_server(place / "server", {"JOURNEY_MONGODB_URL": mongodb.url}, urls) as server,
        ):
            (mongod,) = mongodb.members
            await define_outcome(server)
            load = Load(1, urls, HEAVY)

            async def is_refused() -> bool:
                return load.ledger.statuses["503"] >= REFUSALS

            async with load.running():
                await load.acknowledgements()
                disk.fill(mongod)
                await until(is_refused, SECONDS_TO_FILL)
                assert (await server.now.client.get("/readyz")).status_code == 503
                disk.free(mongod)
                if mongod.has_ended():
                    mongod.start()
                await load.acknowledgements()
            await check_promise(mongodb.url, load.ledger, record_property, outage=SECONDS_TO_FILL)


@contextmanager
def _disk(directory: Path, way: str) -> Iterator[SmallDisk | FileSizeLimit]:
    if way == FULL_DISK:
        with mounted(directory):
            yield SmallDisk(directory)
    else:
        yield FileSizeLimit(directory)
