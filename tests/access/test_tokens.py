"""Tokens: made by people who may do no less themselves, stored as a hash, expiring, revocable."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.access.errors import MoreThanOwn
from gateway.access.first_keys import ensure_first_keys
from gateway.access.permissions import ROLES, Permission
from gateway.access.tokens import (
    ADMIN,
    NewToken,
    TokenState,
    add_token,
    create_token,
    hash_of,
    revoke_token,
    state_of,
    viewer_from,
)
from gateway.access.viewer import Viewer
from gateway.journey.division import HOME
from gateway.journey.errors import InvalidValue
from gateway.storage.database import Database, Row
from gateway.storage.rows import all_rows
from gateway.storage.tokens import add_row

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ADA = Viewer("Ada", ADMIN, ROLES[ADMIN])
OF_NORTH = Viewer("Nora", ADMIN, ROLES[ADMIN], frozenset({"north", HOME}))


@pytest.fixture
async def divisions(database: Database) -> None:
    """Two divisions beside that at home."""
    for name in ("north", "south"):
        await add_row(database, "divisions", {"_id": name, "name": name, "createdDate": NOON, "modifiedDate": NOON})


async def audit_log(database: Database) -> list[tuple[str, str, dict[str, object]]]:
    return [(row["actor"], row["action"], row["details"]) for row in await database["auditLog"].find().to_list()]


async def test_a_token_is_stored_as_its_hash_only(database: Database) -> None:
    await add_token(database, "jg_secret", "Ada", ADMIN, NOON)
    (row,) = await all_rows(database, "tokens")
    assert row["hash"] == hash_of("jg_secret")
    assert "jg_secret" not in repr(row)


async def test_a_new_token_is_told_once_and_neither_it_nor_its_hash_is_in_the_audit_log(database: Database) -> None:
    row, token = await create_token(database, NewToken(" reports ", "analyst"), ADA, NOON)
    assert len(token) == len("jg_") + 43  # 32 bytes in base64url
    assert await all_rows(database, "tokens") == [row]
    assert (row["name"], row["role"], row["hash"]) == ("reports", "analyst", hash_of(token))
    assert not {"divisionIds", "expiresDate", "revokedDate"} & row.keys()
    assert await audit_log(database) == [("Ada", "CREATED", {"tokenId": row["_id"]})]


@pytest.mark.usefixtures("divisions")
async def test_who_holds_a_token_is_what_is_stored_of_it(database: Database) -> None:
    wanted = NewToken("Bob", "agent", ["north", HOME, "north"], expires_in_days=30)
    row, _ = await create_token(database, wanted, ADA, NOON)
    holder = Viewer("Bob", "agent", ROLES["agent"], frozenset({"north", HOME}), row["_id"], NOON + 30 * DAY)
    assert viewer_from(row) == holder
    assert row["divisionIds"] == ["north", HOME]


def test_the_holder_of_a_role_that_is_unknown_may_do_nothing() -> None:
    assert viewer_from({"_id": "t", "name": "Bob", "role": "emperor"}).permissions == frozenset()


@pytest.mark.parametrize(
    ("row", "state"),
    [
        pytest.param({}, TokenState.VALID, id="without an end"),
        pytest.param({"expiresDate": NOON + DAY}, TokenState.VALID, id="before its end"),
        pytest.param({"expiresDate": NOON}, TokenState.EXPIRED, id="at its end"),
        pytest.param({"expiresDate": NOON - DAY}, TokenState.EXPIRED, id="after its end"),
        pytest.param({"revokedDate": NOON - DAY}, TokenState.REVOKED, id="revoked"),
        pytest.param({"revokedDate": NOON, "expiresDate": NOON}, TokenState.REVOKED, id="revoked and expired"),
    ],
)
def test_a_token_opens_something_until_it_expires_or_is_revoked(row: Row, state: TokenState) -> None:
    assert state_of(row, NOON) is state


@pytest.mark.usefixtures("divisions")
@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        pytest.param(NewToken(" ", ADMIN), "name", id="no name"),
        pytest.param(NewToken("x" * 201, ADMIN), "name", id="a name too long"),
        pytest.param(NewToken("x", "emperor"), "role", id="an unknown role"),
        pytest.param(NewToken("x", "Admin"), "role", id="a role in another case"),
        pytest.param(NewToken("x", ADMIN, []), "divisionIds", id="no division"),
        pytest.param(NewToken("x", ADMIN, ["east"]), "divisionIds", id="a division that is not there"),
        pytest.param(NewToken("x", ADMIN, ["north"] * 101), "divisionIds", id="too many divisions"),
        pytest.param(NewToken("x", ADMIN, expires_in_days=0), "expiresInDays", id="expired at once"),
        pytest.param(NewToken("x", ADMIN, expires_in_days=3_651), "expiresInDays", id="for more than ten years"),
    ],
)
async def test_what_a_token_cannot_be_is_refused_and_nothing_is_stored(
    database: Database, wanted: NewToken, field: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        await create_token(database, wanted, ADA, NOON)
    assert refused.value.field == field
    assert await all_rows(database, "tokens") == []
    assert await audit_log(database) == []


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("own", sorted(ROLES))
async def test_nobody_makes_a_token_with_more_permissions_than_he_has(database: Database, own: str, role: str) -> None:
    maker = Viewer("Bob", own, ROLES[own])
    if ROLES[role] <= ROLES[own]:
        await create_token(database, NewToken("x", role), maker, NOON)
        return
    with pytest.raises(MoreThanOwn) as refused:
        await create_token(database, NewToken("x", role), maker, NOON)
    assert refused.value.permission == min(ROLES[role] - ROLES[own])
    assert all(permission in str(refused.value) for permission in ROLES[role] - ROLES[own])
    assert await all_rows(database, "tokens") == []


@pytest.mark.usefixtures("divisions")
async def test_nobody_makes_a_token_that_sees_more_divisions_than_he_does(database: Database) -> None:
    await create_token(database, NewToken("x", ADMIN, [HOME, "north"]), OF_NORTH, NOON)
    with pytest.raises(MoreThanOwn, match="means all divisions"):
        await create_token(database, NewToken("x", ADMIN), OF_NORTH, NOON)
    texts = []
    for division in ("south", "east"):
        with pytest.raises(InvalidValue) as refused:
            await create_token(database, NewToken("x", ADMIN, ["north", division]), OF_NORTH, NOON)
        texts.append(str(refused.value).replace(division, ""))
    assert texts[0] == texts[1], "one that he does not see looks like one that is not there"
    assert len(await all_rows(database, "tokens")) == 1


async def test_a_token_that_is_revoked_twice_keeps_its_first_date_and_one_entry_in_the_audit_log(
    database: Database,
) -> None:
    row, _ = await create_token(database, NewToken("Bob", "agent"), ADA, NOON)
    for later in (DAY, 2 * DAY):
        revoked = await revoke_token(database, row["_id"], ADA, NOON + later)
        assert revoked == {**row, "revokedDate": NOON + DAY}
    assert [action for _, action, _ in await audit_log(database)] == ["CREATED", "REVOKED"]


@pytest.mark.usefixtures("divisions")
@pytest.mark.parametrize(
    ("division_ids", "seen"),
    [
        pytest.param(["north"], True, id="of a division he sees"),
        pytest.param(["north", HOME], True, id="of two that he sees"),
        pytest.param(["south"], False, id="of one that he does not see"),
        pytest.param(["north", "south"], False, id="of one that he sees and one that he does not"),
        pytest.param(None, False, id="of all"),
    ],
)
async def test_who_sees_some_divisions_revokes_only_tokens_that_see_no_others(
    database: Database, division_ids: list[str] | None, *, seen: bool
) -> None:
    row, _ = await create_token(database, NewToken("Bob", "agent", division_ids), ADA, NOON)
    revoked = await revoke_token(database, row["_id"], OF_NORTH, NOON)
    assert (revoked is not None) == seen
    (kept,) = await all_rows(database, "tokens")
    assert ("revokedDate" in kept) == seen


async def test_a_token_that_is_not_there_cannot_be_revoked(database: Database) -> None:
    assert await revoke_token(database, "none", ADA, NOON) is None
    assert await audit_log(database) == []


async def test_an_empty_database_gets_the_keys_that_are_given(database: Database) -> None:
    keys = await ensure_first_keys(database, "wk_mine", "my token", lambda: "drawn", NOON)
    assert (keys.write_key, keys.admin_token) == ("wk_mine", "my token")
    (row,) = await all_rows(database, "tokens")
    assert row["hash"] == hash_of("my token")
    holder = viewer_from(row)
    assert (holder.name, holder.permissions, holder.divisions) == ("first admin", frozenset(Permission), None)


async def test_without_given_keys_they_are_drawn(database: Database) -> None:
    keys = await ensure_first_keys(database, None, None, iter(["one", "two"]).__next__, NOON)
    assert (keys.write_key, keys.admin_token) == ("wk_one", "jg_two")


async def test_a_second_start_finds_the_keys_and_makes_none(database: Database) -> None:
    await ensure_first_keys(database, "wk_mine", "my token", lambda: "drawn", NOON)
    keys = await ensure_first_keys(database, "wk_other", "other", lambda: "drawn", NOON)
    assert (keys.write_key, keys.admin_token) == ("wk_mine", None)
    assert len(await all_rows(database, "tokens")) == 1
    assert len(await all_rows(database, "writeKeys")) == 1


async def test_the_write_key_in_force_is_the_oldest_that_is_not_revoked(database: Database) -> None:
    first = (await ensure_first_keys(database, "wk_first", "t", lambda: "drawn", NOON)).write_key
    await add_row(database, "writeKeys", {"_id": "2", "key": "wk_second", "createdDate": NOON + DAY})
    await database["writeKeys"].update_one({"key": first}, {"$set": {"revokedDate": NOON}})
    assert (await ensure_first_keys(database, None, None, lambda: "drawn", NOON)).write_key == "wk_second"


async def test_when_all_keys_are_revoked_none_is_made(database: Database) -> None:
    await ensure_first_keys(database, "wk_first", "t", lambda: "drawn", NOON)
    for collection in ("writeKeys", "tokens"):
        await database[collection].update_many({}, {"$set": {"revokedDate": NOON}})
    keys = await ensure_first_keys(database, "wk_other", "other", lambda: "drawn", NOON)
    assert (keys.write_key, keys.admin_token) == ("wk_first", None)
