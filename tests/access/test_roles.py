"""The roles that there are: the delivered ones in the code, those of one's own in the database, read now and then."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.access import roles as roles_module
from gateway.access.authentication import Authenticator, Standing
from gateway.access.own_roles import WantedRole, delete_role, set_role
from gateway.access.permissions import ROLES, Permission, RolesByName
from gateway.access.roles import DESCRIPTIONS, Roles, role_rows_told, roles_there, roles_with
from gateway.access.tokens import ADMIN, NewToken, create_token
from gateway.access.viewer import Viewer
from gateway.storage.connection import connect
from gateway.storage.database import Database
from gateway.storage.errors import MongoDBUnreachable

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ADA = Viewer("Ada", ADMIN, ROLES[ADMIN])
DESK = WantedRole("desk", allow=[Permission.SESSION_VIEW, Permission.EVENT_VIEW])
LESS = WantedRole("desk", deny=[Permission.EVENT_VIEW])


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is not fresh any more."""
    monkeypatch.setattr(roles_module, "FRESH_SECONDS", -1)


async def holder_of(database: Database, authenticator: Authenticator, role: str) -> Viewer:
    _, token = await create_token(database, NewToken("Bob", role), ADA, NOON)
    viewer = await authenticator.viewer_of(f"Bearer {token}")
    assert viewer is not None
    return viewer


async def test_delivered_roles_are_known_without_a_question(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(database.__class__, "__getitem__")  # no collection is asked
    assert await Roles(database).among(["agent", "admin"]) is ROLES


async def test_what_was_read_is_the_answer_for_a_while(database: Database) -> None:
    await set_role(database, DESK, ADA, NOON)
    roles = Roles(database)
    before = await roles.all()
    await set_role(database, LESS, ADA, NOON)
    assert await roles.among(["desk", "agent"]) is before


async def test_a_role_that_was_made_a_moment_ago_is_there_at_once(database: Database) -> None:
    roles = Roles(database)
    assert "desk" not in await roles.among(["desk"])
    await set_role(database, DESK, ADA, NOON)
    assert "desk" in await roles.among(["desk"])


@pytest.mark.usefixtures("at_once")
async def test_then_it_is_read_anew_and_the_mapping_stays_the_same_as_long_as_nothing_has_changed(
    database: Database,
) -> None:
    roles = Roles(database)
    before = await roles.all()
    assert before is ROLES
    await set_role(database, DESK, ADA, NOON)
    after = await roles.all()
    assert after["desk"] == {Permission.SESSION_VIEW, Permission.EVENT_VIEW}
    assert list(after)[: len(ROLES)] == list(ROLES)
    assert await roles.all() is after
    await delete_role(database, "desk", ADA, NOON)
    assert dict(await roles.all()) == dict(before)


async def test_those_who_ask_at_the_same_time_share_one_reading(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = []

    async def counted(asked: Database) -> RolesByName:
        readings.append(asked)
        return await roles_there(asked)

    monkeypatch.setattr(roles_module, "roles_there", counted)
    roles = Roles(database)
    found = await asyncio.gather(*(roles.all() for _ in range(5)))
    assert len(readings) == 1
    assert all(one is found[0] for one in found)


async def test_while_mongodb_is_silent_nobody_can_say(mongodb_url: str, database: Database) -> None:
    async with await connect(mongodb_url, database.name) as lost:
        pass
    roles = Roles(lost.database)
    for _ in range(2):
        with pytest.raises(MongoDBUnreachable):
            await roles.among(["desk"])
    assert await roles.among(["agent"]) is ROLES


def test_what_a_version_does_not_know_opens_nothing_and_a_delivered_role_is_as_delivered() -> None:
    rows = [
        {"_id": "desk", "permissions": ["journey:event:view", "journey:moon:view"]},
        {"_id": "agent", "permissions": [permission.value for permission in Permission]},
    ]
    roles = roles_with(rows)
    assert roles["desk"] == {Permission.EVENT_VIEW}
    assert all(isinstance(permission, Permission) for permission in roles["desk"])
    assert roles["agent"] == ROLES["agent"]


async def test_roles_are_told_with_the_delivered_ones_first(database: Database) -> None:
    for name in ("night-desk", "desk"):
        await set_role(database, WantedRole(name, "agent", description="Serves."), ADA, NOON)
    told = await role_rows_told(database)
    assert [row["_id"] for row in told] == [*ROLES, "desk", "night-desk"]
    assert {row["_id"]: row["description"] for row in told[: len(ROLES)]} == DESCRIPTIONS
    assert told[-1]["permissions"] == sorted(ROLES["agent"])


@pytest.mark.usefixtures("at_once")
async def test_a_token_may_what_its_own_role_may_at_the_moment(database: Database) -> None:
    await set_role(database, DESK, ADA, NOON)
    authenticator = Authenticator(database, lambda: NOON)
    _, token = await create_token(database, NewToken("Bob", "desk"), ADA, NOON)

    async def permissions() -> frozenset[str]:
        viewer = await authenticator.viewer_of(f"Bearer {token}")
        assert viewer is not None
        assert (viewer.role, viewer.roles) == ("desk", ("desk",))
        return viewer.permissions

    assert await permissions() == {Permission.SESSION_VIEW, Permission.EVENT_VIEW}
    await set_role(database, LESS, ADA, NOON)
    assert await permissions() == {Permission.SESSION_VIEW}
    await database["roles"].delete_one({"_id": "desk"})
    assert await permissions() == frozenset()


CHANGES = [
    pytest.param(WantedRole("desk", allow=[Permission.SESSION_VIEW]), Standing.VALID, id="nothing has changed"),
    pytest.param(WantedRole("desk", allow=[Permission.NOTE_VIEW]), Standing.VALID, id="it has won a permission"),
    pytest.param(WantedRole("desk", description="Serves."), Standing.VALID, id="it is described"),
    pytest.param(LESS, Standing.CHANGED, id="it has lost a permission"),
    pytest.param(
        WantedRole("desk", "analyst", deny=[Permission.EVENT_VIEW]), Standing.CHANGED, id="lost one, won many"
    ),
    pytest.param(None, Standing.CHANGED, id="it is gone"),
]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("token_id", [None, "oidc:1"], ids=["with a token of ours", "with one of an issuer"])
@pytest.mark.parametrize(("change", "standing"), CHANGES)
async def test_how_somebody_stands_after_his_role_has_changed(
    database: Database, change: WantedRole | None, standing: Standing, token_id: str | None
) -> None:
    await set_role(database, DESK, ADA, NOON)
    authenticator = Authenticator(database, lambda: NOON)
    bob = await holder_of(database, authenticator, "desk")
    if token_id:
        bob = replace(bob, role="desk, former", token_id=token_id)
    if change:
        await set_role(database, change, ADA, NOON)
    else:
        await database["roles"].delete_many({})
    assert await authenticator.still_valid([bob]) == {bob: standing}


async def test_a_change_is_in_force_within_two_seconds_without_anything_done(database: Database) -> None:
    await set_role(database, DESK, ADA, NOON)
    authenticator = Authenticator(database, lambda: NOON)
    bob = await holder_of(database, authenticator, "desk")
    await set_role(database, LESS, ADA, NOON)
    await asyncio.sleep(roles_module.FRESH_SECONDS + 0.01)
    assert await authenticator.still_valid([bob]) == {bob: Standing.CHANGED}
    assert roles_module.FRESH_SECONDS < 2
