from datetime import UTC, datetime, timedelta

import pytest

from gateway.access.first_keys import ensure_first_keys
from gateway.intake import write_keys as write_keys_module
from gateway.intake.write_keys import WriteKeys
from gateway.storage.database import Database
from snippet.write_key import WriteKey

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
async def key(database: Database) -> str:
    return (await ensure_first_keys(database, "wk_1", None, lambda: "drawn", NOON)).write_key


async def test_a_write_key_is_found_by_its_text(key: str, database: Database) -> None:
    found = await WriteKeys(database)(key)
    assert found is not None
    assert found == WriteKey(found.id, "wk_1", "first site", identity_secrets=found.identity_secrets)


async def test_an_unknown_write_key_is_none(key: str, database: Database) -> None:
    assert await WriteKeys(database)(key + "x") is None


async def test_a_change_of_a_write_key_is_seen_once_the_last_reading_is_no_longer_fresh(
    key: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_keys = WriteKeys(database)
    await write_keys(key)
    await database["writeKeys"].update_one(
        {"key": key}, {"$set": {"acceptRobots": True, "allowedDomains": ["x.example"]}}
    )
    kept = await write_keys(key)
    assert kept is not None
    assert not kept.accept_robots
    monkeypatch.setattr(write_keys_module, "FRESH_SECONDS", -1)
    await write_keys("unknown")  # waits for the new reading
    changed = await write_keys(key)
    assert changed is not None
    assert (changed.accept_robots, changed.allowed_domains) == (True, ("x.example",))
    await write_keys("unknown")


async def test_a_revoked_write_key_is_none_once_the_last_reading_is_no_longer_fresh(
    key: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_keys = WriteKeys(database)
    assert await write_keys(key) is not None
    await database["writeKeys"].update_one({"key": key}, {"$set": {"revokedDate": NOON}})
    monkeypatch.setattr(write_keys_module, "FRESH_SECONDS", -1)
    await write_keys("unknown")  # waits for the new reading
    assert await write_keys(key) is None


async def test_a_write_key_belongs_to_the_division_that_is_stored_else_to_none(key: str, database: Database) -> None:
    at_home = await WriteKeys(database)(key)
    await database["writeKeys"].update_one({"key": key}, {"$set": {"divisionId": "north"}})
    of_north = await WriteKeys(database)(key)
    assert at_home is not None
    assert of_north is not None
    assert (at_home.division_id, of_north.division_id) == (None, "north")


async def test_a_write_key_has_an_identity_secret_from_its_creation_on_which_no_text_of_it_shows(
    key: str, database: Database
) -> None:
    found = await WriteKeys(database)(key)
    assert found is not None
    (secret,) = found.identity_secrets
    assert len(secret) == 43  # 32 bytes in base64url
    assert secret not in repr(found)


async def test_a_secret_that_has_expired_is_not_in_force(key: str, database: Database) -> None:
    row = await database["writeKeys"].find_one({"key": key})
    assert row is not None
    (present,) = row["identitySecrets"]
    soon, lately = datetime.now(UTC) + timedelta(minutes=1), datetime.now(UTC) - timedelta(minutes=1)
    former = [{"value": "a", "expiresDate": soon}, {"value": "b", "expiresDate": lately}]
    await database["writeKeys"].update_one({"key": key}, {"$set": {"identitySecrets": [present, *former]}})
    found = await WriteKeys(database)(key)
    assert found is not None
    assert found.identity_secrets == (present["value"], "a")


async def test_a_write_key_from_before_there_were_secrets_is_read_without_one(key: str, database: Database) -> None:
    await database["writeKeys"].update_one({"key": key}, {"$unset": {"identitySecrets": 1, "identityPublicKey": 1}})
    found = await WriteKeys(database)(key)
    assert found is not None
    assert (found.identity_secrets, found.identity_public_key) == ((), None)
