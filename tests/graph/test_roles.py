"""Roles of one's own: made and changed by those who may, in force at once for tokens, sign-ins and live sockets."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.access import roles as roles_module
from gateway.access.own_roles import WantedRole, set_role
from gateway.access.permissions import ROLES, Permission
from gateway.access.tokens import ADMIN, NewToken, create_token
from gateway.access.viewer import Viewer
from gateway.clock import now
from tests.access.issuer import AUDIENCE, ec_key, running_issuer
from tests.graph.conftest import Api, api_over
from tests.graph.socket_client import Socket, acknowledged

FIELDS = "name description permissions isDelivered"
SET = f"mutation($input: SetRoleInput!) {{ setRole(input: $input) {{ role {{ {FIELDS} }} }} }}"
DELETE = f"mutation($input: DeleteRoleInput!) {{ deleteRole(input: $input) {{ role {{ {FIELDS} }} }} }}"
LIST = f"{{ roles {{ {FIELDS} }} }}"
CREATE = "mutation($input: CreateTokenInput!) { createToken(input: $input) { secret token { id role } } }"
CONTACTS = "{ contacts(first: 5) { nodes { lastName sessions(first: 1) { nodes { shortId } } presence } } }"
PRESENCE = "subscription { presence { session { eventCount } } }"
OPERATOR = Viewer("operator", ADMIN, ROLES[ADMIN])
KEY = ec_key("ec")
CUT = (4403, "Forbidden: the token may see less than before, connect again")


@pytest.fixture(scope="module")
async def door(mongodb_url: str) -> AsyncIterator[Api]:
    """The app over a database that all tests of this module share; each has roles of other names."""
    async with api_over(mongodb_url) as api:
        yield api


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process has read of the roles is not fresh any more."""
    monkeypatch.setattr(roles_module, "FRESH_SECONDS", -1)


async def set_by_admin(api: Api, name: str, **told: object) -> dict[str, Any]:
    role: dict[str, Any] = (await api.ask(SET, input={"name": name, **told}))["setRole"]["role"]
    return role


async def token_of(api: Api, role: str) -> str:
    secret: str = (await api.ask(CREATE, input={"name": f"the {role}", "role": role}))["createToken"]["secret"]
    return secret


async def asked(api: Api, text: str, token: str, **variables: object) -> dict[str, Any]:
    answer: dict[str, Any] = (await api.post({"query": text, "variables": variables}, token)).json()
    return answer


def missing(answer: dict[str, Any]) -> set[str]:
    """Return the permissions that an answer calls missing."""
    return {error["extensions"]["permission"] for error in answer.get("errors", ())}


async def test_roles_are_listed_with_what_they_may(api: Api) -> None:
    made = await set_by_admin(api, "desk", like="agent", deny=["routing:queue:search"], description="Serves.")
    assert made == {
        "name": "desk",
        "description": "Serves.",
        "permissions": sorted(ROLES["agent"] - {Permission.QUEUE_SEARCH}),
        "isDelivered": False,
    }
    listed = (await api.ask(LIST))["roles"]
    assert [(one["name"], one["isDelivered"]) for one in listed] == [*((name, True) for name in ROLES), ("desk", False)]
    assert {one["name"]: set(one["permissions"]) for one in listed[:-1]} == dict(ROLES)
    assert listed[-1] == made


@pytest.mark.usefixtures("at_once")
async def test_a_role_without_the_permission_to_see_the_visits_of_contacts_no_longer_sees_that_part(api: Api) -> None:
    """The switch of the former product: agents go on seeing contacts, but nothing of what these did."""
    await api.happens("ada", "identify", userId="u-1", traits={"email": "ada@shop.example", "lastName": "King"})
    await set_by_admin(api, "desk", like="agent")
    desk, agent = await token_of(api, "desk"), await token_of(api, "agent")
    before = await asked(api, CONTACTS, desk)
    assert before == await asked(api, CONTACTS, agent)
    assert before["data"]["contacts"]["nodes"][0]["sessions"]["nodes"]
    whole = ["externalContacts:conversation:viewAll", "externalContacts:session:view"]
    await set_by_admin(api, "desk", deny=whole)
    after = await asked(api, CONTACTS, desk)
    assert missing(after) == {"externalContacts:session:view"}
    (node,) = after["data"]["contacts"]["nodes"]
    assert node == {**before["data"]["contacts"]["nodes"][0], "sessions": None, "presence": None}
    assert await asked(api, CONTACTS, agent) == before
    await set_by_admin(api, "desk", allow=whole)
    assert await asked(api, CONTACTS, desk) == before


async def test_a_changed_role_is_in_force_over_http_within_two_seconds(door: Api) -> None:
    await set_by_admin(door, "quick", like="agent")
    token = await token_of(door, "quick")
    text = "{ sessions(first: 1) { nodes { shortId } } }"
    assert not missing(await asked(door, text, token))
    await set_by_admin(door, "quick", deny=["journey:session:view"])
    await asyncio.sleep(roles_module.FRESH_SECONDS + 0.01)
    assert missing(await asked(door, text, token)) == {"journey:session:view"}


async def followed(api: Api, socket: Socket) -> None:
    await socket.subscribe(PRESENCE)
    await api.happens("ada")
    assert (await socket.told("presence"))["session"]["eventCount"] > 0


@pytest.mark.parametrize(
    ("change", "is_cut"),
    [
        pytest.param({"deny": ["journey:session:view"]}, True, id="it loses what he follows"),
        pytest.param({"deny": ["routing:queue:search"]}, True, id="it loses something else"),
        pytest.param({"like": "analyst"}, True, id="it is like another from now on"),
        pytest.param(None, True, id="it is gone"),
        pytest.param({"allow": ["audit:log:view"]}, False, id="it wins a permission"),
    ],
)
async def test_a_live_socket_is_cut_within_five_seconds_when_its_role_loses_a_permission(
    door: Api, change: dict[str, object] | None, *, is_cut: bool
) -> None:
    name = f"live-{next(door.numbers)}"
    await set_by_admin(door, name, like="agent")
    token = await token_of(door, name)
    async with acknowledged(door.app, token) as socket, acknowledged(door.app) as other:
        await followed(door, socket)
        if change:
            await set_by_admin(door, name, **change)
        else:
            await door.database["roles"].delete_one({"_id": name})
        if is_cut:
            async with asyncio.timeout(5):
                assert await socket.closed() == CUT
        else:
            await asyncio.sleep(4)  # the watch has looked meanwhile
            await socket.send(type="ping")
            while (message := await socket.receive()) != {"type": "pong"}:
                assert message.get("type") == "next"
        await other.send(type="ping")
        assert await other.receive() == {"type": "pong"}


@pytest.mark.usefixtures("at_once")
async def test_people_of_an_issuer_have_roles_of_ones_own_and_follow_their_changes(mongodb_url: str) -> None:
    async with running_issuer() as issuer:
        issuer.publish(KEY)
        told = {
            "JOURNEY_OIDC_ISSUER": issuer.url,
            "JOURNEY_OIDC_AUDIENCE": AUDIENCE,
            "JOURNEY_OIDC_ROLES": "support=desk,support=former,ops=agent",
        }
        async with api_over(mongodb_url, told) as api:
            token = issuer.token(KEY, roles=["support"])
            assert (await api.post({"query": "{ viewer { role } }"}, token)).status_code == 401
            await set_by_admin(api, "desk", like="agent")
            text = "{ viewer { role permissions } }"
            for _ in range(2):  # by the signature, then by memory
                viewer = (await asked(api, text, token))["data"]["viewer"]
                assert viewer == {"role": "desk", "permissions": sorted(ROLES["agent"])}
            async with acknowledged(api.app, token) as socket:
                await set_by_admin(api, "desk", deny=["journey:session:view"])
                async with asyncio.timeout(5):
                    assert await socket.closed() == CUT
            viewer = (await asked(api, text, token))["data"]["viewer"]
            assert viewer["permissions"] == sorted(ROLES["agent"] - {Permission.SESSION_VIEW})
            (error,) = await api.errors(DELETE, input={"name": "desk"})
            assert error["extensions"] == {"code": "CONFLICT", "field": "name"}
            assert "JOURNEY_OIDC_ROLES" in error["message"]
            await api.database["roles"].delete_many({})
            assert (await api.post({"query": text}, token)).status_code == 401
            both = issuer.token(KEY, roles=["support", "ops"])
            assert (await asked(api, text, both))["data"]["viewer"]["role"] == "agent"


@pytest.mark.usefixtures("at_once")
async def test_a_token_whose_role_is_no_more_may_do_nothing(door: Api) -> None:
    await set_by_admin(door, "former", like="admin")
    token = await token_of(door, "former")
    await door.database["roles"].delete_one({"_id": "former"})
    answer = await asked(door, "{ viewer { role permissions } roles { name } }", token)
    assert missing(answer) == {"authorization:role:view"}
    viewer = await asked(door, "{ viewer { role permissions } }", token)
    assert viewer["data"]["viewer"] == {"role": "former", "permissions": []}


@pytest.mark.usefixtures("at_once")
async def test_nobody_makes_a_role_or_a_token_that_may_do_more_than_he(door: Api) -> None:
    may = [permission for permission in Permission if permission.startswith("authorization:")]
    await set_by_admin(door, "keeper", like="agent", allow=may)
    keeper = await token_of(door, "keeper")
    made = await asked(door, SET, keeper, input={"name": "kept", "like": "agent"})
    assert made["data"]["setRole"]["role"]["name"] == "kept"
    for told in ({"name": "kept", "like": "supervisor"}, {"name": "kept", "allow": ["audit:log:view"]}):
        (error,) = (await asked(door, SET, keeper, input=told))["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert error["extensions"]["permission"] in ROLES["supervisor"] - ROLES["agent"]
        assert "permissions that you lack" in error["message"]
    await set_by_admin(door, "kept", allow=["audit:log:view"])
    (error,) = (await asked(door, CREATE, keeper, input={"name": "x", "role": "kept"}))["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN", "permission": "audit:log:view"}


@pytest.mark.parametrize("role", sorted(ROLES.keys() - {ADMIN}))
async def test_who_has_no_permission_neither_sees_nor_sets_nor_deletes(door: Api, role: str) -> None:
    token = await token_of(door, role)
    assert missing(await asked(door, LIST, token)) == {"authorization:role:view"}
    told = {"name": f"of-{role}", "like": role}
    assert missing(await asked(door, SET, token, input=told)) == {"authorization:role:edit"}
    assert missing(await asked(door, DELETE, token, input={"name": "none"})) == {"authorization:role:delete"}
    assert await door.database["roles"].find_one({"_id": f"of-{role}"}) is None


async def test_who_sees_some_divisions_sees_roles_but_does_not_set_them(door: Api) -> None:
    _, token = await create_token(door.database, NewToken("Nora", ADMIN, ["home"]), OPERATOR, door.started)
    assert len((await asked(door, LIST, token))["data"]["roles"]) >= len(ROLES)
    (error,) = (await asked(door, SET, token, input={"name": "north", "like": "agent"}))["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN"}


@pytest.mark.usefixtures("at_once")
async def test_a_role_is_not_deleted_while_tokens_have_it_which_are_named_to_those_who_may_see_them(
    door: Api,
) -> None:
    await set_by_admin(door, "busy", like="agent")
    await set_by_admin(door, "sweeper", allow=["authorization:role:delete", "authorization:role:view"])
    await token_of(door, "busy")
    told = {}
    for who in (None, await token_of(door, "sweeper")):
        answer = await door.post({"query": DELETE, "variables": {"input": {"name": "busy"}}}, *([who] if who else []))
        (error,) = answer.json()["errors"]
        assert error["extensions"] == {"code": "CONFLICT", "field": "name"}
        told[who is None] = error["message"]
    assert told[True] == "The role 'busy' is in use by the token 'the busy': revoke it first."
    assert told[False] == "The role 'busy' is in use."
    await door.database["tokens"].delete_many({"role": "busy"})
    assert (await door.ask(DELETE, input={"name": "busy"}))["deleteRole"]["role"]["name"] == "busy"
    (error,) = await door.errors(DELETE, input={"name": "busy"})
    assert error["extensions"] == {"code": "NOT_FOUND", "field": "name"}


async def test_the_audit_log_tells_who_changed_what_of_which_role(api: Api) -> None:
    await set_by_admin(api, "desk", allow=["journey:event:view", "journey:session:view"])
    await set_by_admin(api, "desk", deny=["journey:event:view"], description="Watches.")
    await api.ask(DELETE, input={"name": "desk"})
    log = await api.ask("{ auditLog(last: 10) { nodes { actor action contactIds details } } }")
    told = [entry for entry in reversed(log["auditLog"]["nodes"]) if "roleName" in entry["details"]]
    assert [(one["actor"], one["action"], one["contactIds"]) for one in told] == [
        ("first admin", action, []) for action in ("CREATED", "UPDATED", "DELETED")
    ]
    assert told[1]["details"] == {"roleName": "desk", "denied": ["journey:event:view"], "fields": ["description"]}


@pytest.mark.parametrize(
    ("document", "given", "code", "field"),
    [
        pytest.param(SET, {"name": "agent", "deny": []}, "BAD_USER_INPUT", "name", id="a delivered role"),
        pytest.param(SET, {"name": "Big Boss", "like": "agent"}, "BAD_USER_INPUT", "name", id="no name"),
        pytest.param(SET, {"name": "x"}, "BAD_USER_INPUT", "like", id="a new role of nothing"),
        pytest.param(SET, {"name": "x", "like": "boss"}, "BAD_USER_INPUT", "like", id="like a role that is not there"),
        pytest.param(SET, {"name": "x", "allow": ["all"]}, "BAD_USER_INPUT", "allow", id="no permission"),
        pytest.param(SET, {"name": "x", "like": "agent", "deny": ["all"]}, "BAD_USER_INPUT", "deny", id="denied"),
        pytest.param(DELETE, {"name": "admin"}, "BAD_USER_INPUT", "name", id="a delivered role, deleted"),
        pytest.param(CREATE, {"name": "x", "role": "boss"}, "BAD_USER_INPUT", "role", id="a token of no role"),
    ],
)
async def test_what_cannot_be_done_is_told_by_its_field(
    door: Api, document: str, given: dict[str, object], code: str, field: str
) -> None:
    (error,) = await door.errors(document, input=given)
    assert error["extensions"] == {"code": code, "field": field}, error["message"]


async def test_a_role_that_the_command_line_has_made_is_there_for_the_server(door: Api) -> None:
    await set_role(door.database, WantedRole("from-cli", "analyst"), OPERATOR, now())
    assert "from-cli" in [one["name"] for one in (await door.ask(LIST))["roles"]]
    assert await token_of(door, "from-cli")
