import asyncio
from contextlib import aclosing

import pytest

from gateway.storage.change_stream import BadToken, Change, Position, changes
from gateway.storage.database import Database, Row

COLLECTIONS = ("events", "sessions")


async def told(database: Database, number: int, after: str) -> list[Change]:
    """Take this many changes after that place."""
    found: list[Change] = []
    async with asyncio.timeout(10), aclosing(changes(database, COLLECTIONS, after)) as stream:  # type: ignore[type-var]  # it is a generator
        async for item in stream:
            if isinstance(item, Change):
                found.append(item)
            if len(found) == number:
                break
    return found


async def first_position(database: Database) -> str:
    async with aclosing(changes(database, COLLECTIONS)) as stream:  # type: ignore[type-var]  # it is a generator
        item = await anext(stream)
    assert isinstance(item, Position)
    return item.token


async def commit(database: Database, *writes: tuple[str, Row]) -> None:
    async with database.client.start_session() as session, await session.start_transaction():
        for collection, row in writes:
            fields = {name: value for name, value in row.items() if name != "_id"}
            change = {"$set": fields} if fields else {"$setOnInsert": {}}
            await database[collection].update_one({"_id": row["_id"]}, change, upsert=True, session=session)


async def test_changes_come_in_order_of_commit_each_with_the_place_before_and_after_it(database: Database) -> None:
    start = await first_position(database)
    await commit(database, ("events", {"_id": "e1"}), ("sessions", {"_id": "s1", "n": 1}))
    await commit(database, ("sessions", {"_id": "s1", "n": 2}))
    found = await told(database, 3, start)
    assert [(change.collection, change.row) for change in found] == [
        ("events", {"_id": "e1"}),
        ("sessions", {"_id": "s1", "n": 1}),
        ("sessions", {"_id": "s1", "n": 2}),
    ]
    tokens = [change.token for change in found]
    assert tokens == sorted(set(tokens))
    assert all(change.before < change.token for change in found)
    assert [change.before for change in found[1:]] == tokens[:-1]


@pytest.mark.parametrize("place", range(4))
async def test_a_stream_goes_on_from_any_place_also_in_the_midst_of_a_transaction(
    place: int, database: Database
) -> None:
    start = await first_position(database)
    await commit(database, ("events", {"_id": "e1"}), ("events", {"_id": "e2"}), ("sessions", {"_id": "s1"}))
    await commit(database, ("sessions", {"_id": "s2"}))
    whole = await told(database, 4, start)
    rest = await told(database, 4 - place, whole[place].before)
    assert [(change.token, change.row) for change in rest] == [(change.token, change.row) for change in whole[place:]]


async def test_a_change_carries_the_document_as_it_was_then_also_when_it_is_read_later(database: Database) -> None:
    start = await first_position(database)
    for n in range(1, 5):
        await commit(database, ("sessions", {"_id": "s", "n": n, "lastEvent": {"id": f"e{n}", "at": n}}))
    found = await told(database, 4, start)
    assert [(change.row["n"], change.row["lastEvent"]) for change in found] == [
        (n, {"id": f"e{n}", "at": n}) for n in range(1, 5)
    ]


async def test_only_inserts_and_updates_of_the_collections_are_told(database: Database) -> None:
    start = await first_position(database)
    await database["contacts"].insert_one({"_id": "c"})
    await database["events"].insert_one({"_id": "e1"})
    await database["events"].insert_one({"_id": "gone"})
    await database["events"].update_one({"_id": "gone"}, {"$set": {"patched": True}})
    await database["events"].delete_one({"_id": "gone"})
    await database["sessions"].insert_one({"_id": "s"})
    found = await told(database, 3, start)
    assert [change.row["_id"] for change in found] == ["e1", "gone", "s"]


async def test_a_quiet_stream_tells_how_far_it_has_come(database: Database) -> None:
    positions: list[str] = []
    async with asyncio.timeout(10), aclosing(changes(database, COLLECTIONS)) as stream:  # type: ignore[type-var]  # as above
        async for item in stream:
            assert isinstance(item, Position)
            positions.append(item.token)
            if len(positions) == 3:
                break
    assert positions == sorted(positions)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("nonsense", id="no hexadecimal"),
        pytest.param("82", id="cut off"),
        pytest.param("00", id="of nothing"),
        pytest.param("FF" * 40, id="invented"),
    ],
)
async def test_a_token_that_no_stream_gave_out_is_refused(token: str, database: Database) -> None:
    with pytest.raises(BadToken, match="is no place in the stream of changes"):
        await told(database, 1, token)
