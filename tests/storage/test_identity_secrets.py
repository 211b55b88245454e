import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gateway.storage.database import Database, Row
from gateway.storage.identity_secrets import (
    GRACE,
    current_identity_secret,
    draw_identity_secret,
    rotate_identity_secret,
    secrets_in_force,
)
from gateway.storage.tokens import add_row
from gateway.storage.write_keys import new_write_key_row

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def id_(database: Database) -> str:
    """Id of a write key."""
    row = new_write_key_row("wk_1", "Shop", NOON)
    await add_row(database, "writeKeys", row)
    return str(row["_id"])


async def stored(database: Database, id_: str) -> Row:
    row = await database["writeKeys"].find_one({"_id": id_})
    assert row is not None
    return row


async def test_a_new_write_key_has_one_and_it_stays_the_same(id_: str, database: Database) -> None:
    secret = await current_identity_secret(database, id_, NOON)
    assert await current_identity_secret(database, id_, NOON + HOUR) == secret
    assert secrets_in_force(await stored(database, id_), NOON) == (secret,)


async def test_a_write_key_from_before_there_were_any_gets_one_for_all_who_ask_at_once(
    id_: str, database: Database
) -> None:
    await database["writeKeys"].update_one({"_id": id_}, {"$unset": {"identitySecrets": 1}})
    assert secrets_in_force(await stored(database, id_), NOON) == ()
    secret = await current_identity_secret(database, id_, NOON)
    assert await current_identity_secret(database, id_, NOON) == secret
    assert secrets_in_force(await stored(database, id_), NOON) == (secret,)


async def test_a_former_secret_is_in_force_until_its_grace_ends(id_: str, database: Database) -> None:
    first = await current_identity_secret(database, id_, NOON)
    second = await rotate_identity_secret(database, id_, NOON, GRACE)
    third = await rotate_identity_secret(database, id_, NOON + HOUR, GRACE)
    row = await stored(database, id_)
    assert await current_identity_secret(database, id_, NOON) == third
    assert secrets_in_force(row, NOON + HOUR) == (third, second, first)
    assert secrets_in_force(row, NOON + GRACE) == (third, second)
    assert secrets_in_force(row, NOON + GRACE + HOUR) == (third,)
    fourth = await rotate_identity_secret(database, id_, NOON + GRACE + HOUR, GRACE)
    values = [one["value"] for one in (await stored(database, id_))["identitySecrets"]]
    assert values == [fourth, third]


async def test_without_grace_the_former_are_void_at_once(id_: str, database: Database) -> None:
    await rotate_identity_secret(database, id_, NOON, GRACE)
    drawn = await rotate_identity_secret(database, id_, NOON + HOUR, timedelta())
    assert secrets_in_force(await stored(database, id_), NOON + HOUR) == (drawn,)


async def test_rotated_by_several_at_once_each_keeps_the_secrets_of_the_others(id_: str, database: Database) -> None:
    first = await current_identity_secret(database, id_, NOON)
    drawn = await asyncio.gather(*(rotate_identity_secret(database, id_, NOON, GRACE) for _ in range(8)))
    assert set(secrets_in_force(await stored(database, id_), NOON)) == {first, *drawn}


def test_a_secret_is_32_random_bytes_that_fit_into_a_url() -> None:
    drawn = {draw_identity_secret() for _ in range(100)}
    assert len(drawn) == 100
    assert all(len(secret) == 43 and secret.replace("-", "").replace("_", "").isalnum() for secret in drawn)
