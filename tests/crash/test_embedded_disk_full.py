"""Promise: when the disk of the embedded server is full, the server says so and ends; what it acknowledged is there.

Only in the long form, and where a disk of one's own may be mounted: conftest.py leaves this file out elsewhere.
"""

from pathlib import Path

from tests.crash.embedded import embedded_url
from tests.crash.load import Load, Mix
from tests.crash.mortal_server import define_outcome, mortal_server
from tests.crash.promise import RecordProperty, check_promise
from tests.crash.small_disk import SmallDisk, mounted
from tests.running_server import until

HEAVY = Mix(bulk=4_000)
SECONDS_TO_FILL = 90.0


async def test_no_space_for_the_embedded_mongodb(place: Path, record_property: RecordProperty) -> None:
    """Started again with space, it has all that it acknowledged; the reason stands in its log, without a traceback."""
    urls: list[str] = []
    with mounted(place / "disk") as data_dir:
        disk = SmallDisk(data_dir)
        async with mortal_server(data_dir, {}, urls) as server:
            await define_outcome(server)
            load = Load(1, urls, HEAVY)

            async def has_ended() -> bool:
                return server.now.process.poll() is not None

            async with load.running():
                await load.acknowledgements()
                disk.fill()
                await until(has_ended, SECONDS_TO_FILL)
                said, code = server.now.log(), server.now.process.returncode
                disk.free()
                await server.end()
                await server.start()
                await load.acknowledgements()
            await check_promise(embedded_url(data_dir), load.ledger, record_property, outage=SECONDS_TO_FILL)
    assert code == 1
    assert "no space is left on the disk" in said
    assert "Traceback" not in said
