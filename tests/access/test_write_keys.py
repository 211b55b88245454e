"""Write keys: made, changed and revoked by people, within the divisions that they see."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.access.permissions import ROLES
from gateway.access.tokens import ADMIN
from gateway.access.viewer import Viewer
from gateway.access.write_keys import (
    change_write_key,
    create_write_key,
    new_identity_secret,
    revoke_write_key,
    set_identity_key,
)
from gateway.journey.division import HOME
from gateway.journey.errors import InvalidValue
from gateway.storage.database import Database
from gateway.storage.rows import all_rows
from gateway.storage.tokens import add_row

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ADA = Viewer("Ada", ADMIN, ROLES[ADMIN])
OF_NORTH = Viewer("Nora", ADMIN, ROLES[ADMIN], frozenset({"north"}))


@pytest.fixture(autouse=True)
async def divisions(database: Database) -> None:
    """Two divisions beside that at home."""
    for name in ("north", "south"):
        await add_row(database, "divisions", {"_id": name, "name": name, "createdDate": NOON, "modifiedDate": NOON})


async def test_a_new_write_key_collects_from_everywhere_for_the_home_division(database: Database) -> None:
    row = await create_write_key(database, {"name": " Shop "}, ADA, NOON)
    assert await all_rows(database, "writeKeys") == [row]
    assert (row["name"], row["allowedOrigins"], row["allowedDomains"]) == ("Shop", ["*"], [])
    assert row["key"].startswith("wk_")
    assert "divisionId" not in row
    (entry,) = await all_rows(database, "auditLog")
    assert (entry["actor"], entry["action"], entry["details"]["writeKeyId"]) == ("Ada", "CREATED", row["_id"])
    assert row["identitySecrets"][0]["value"] not in repr(entry)


async def test_a_change_replaces_what_is_told_and_leaves_the_rest(database: Database) -> None:
    row = await create_write_key(database, {"name": "Shop", "divisionId": "north", "keepFragment": True}, ADA, NOON)
    assert row["divisionId"] == "north"
    told: dict[str, Any] = {"allowedOrigins": ["https://Shop.example/"], "searchParameters": [], "divisionId": HOME}
    changed = await change_write_key(database, row["_id"], told, ADA, NOON)
    expected = {**row, "allowedOrigins": ["https://shop.example"], "searchParameters": []}
    expected.pop("divisionId")
    assert changed == expected
    entries = await database["auditLog"].find({"action": "UPDATED"}).to_list()
    fields = ["allowedOrigins", "divisionId", "searchParameters"]
    assert [entry["details"] for entry in entries] == [{"writeKeyId": row["_id"], "fields": fields}]


@pytest.mark.parametrize(
    ("told", "field"),
    [
        pytest.param({"name": ""}, "name", id="no name"),
        pytest.param({"name": None}, "name", id="a name taken away"),
        pytest.param({"allowedOrigins": ["https://shop.example/page"]}, "allowedOrigins", id="a page as an origin"),
        pytest.param({"divisionId": "east"}, "divisionId", id="a division that is not there"),
    ],
)
async def test_what_a_write_key_cannot_be_is_refused_and_nothing_is_stored(
    database: Database, told: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        await create_write_key(database, {"name": "Shop", **told}, ADA, NOON)
    assert refused.value.field == field
    assert await all_rows(database, "writeKeys") == []


async def test_a_write_key_that_is_revoked_twice_keeps_its_first_date(database: Database) -> None:
    row = await create_write_key(database, {"name": "Shop"}, ADA, NOON)
    for _ in range(2):
        assert await revoke_write_key(database, row["_id"], ADA, NOON) == {**row, "revokedDate": NOON}
    assert await database["auditLog"].count_documents({"action": "REVOKED"}) == 1


async def test_an_identity_key_is_set_and_removed_and_the_audit_log_tells_it(database: Database) -> None:
    row = await create_write_key(database, {"name": "Shop"}, ADA, NOON)
    assert await set_identity_key(database, row["_id"], "PEM", ADA, NOON) == {**row, "identityPublicKey": "PEM"}
    assert await set_identity_key(database, row["_id"], None, ADA, NOON) == row
    entries = await database["auditLog"].find({"action": "UPDATED"}).to_list()
    assert [entry["details"]["fields"] for entry in entries] == [["identityPublicKey"]] * 2


async def test_a_new_identity_secret_is_told_in_the_audit_log_without_the_secret(database: Database) -> None:
    row = await create_write_key(database, {"name": "Shop"}, ADA, NOON)
    secret = await new_identity_secret(database, row["_id"], ADA, NOON, timedelta())
    (kept,) = await all_rows(database, "writeKeys")
    assert [one["value"] for one in kept["identitySecrets"]] == [secret]
    (entry,) = await database["auditLog"].find({"action": "UPDATED"}).to_list()
    assert entry["details"] == {"writeKeyId": row["_id"], "fields": ["identitySecrets"]}


@pytest.mark.parametrize("division", ["south", HOME])
async def test_who_sees_one_division_cannot_make_change_or_revoke_write_keys_of_others(
    database: Database, division: str
) -> None:
    with pytest.raises(InvalidValue, match="a division that there is"):
        await create_write_key(database, {"name": "Shop", "divisionId": division}, OF_NORTH, NOON)
    row = await create_write_key(database, {"name": "Shop", "divisionId": division}, ADA, NOON)
    assert await change_write_key(database, row["_id"], {"acceptRobots": True}, OF_NORTH, NOON) is None
    assert await revoke_write_key(database, row["_id"], OF_NORTH, NOON) is None
    assert await all_rows(database, "writeKeys") == [row]


async def test_who_sees_one_division_changes_its_write_keys_but_moves_none_to_another(database: Database) -> None:
    row = await create_write_key(database, {"name": "Shop", "divisionId": "north"}, OF_NORTH, NOON)
    changed = await change_write_key(database, row["_id"], {"acceptRobots": True}, OF_NORTH, NOON)
    assert changed == {**row, "acceptRobots": True}
    for division in ("south", HOME, "east"):
        with pytest.raises(InvalidValue, match="a division that there is"):
            await change_write_key(database, row["_id"], {"divisionId": division}, OF_NORTH, NOON)
    with pytest.raises(InvalidValue, match="a division that there is"):
        await create_write_key(database, {"name": "Shop"}, OF_NORTH, NOON)
