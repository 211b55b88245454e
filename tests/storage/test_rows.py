from datetime import UTC, datetime, timedelta

from gateway.storage.database import Database
from gateway.storage.rows import all_rows, latest_by_key, rows_by_id
from gateway.storage.session_activity import active_sessions, last_event_dates
from gateway.storage.tokens import add_row, is_without, token_by_hash

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


async def test_rows_are_found_by_their_ids_and_missing_ones_left_out(database: Database) -> None:
    await database["events"].insert_many([{"_id": "a"}, {"_id": "b"}])
    assert await rows_by_id(database, "events", ["b", "none"]) == {"b": {"_id": "b"}}


async def test_the_newest_row_of_each_key_is_found(database: Database) -> None:
    rows = [{"_id": f"{who}{n}", "contactId": who, "createdDate": at(n)} for who in "ab" for n in range(3)]
    await database["sessions"].insert_many(rows)
    found = await latest_by_key(database, "sessions", "contactId", ["a", "b", "c"])
    assert {key: row["_id"] for key, row in found.items()} == {"a": "a2", "b": "b2"}


async def test_all_rows_come_oldest_first(database: Database) -> None:
    await database["outcomes"].insert_many(
        [{"_id": str(n), "displayName": str(n), "createdDate": at(-n)} for n in range(3)]
    )
    assert [row["_id"] for row in await all_rows(database, "outcomes")] == ["2", "1", "0"]


async def test_active_sessions_are_those_that_had_an_event_since_the_most_recent_first(database: Database) -> None:
    await database["sessions"].insert_many(
        [
            {
                "_id": str(n),
                "type": "web" if n % 2 else "app",
                "lastEvent": {"createdDate": at(n)},
                "activeDate": at(300),
            }
            for n in range(1, 6)
        ]
    )
    found = await active_sessions(database, {"type": "web"}, at(1), 10)
    assert [row["_id"] for row in found] == ["5", "3"]
    assert [row["_id"] for row in await active_sessions(database, {}, at(0), 2)] == ["5", "4"]
    assert await last_event_dates(database, at(3)) == {"4": at(4), "5": at(5)}


async def test_a_token_is_found_by_its_hash(database: Database) -> None:
    assert await is_without(database, "tokens")
    await add_row(database, "tokens", {"_id": "t", "hash": "h"})
    assert not await is_without(database, "tokens")
    assert await token_by_hash(database, "h") == {"_id": "t", "hash": "h"}
    assert await token_by_hash(database, "x") is None
