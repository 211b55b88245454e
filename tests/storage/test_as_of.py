"""Reading the past at a moment of the change stream."""

import asyncio

import pytest

from gateway.storage.as_of import Moment, PastLost, moment_of, rows_as_of, rows_now
from gateway.storage.change_stream import Change, changes
from gateway.storage.connection import Connection
from gateway.storage.preparation import prepare

EVERYTHING = [{"$sort": {"_id": 1}}]


async def tokens(connection: Connection, count: int) -> list[str]:
    """Return the places after each of so many notes, which are written one by one."""
    await prepare(connection)
    found: list[str] = []

    async def listen() -> None:
        async for item in changes(connection.database, ("notes",)):
            ready.set()
            if isinstance(item, Change):
                found.append(item.token)
            if len(found) == count:
                return

    ready = asyncio.Event()
    listening = asyncio.create_task(listen())
    await ready.wait()
    for number in range(count):
        await connection.database["notes"].insert_one({"_id": str(number)})
    async with asyncio.timeout(10):
        await listening
    return found


async def test_a_place_of_the_stream_is_the_moment_of_its_change(connection: Connection) -> None:
    for number, token in enumerate(await tokens(connection, 3)):
        moment = moment_of(token)
        seen = await rows_as_of(connection.database, "notes", EVERYTHING, moment)
        assert [row["_id"] for row in seen] == ["0", "1", "2"][: number + 1]
        before = await rows_as_of(connection.database, "notes", EVERYTHING, moment.before)
        assert len(before) == number


async def test_what_is_now_comes_with_the_moment_of_the_last_change(connection: Connection) -> None:
    *_, last = await tokens(connection, 2)
    rows, moment = await rows_now(connection.database, "notes", EVERYTHING)
    assert len(rows) == 2
    assert moment >= moment_of(last)


@pytest.mark.parametrize("moment", [Moment(1, 1), Moment(0, 0)], ids=["long ago", "never"])
async def test_a_moment_that_is_not_kept_is_lost(moment: Moment, connection: Connection) -> None:
    await prepare(connection)
    with pytest.raises(PastLost, match="no longer keeps what was stored then"):
        await rows_as_of(connection.database, "notes", EVERYTHING, moment)


@pytest.mark.parametrize("token", ["", "82", "8269"])
def test_a_forged_place_is_a_moment_that_never_was(token: str) -> None:
    assert moment_of(token) < Moment(256, 0)
