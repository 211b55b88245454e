"""Turns that are kept for as long as a task takes."""

from datetime import UTC, datetime, timedelta

from gateway.storage.database import Database
from gateway.storage.turns import move_turn, take_turn

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def test_who_has_a_turn_keeps_it_until_another_one_has_taken_it(database: Database) -> None:
    await take_turn(database, "training", MINUTE, NOON - MINUTE)
    assert await take_turn(database, "training", MINUTE, NOON)
    assert await move_turn(database, "training", NOON + MINUTE, NOON + 2 * MINUTE)
    assert not await take_turn(database, "training", MINUTE, NOON + MINUTE)
    assert await take_turn(database, "training", MINUTE, NOON + 2 * MINUTE)
    assert not await move_turn(database, "training", NOON + 2 * MINUTE, NOON + 4 * MINUTE)
    assert await move_turn(database, "training", NOON + 3 * MINUTE, NOON)
    assert await take_turn(database, "training", MINUTE, NOON)


async def test_a_turn_that_nobody_ever_took_cannot_be_kept(database: Database) -> None:
    assert not await move_turn(database, "training", NOON, NOON + MINUTE)
