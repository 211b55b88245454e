"""Sessions that are over, with what they were told: read by indexes, no more than are asked for."""

from datetime import UTC, datetime, timedelta

import pytest
from pymongo import AsyncMongoClient

from gateway.storage.database import Database, Row
from gateway.storage.errors import MongoDBUnreachable
from gateway.storage.told_sessions import MAX_EVENTS, ToldSession, told_sessions
from tests.storage.explained import Commands, faults_of, reads

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def session(number: int) -> Row:
    """Return a session that began so many minutes ago, and took one."""
    begun = NOON - number * MINUTE
    return {
        "_id": f"s{number}",
        "createdDate": begun,
        "activeDate": begun + MINUTE,
        "lastEvent": {"createdDate": begun + MINUTE},
        "predictions": [{"outcomeId": "o", "modelId": "m", "probability": 0.5}, {"outcomeId": "shares of old"}],
        **({"outcomeAchievements": [{"outcomeId": "o"}]} if number % 2 else {}),
    }


def event(number: int, sequence: int) -> Row:
    told = {"predictions": {"o": 0.1 * sequence}} if sequence < 3 else {}
    return {"_id": f"{number} {sequence}", "sessionId": f"s{number}", "sequence": sequence, "createdDate": NOON, **told}


@pytest.fixture
async def site(database: Database) -> Database:
    """Two thousand sessions, a minute apart."""
    await database["sessions"].insert_many([session(number) for number in range(2_000)])
    await database["events"].insert_many(
        [event(number, sequence) for number in range(2_000) for sequence in (1, 2, 3, MAX_EVENTS + 1)]
    )
    return database


async def read(database: Database, since: datetime, until: datetime, at_most: int = 10_000) -> list[ToldSession]:
    return [one async for some in told_sessions(database, since, until, at_most) for one in some]


async def test_they_come_newest_first_with_what_they_were_told_and_what_came_of_it(site: Database) -> None:
    reached, missed = await read(site, NOON - 12 * MINUTE, NOON - 9.5 * MINUTE)
    assert (reached.created_date, reached.achieved) == (NOON - 11 * MINUTE, frozenset("o"))
    assert (missed.created_date, missed.achieved) == (NOON - 12 * MINUTE, frozenset())
    assert reached.models == {"o": "m"}
    assert sorted(reached.told["o"]) == [0.1, 0.2]


async def test_no_more_come_than_are_asked_for(site: Database) -> None:
    assert len(await read(site, NOON - 3_000 * MINUTE, NOON + MINUTE, at_most=700)) == 700
    assert len(await read(site, NOON - 3_000 * MINUTE, NOON)) == 1_998  # two may go on


async def test_they_are_found_by_indexes(mongodb_url: str, site: Database) -> None:
    commands = Commands()
    async with AsyncMongoClient[Row](mongodb_url, tz_aware=True, event_listeners=[commands]) as client:
        await read(client[site.name], NOON - 900 * MINUTE, NOON)
    asked = list(reads(commands.take()))
    assert {read["find"] for read in asked} == {"sessions", "events"}
    for command in asked:
        plan = await site.command({"explain": command, "verbosity": "executionStats"})
        assert list(faults_of(plan, 0)) == []


async def test_without_mongodb_that_is_said() -> None:
    url = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100"
    async with AsyncMongoClient[Row](url) as client:
        with pytest.raises(MongoDBUnreachable, match="what sessions were told"):
            await read(client["journey"], NOON, NOON)
