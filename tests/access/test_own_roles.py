"""Roles of one's own: what they can be, who may make them so, and when they can be deleted."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.access.errors import MoreThanOwn
from gateway.access.own_roles import MAX_ROLES, WantedRole, delete_role, set_role
from gateway.access.permissions import ROLES, Permission
from gateway.access.roles import roles_there
from gateway.access.tokens import ADMIN, NewToken, create_token, revoke_token
from gateway.access.viewer import Viewer
from gateway.journey.errors import InvalidValue
from gateway.storage.database import Database
from gateway.storage.roles import MAX_NAMED, RoleInUse

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
ADA = Viewer("Ada", ADMIN, ROLES[ADMIN])
SEEN, DONE, NOTES = Permission.SESSION_VIEW, Permission.EVENT_VIEW, Permission.NOTE_VIEW
ROLE_ADMIN = Viewer("Rolf", "desk", ROLES["agent"] | {Permission.ROLE_EDIT, Permission.TOKEN_ADD})


async def stored(database: Database) -> list[dict[str, Any]]:
    return await database["roles"].find().to_list()


async def audit_log(database: Database) -> list[tuple[str, str, Mapping[str, object]]]:
    rows = await database["auditLog"].find({"details.roleName": {"$exists": True}}).to_list()
    return [(row["actor"], row["action"], row["details"]) for row in rows]


@pytest.mark.parametrize(
    ("wanted", "permissions"),
    [
        pytest.param(WantedRole("desk", allow=[DONE, SEEN, DONE]), {DONE, SEEN}, id="a new one of permissions"),
        pytest.param(WantedRole("desk", "agent"), ROLES["agent"], id="a copy of a delivered one"),
        pytest.param(WantedRole("desk", "agent", deny=[SEEN]), ROLES["agent"] - {SEEN}, id="one like it with less"),
        pytest.param(
            WantedRole("desk", "analyst", [NOTES], [SEEN, Permission.CONTACT_VIEW]),
            ROLES["analyst"] - {SEEN} | {NOTES},
            id="with less and more",
        ),
        pytest.param(WantedRole("old", allow=[NOTES]), {SEEN, DONE, NOTES}, id="a permission more"),
        pytest.param(WantedRole("old", deny=[DONE, NOTES]), {SEEN}, id="a permission less"),
        pytest.param(WantedRole("old", deny=[DONE, SEEN]), set(), id="no permission any more"),
        pytest.param(WantedRole("old", "agent"), ROLES["agent"], id="from now on like another"),
        pytest.param(WantedRole("desk", "old"), {SEEN, DONE}, id="a copy of one's own"),
        pytest.param(WantedRole("old"), {SEEN, DONE}, id="as it was"),
    ],
)
async def test_a_role_has_the_permissions_that_it_begins_with_and_those_allowed_but_those_denied(
    database: Database, wanted: WantedRole, permissions: set[Permission]
) -> None:
    await set_role(database, WantedRole("old", allow=[SEEN, DONE]), ADA, NOON)
    told = await set_role(database, wanted, ADA, LATER)
    assert told["permissions"] == sorted(permissions)
    assert (await roles_there(database))[wanted.name] == permissions


async def test_a_description_stays_until_another_is_told_or_it_is_taken_away(database: Database) -> None:
    told = [
        (await set_role(database, WantedRole("desk", "agent", description=text), ADA, NOON)).get("description")
        for text in (" Serves. ", None, "Sells.", "")
    ]
    assert told == ["Serves.", "Serves.", "Sells.", None]


async def test_the_audit_log_tells_what_was_allowed_and_denied_and_nothing_where_nothing_has_changed(
    database: Database,
) -> None:
    for wanted in (
        WantedRole("desk", allow=[SEEN, DONE]),
        WantedRole("desk", allow=[SEEN]),
        WantedRole("desk", allow=[NOTES], deny=[SEEN], description="Serves."),
    ):
        row = await set_role(database, wanted, ADA, LATER if wanted.deny else NOON)
    await delete_role(database, "desk", ADA, LATER)
    assert (row["createdDate"], row["modifiedDate"]) == (NOON, LATER)
    assert await audit_log(database) == [
        ("Ada", "CREATED", {"roleName": "desk", "allowed": [DONE, SEEN]}),
        ("Ada", "UPDATED", {"roleName": "desk", "allowed": [NOTES], "denied": [SEEN], "fields": ["description"]}),
        ("Ada", "DELETED", {"roleName": "desk"}),
    ]


@pytest.mark.parametrize(
    ("wanted", "field", "words"),
    [
        *(
            pytest.param(
                WantedRole(role, deny=[SEEN]), "name", "is delivered and stays as it is", id=f"delivered: {role}"
            )
            for role in ROLES
        ),
        pytest.param(WantedRole("", "agent"), "name", "small letters", id="no name"),
        pytest.param(WantedRole("Desk", "agent"), "name", "small letters", id="capitals"),
        pytest.param(WantedRole("desk, admin", "agent"), "name", "small letters", id="two names"),
        pytest.param(WantedRole("x" * 64, "agent"), "name", "small letters", id="a name too long"),
        pytest.param(WantedRole("desk"), "like", "there is no such role to change", id="a new one of nothing"),
        pytest.param(
            WantedRole("desk", deny=[SEEN]), "like", "there is no such role", id="a new one without something"
        ),
        pytest.param(
            WantedRole("desk", "boss"), "like", "one of admin, agent, analyst, old, supervisor", id="like none there is"
        ),
        pytest.param(
            WantedRole("desk", allow=["journey:sesion:view"]),
            "allow",
            "a permission, such as journey:session:view",
            id="a permission misspelt",
        ),
        pytest.param(WantedRole("desk", "agent", deny=["?"]), "deny", "the name of a permission", id="no permission"),
        pytest.param(WantedRole("desk", allow=["*"]), "allow", "the name of a permission", id="all permissions"),
        pytest.param(WantedRole("desk", "agent", [SEEN], [SEEN]), "deny", "allowed as well", id="allowed and denied"),
        pytest.param(
            WantedRole("desk", "agent", description="x" * 2_001), "description", "characters", id="a long description"
        ),
    ],
)
async def test_what_a_role_cannot_be_is_refused_and_nothing_is_stored(
    database: Database, wanted: WantedRole, field: str, words: str
) -> None:
    await set_role(database, WantedRole("old", allow=[SEEN]), ADA, NOON)
    before = await stored(database)
    with pytest.raises(InvalidValue) as refused:
        await set_role(database, wanted, ADA, LATER)
    assert refused.value.field == field
    assert words in str(refused.value)
    assert await stored(database) == before
    assert len(await audit_log(database)) == 1


async def test_there_are_no_more_roles_than_are_read_at_once(database: Database) -> None:
    rows = [{"_id": f"r{number}", "permissions": [], "createdDate": NOON} for number in range(MAX_ROLES)]
    await database["roles"].insert_many(rows)
    with pytest.raises(InvalidValue, match="there are 100 already"):
        await set_role(database, WantedRole("desk", "agent"), ADA, NOON)
    await set_role(database, WantedRole("r7", "agent"), ADA, NOON)


@pytest.mark.parametrize(
    ("wanted", "missing"),
    [
        pytest.param(WantedRole("desk", "agent"), [], id="what he has"),
        pytest.param(WantedRole("desk", "agent", [Permission.ROLE_EDIT]), [], id="all that he has"),
        pytest.param(
            WantedRole("desk", "agent", [Permission.IDENTITY_MERGE]), ["externalContacts:identity:merge"], id="one"
        ),
        pytest.param(
            WantedRole("desk", "supervisor"), sorted(ROLES["supervisor"] - ROLES["agent"]), id="like a superior"
        ),
        pytest.param(
            WantedRole("desk", "supervisor", deny=sorted(ROLES["supervisor"] - ROLES["agent"])),
            [],
            id="like a superior without what he lacks",
        ),
        pytest.param(
            WantedRole("mergers", deny=[SEEN]), ["externalContacts:identity:merge"], id="less of what others have made"
        ),
        pytest.param(WantedRole("mergers", deny=[Permission.IDENTITY_MERGE]), [], id="without what he lacks"),
    ],
)
async def test_nobody_makes_a_role_with_more_permissions_than_he_has(
    database: Database, wanted: WantedRole, missing: list[str]
) -> None:
    await set_role(database, WantedRole("mergers", allow=[SEEN, Permission.IDENTITY_MERGE]), ADA, NOON)
    before = await stored(database)
    if not missing:
        await set_role(database, wanted, ROLE_ADMIN, LATER)
        return
    with pytest.raises(MoreThanOwn) as refused:
        await set_role(database, wanted, ROLE_ADMIN, LATER)
    assert refused.value.permission == missing[0]
    assert all(permission in str(refused.value) for permission in missing)
    assert await stored(database) == before


async def test_nobody_makes_a_token_of_a_role_that_has_more_than_he(database: Database) -> None:
    await set_role(database, WantedRole("mergers", "agent", [Permission.IDENTITY_MERGE]), ADA, NOON)
    await set_role(database, WantedRole("desk", "agent", deny=[SEEN]), ADA, NOON)
    await create_token(database, NewToken("Bob", "desk"), ROLE_ADMIN, NOON)
    with pytest.raises(MoreThanOwn) as refused:
        await create_token(database, NewToken("Bob", "mergers"), ROLE_ADMIN, NOON)
    assert refused.value.permission == "externalContacts:identity:merge"
    with pytest.raises(InvalidValue, match="must be one of admin, agent, analyst, desk, mergers, supervisor"):
        await create_token(database, NewToken("Bob", "boss"), ROLE_ADMIN, NOON)


async def test_roles_are_set_and_deleted_by_those_who_see_all_divisions(database: Database) -> None:
    nora = Viewer("Nora", ADMIN, ROLES[ADMIN], frozenset({"north"}))
    await set_role(database, WantedRole("desk", "agent"), ADA, NOON)
    with pytest.raises(MoreThanOwn, match="all divisions"):
        await set_role(database, WantedRole("desk", deny=[SEEN]), nora, NOON)
    with pytest.raises(MoreThanOwn, match="all divisions"):
        await delete_role(database, "desk", nora, NOON)
    assert (await roles_there(database))["desk"] == ROLES["agent"]


async def test_a_role_is_not_deleted_while_a_token_in_force_has_it(database: Database) -> None:
    await set_role(database, WantedRole("desk", "agent"), ADA, NOON)
    await create_token(database, NewToken("Old", "desk", expires_in_days=1), ADA, NOON - timedelta(days=1))
    rows = [(await create_token(database, NewToken(name, "desk"), ADA, NOON))[0] for name in ("Bob", "Eve")]
    with pytest.raises(RoleInUse, match="'desk' is in use by the tokens 'Bob', 'Eve': revoke them first"):
        await delete_role(database, "desk", ADA, NOON)
    await revoke_token(database, rows[0]["_id"], ADA, NOON)
    with pytest.raises(RoleInUse, match="by the token 'Eve': revoke it first"):
        await delete_role(database, "desk", ADA, NOON)
    await revoke_token(database, rows[1]["_id"], ADA, NOON)
    deleted = await delete_role(database, "desk", ADA, NOON)
    assert deleted is not None
    assert deleted["permissions"] == sorted(ROLES["agent"])
    assert await stored(database) == []
    assert await delete_role(database, "desk", ADA, NOON) is None
    assert [action for _, action, _ in await audit_log(database)] == ["CREATED", "DELETED"]


async def test_of_many_tokens_only_some_are_named(database: Database) -> None:
    await set_role(database, WantedRole("desk", "agent"), ADA, NOON)
    rows = [{"_id": f"{n}", "hash": f"{n}", "name": f"t{n}", "role": "desk", "createdDate": NOON} for n in range(99)]
    await database["tokens"].insert_many(rows)
    with pytest.raises(RoleInUse) as refused:
        await delete_role(database, "desk", ADA, NOON)
    assert refused.value.users.count("'t") == MAX_NAMED
    assert "and more: revoke them first" in refused.value.users


async def test_a_role_that_the_settings_name_is_not_deleted(database: Database) -> None:
    await set_role(database, WantedRole("desk", "agent"), ADA, NOON)
    with pytest.raises(RoleInUse, match="JOURNEY_OIDC_ROLES"):
        await delete_role(database, "desk", ADA, NOON, {"desk"})
    assert len(await stored(database)) == 1


@pytest.mark.parametrize("role", ROLES)
async def test_delivered_roles_are_not_deleted(database: Database, role: str) -> None:
    with pytest.raises(InvalidValue, match="is delivered and stays"):
        await delete_role(database, role, ADA, NOON)


@pytest.mark.parametrize("name", ["", "?", "\ud800", "x" * 1_000])
async def test_what_no_role_can_be_called_is_not_there(database: Database, name: str) -> None:
    assert await delete_role(database, name, ADA, NOON) is None


async def test_two_who_change_a_role_at_the_same_time_both_have_their_will(database: Database) -> None:
    await set_role(database, WantedRole("desk", allow=[SEEN]), ADA, NOON)
    await asyncio.gather(*(set_role(database, WantedRole("desk", allow=[one]), ADA, NOON) for one in ROLES["agent"]))
    assert (await roles_there(database))["desk"] == ROLES["agent"] | {SEEN}
