"""Tokens and write keys, looked after by those who may, and told of in the audit log."""

import base64
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.access.permissions import ROLES
from gateway.access.tokens import ADMIN, NewToken, create_token
from gateway.access.viewer import Viewer
from gateway.graph.node import to_global_id
from gateway.intake import write_keys as write_keys_module
from gateway.journey.division import HOME
from gateway.storage.tokens import add_row
from tests.graph.conftest import WRITE_KEY, Api

FIELDS = "id name role divisions { key } state createdDate expiresDate lastUsedDate revokedDate"
CREATE = f"mutation($input: CreateTokenInput!) {{ createToken(input: $input) {{ secret token {{ {FIELDS} }} }} }}"
REVOKE = f"mutation($input: RevokeTokenInput!) {{ revokeToken(input: $input) {{ token {{ {FIELDS} }} }} }}"
TOKENS = f"query($first: Int, $after: String) {{ tokens(first: $first, after: $after) {{ nodes {{ {FIELDS} }} }} }}"
KEY_FIELDS = """id key name division { key } allowedOrigins allowedDomains searchParameters excludedQueryParameters
    keepFragment acceptRobots identityPublicKey createdDate revokedDate"""
CREATE_KEY = f"""mutation($input: CreateWriteKeyInput!) {{
    createWriteKey(input: $input) {{ identitySecret writeKey {{ {KEY_FIELDS} }} }} }}"""
UPDATE_KEY = f"""mutation($input: UpdateWriteKeyInput!) {{
    updateWriteKey(input: $input) {{ writeKey {{ {KEY_FIELDS} }} }} }}"""
REVOKE_KEY = f"""mutation($input: RevokeWriteKeyInput!) {{
    revokeWriteKey(input: $input) {{ writeKey {{ {KEY_FIELDS} }} }} }}"""
KEYS = f"{{ writeKeys {{ nodes {{ {KEY_FIELDS} }} }} }}"
VIEWER = "{ viewer { name role permissions divisions { key } expiresDate } }"
NORTH, SOUTH, AT_HOME = (to_global_id("Division", id_) for id_ in ("north", "south", HOME))
NO_TOKEN, NO_KEY = to_global_id("Token", "none"), to_global_id("WriteKey", "none")


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody at work with a token of his own."""

    api: Api
    token: str

    async def ask(self, document: str, **variables: object) -> dict[str, Any]:
        answer = (await self.api.post({"query": document, "variables": variables}, self.token)).json()
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def refusal(self, document: str, **variables: object) -> dict[str, Any]:
        """Return the one error of a document."""
        answer = (await self.api.post({"query": document, "variables": variables}, self.token)).json()
        (error,) = answer["errors"]
        found: dict[str, Any] = error
        return found


async def desk(api: Api, role: str, division_ids: list[str] | None = None) -> Desk:
    """Make a token of this role as an operator does, and return who works with it."""
    operator = Viewer("operator", ADMIN, ROLES[ADMIN])
    _, token = await create_token(api.database, NewToken(f"the {role}", role, division_ids), operator, api.started)
    return Desk(api, token)


@pytest.fixture
async def divided(api: Api) -> Api:
    """The app with two divisions beside that at home."""
    for name in ("north", "south"):
        dates = {"createdDate": api.started, "modifiedDate": api.started}
        await add_row(api.database, "divisions", {"_id": name, "name": name, **dates})
    return api


async def created(api: Api, **wanted: object) -> dict[str, Any]:
    told = {"name": "Bob", "role": "agent", **wanted}
    payload: dict[str, Any] = (await api.ask(CREATE, input=told))["createToken"]
    return payload


async def created_key(api: Api, **wanted: object) -> dict[str, Any]:
    payload: dict[str, Any] = (await api.ask(CREATE_KEY, input={"name": "Shop", **wanted}))["createWriteKey"]
    return payload


async def changes_of_keys(api: Api) -> list[dict[str, Any]]:
    """Return what the audit log tells of tokens and write keys, the first first."""
    log = await api.ask("{ auditLog(last: 50) { nodes { actor action contactIds details } } }")
    return [
        entry for entry in reversed(log["auditLog"]["nodes"]) if {"tokenId", "writeKeyId"} & entry["details"].keys()
    ]


async def test_a_new_token_opens_the_door_and_is_shown_in_its_creation_only(divided: Api) -> None:
    made = await created(divided, divisionIds=[NORTH], expiresInDays=7)
    token, secret = made["token"], made["secret"]
    assert (token["name"], token["role"], token["state"]) == ("Bob", "agent", "VALID")
    assert token["divisions"] == [{"key": "north"}]
    assert token["createdDate"][:19] < token["expiresDate"][:19]
    answer = (await divided.post({"query": VIEWER}, secret)).json()
    same = {name: token[name] for name in ("name", "role", "divisions", "expiresDate")}
    assert answer["data"]["viewer"] == {**same, "permissions": sorted(ROLES["agent"])}
    listed = await divided.ask(TOKENS)
    assert [node["name"] for node in listed["tokens"]["nodes"]] == ["Bob", "first admin"]
    (row,) = await divided.database["tokens"].find({"name": "Bob"}).to_list()
    everything = repr((listed, await divided.database["auditLog"].find().to_list()))
    assert secret not in everything
    assert row["hash"] not in everything


async def test_a_revoked_token_opens_nothing_and_stays_in_the_list(api: Api) -> None:
    made = await created(api)
    revoked = (await api.ask(REVOKE, input={"id": made["token"]["id"]}))["revokeToken"]["token"]
    assert revoked["state"] == "REVOKED"
    assert revoked["revokedDate"] is not None
    assert (await api.post({"query": VIEWER}, made["secret"])).status_code == 401
    again = (await api.ask(REVOKE, input={"id": made["token"]["id"]}))["revokeToken"]["token"]
    assert again == revoked
    assert (await api.ask(TOKENS, first=1))["tokens"]["nodes"] == [revoked]
    entries = [(entry["actor"], entry["action"]) for entry in await changes_of_keys(api)]
    assert entries == [("first admin", "CREATED"), ("first admin", "REVOKED")]


async def test_who_has_no_permission_neither_sees_nor_makes_nor_revokes(api: Api) -> None:
    made = await created(api)
    for role in sorted(ROLES.keys() - {ADMIN}):
        bob = await desk(api, role)
        for document, wanted, permission in (
            (CREATE, {"name": "x", "role": role}, "authorization:token:"),
            (REVOKE, {"id": made["token"]["id"]}, "authorization:token:"),
            (CREATE_KEY, {"name": "x"}, "journey:writeKey:"),
            (UPDATE_KEY, {"id": NO_KEY, "name": "x"}, "journey:writeKey:"),
            (REVOKE_KEY, {"id": NO_KEY}, "journey:writeKey:"),
        ):
            error = await bob.refusal(document, input=wanted)
            assert error["extensions"]["code"] == "FORBIDDEN", role
            assert permission in error["message"]
        for document in (TOKENS, KEYS):
            assert (await bob.refusal(document))["extensions"]["code"] == "FORBIDDEN"
    (bobs,) = await api.database["tokens"].find({"name": "Bob"}).to_list()
    assert "revokedDate" not in bobs


async def test_nobody_makes_a_token_that_sees_more_divisions_than_he_does(divided: Api) -> None:
    nora = await desk(divided, ADMIN, ["north"])
    told = {"name": "x", "role": ADMIN}
    made = await nora.ask(CREATE, input={**told, "divisionIds": [NORTH]})
    assert made["createToken"]["token"]["divisions"] == [{"key": "north"}]
    error = await nora.refusal(CREATE, input=told)
    assert error["extensions"]["code"] == "FORBIDDEN"
    for division, name in ((SOUTH, "south"), (AT_HOME, HOME), (to_global_id("Division", "east"), "east")):
        error = await nora.refusal(CREATE, input={**told, "divisionIds": [division]})
        assert error["message"] == f"`divisionIds` is '{name}', but must be the id of a division that there is."
        assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": "divisionIds"}


async def test_tokens_and_write_keys_of_other_divisions_are_not_there(divided: Api) -> None:
    tokens = [(await created(divided, name=name, divisionIds=ids))["token"]["id"] for name, ids in BADGES]
    keys = [
        (await created_key(divided, name=name, divisionId=id_))["writeKey"]["id"]
        for name, id_ in (("north", NORTH), ("south", SOUTH), ("home", None))
    ]
    nora = await desk(divided, ADMIN, ["north"])
    seen = [node["name"] for node in (await nora.ask(TOKENS))["tokens"]["nodes"]]
    assert sorted(seen) == ["north", "the admin"]
    assert [node["name"] for node in (await nora.ask(KEYS))["writeKeys"]["nodes"]] == ["north"]
    for document, ids, missing in ((REVOKE, tokens[1:], NO_TOKEN), (REVOKE_KEY, keys[1:], NO_KEY)):
        unknown = await nora.refusal(document, input={"id": missing})
        for id_ in ids:
            error = await nora.refusal(document, input={"id": id_})
            assert error["message"] == unknown["message"].replace(missing, id_)
            assert error["extensions"] == unknown["extensions"] == {"code": "NOT_FOUND", "field": "id"}


BADGES: list[tuple[str, list[str] | None]] = [
    ("north", [NORTH]),
    ("south", [SOUTH]),
    ("both", [NORTH, SOUTH]),
    ("all", None),
]


async def test_a_new_write_key_collects_and_its_secret_is_shown_in_its_creation_only(api: Api) -> None:
    made = await created_key(api, allowedOrigins=["https://Shop.example/"], acceptRobots=True)
    key, secret = made["writeKey"], made["identitySecret"]
    assert (key["name"], key["allowedOrigins"], key["division"]) == ("Shop", ["https://shop.example"], {"key": HOME})
    assert (key["acceptRobots"], key["keepFragment"], key["revokedDate"]) == (True, False, None)
    assert len(base64.urlsafe_b64decode(secret + "=")) == 32
    listed = await api.ask(KEYS)
    assert [node["key"] for node in listed["writeKeys"]["nodes"]] == [key["key"], WRITE_KEY]
    assert secret not in repr((listed, await api.database["auditLog"].find().to_list()))


async def test_settings_of_a_write_key_are_replaced_and_the_others_stay(divided: Api) -> None:
    key = (await created_key(divided, excludedQueryParameters=["token"]))["writeKey"]
    told = {
        "name": "Shop of the north",
        "divisionId": NORTH,
        "allowedDomains": ["*.Shop.example"],
        "searchParameters": [],
        "keepFragment": True,
    }
    changed = (await divided.ask(UPDATE_KEY, input={"id": key["id"], **told}))["updateWriteKey"]["writeKey"]
    settings = {name: value for name, value in told.items() if name != "divisionId"}
    assert changed == {**key, **settings, "allowedDomains": ["*.shop.example"], "division": {"key": "north"}}
    back = (await divided.ask(UPDATE_KEY, input={"id": key["id"], "divisionId": None}))["updateWriteKey"]["writeKey"]
    assert back == {**changed, "division": {"key": HOME}}
    details = [entry["details"] for entry in await changes_of_keys(divided)]
    assert [sorted(entry["fields"]) for entry in details[1:]] == [sorted(told), ["divisionId"]]


async def test_a_revoked_write_key_collects_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_keys_module, "FRESH_SECONDS", -1)
    key = (await created_key(api))["writeKey"]

    async def collected() -> int:
        call = {"type": "page", "anonymousId": "ada"}
        return (await api.client.post("/v1/batch", json={"batch": [call]}, auth=(key["key"], ""))).status_code

    assert await collected() == 200
    revoked = (await api.ask(REVOKE_KEY, input={"id": key["id"]}))["revokeWriteKey"]["writeKey"]
    assert revoked["revokedDate"] is not None
    await collected()  # has the write keys read again
    answer = await api.client.post("/v1/batch", json={"batch": []}, auth=(key["key"], ""))
    assert answer.status_code == 401
    assert answer.headers["X-Journey-Refused"] == "unknown_write_key"


@pytest.mark.parametrize(
    ("document", "given", "code", "field"),
    [
        pytest.param(CREATE, {"name": " ", "role": "agent"}, "BAD_USER_INPUT", "name", id="a token without a name"),
        pytest.param(CREATE, {"name": "x", "role": "Admin"}, "BAD_USER_INPUT", "role", id="a role that is none"),
        pytest.param(
            CREATE,
            {"name": "x", "role": "agent", "divisionIds": [NO_KEY]},
            "BAD_USER_INPUT",
            "divisionIds",
            id="a write key as a division",
        ),
        pytest.param(
            CREATE, {"name": "x", "role": "agent", "divisionIds": []}, "BAD_USER_INPUT", "divisionIds", id="no division"
        ),
        pytest.param(
            CREATE,
            {"name": "x", "role": "agent", "expiresInDays": -1},
            "BAD_USER_INPUT",
            "expiresInDays",
            id="expired before it is made",
        ),
        pytest.param(REVOKE, {"id": NO_TOKEN}, "NOT_FOUND", "id", id="a token that is not there"),
        pytest.param(REVOKE, {"id": NO_KEY}, "BAD_USER_INPUT", "id", id="a write key as a token"),
        pytest.param(CREATE_KEY, {"name": ""}, "BAD_USER_INPUT", "name", id="a write key without a name"),
        pytest.param(
            CREATE_KEY,
            {"name": "x", "allowedOrigins": ["shop.example"]},
            "BAD_USER_INPUT",
            "allowedOrigins",
            id="an origin without a scheme",
        ),
        pytest.param(UPDATE_KEY, {"id": NO_KEY}, "BAD_USER_INPUT", "input", id="a change of nothing"),
        pytest.param(
            UPDATE_KEY,
            {"id": NO_KEY, "keepFragment": None},
            "BAD_USER_INPUT",
            "keepFragment",
            id="a setting taken away",
        ),
        pytest.param(UPDATE_KEY, {"id": NO_KEY, "name": "x"}, "NOT_FOUND", "id", id="a write key that is not there"),
        pytest.param(REVOKE_KEY, {"id": NO_KEY}, "NOT_FOUND", "id", id="a write key that is not there, revoked"),
    ],
)
async def test_what_cannot_be_done_is_told_by_its_field(
    api: Api, document: str, given: dict[str, object], code: str, field: str
) -> None:
    (error,) = await api.errors(document, input=given)
    assert error["extensions"] == {"code": code, "field": field}, error["message"]
    assert await changes_of_keys(api) == []
