from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.access.claims import ClaimRules, claim_at, viewer_of_claims
from gateway.access.permissions import ROLES, Permission, RolesByName
from gateway.access.viewer import Viewer

MAPPED = (("support", "agent"), ("support", "analyst"), ("Shop Ops", "admin"))


RULES = ClaimRules("roles", None, "divisions", "email")


def viewer(claims: Mapping[str, object], rules: ClaimRules = RULES) -> Viewer | None:
    verified = {"iss": "https://id.example", "sub": "u-1", "exp": 1_800_000_000, "roles": "agent"}
    return viewer_of_claims({**verified, **claims}, rules)


@pytest.mark.parametrize(
    ("mapped", "told", "role"),
    [
        pytest.param(None, ["agent"], "agent", id="a role by its name"),
        pytest.param(None, "agent", "agent", id="a text"),
        pytest.param(None, ["analyst", "agent"], "agent, analyst", id="several"),
        pytest.param(None, ["agent", 7, None, {"a": 1}], "agent", id="among other things"),
        pytest.param(None, ["Agent"], None, id="in capitals"),
        pytest.param(None, "agent admin", None, id="two in a text are one name"),
        pytest.param(None, {"agent": True}, None, id="an object"),
        pytest.param(None, True, None, id="a boolean"),
        pytest.param(None, [], None, id="none"),
        pytest.param(MAPPED, ["support"], "agent, analyst", id="a value that stands for two"),
        pytest.param(MAPPED, ["Shop Ops"], "admin", id="a name with a space"),
        pytest.param(MAPPED, ["admin"], None, id="the name of a role where values are mapped"),
        pytest.param(MAPPED, ["Shop"], None, id="half of a name"),
    ],
)
def test_the_role_claim_gives_roles(mapped: tuple[tuple[str, str], ...] | None, told: object, role: str | None) -> None:
    found = viewer({"roles": told}, replace(RULES, roles=mapped))
    assert (found and found.role) == role


def test_permissions_of_several_roles_are_added_up() -> None:
    found = viewer({"roles": ["agent", "analyst"]})
    assert found is not None
    assert found.permissions == ROLES["agent"] | ROLES["analyst"]


@pytest.mark.parametrize(
    ("path", "claims", "value"),
    [
        pytest.param("roles", {"roles": ["a"]}, ["a"], id="a name"),
        pytest.param("realm_access.roles", {"realm_access": {"roles": ["a"]}}, ["a"], id="in an object"),
        pytest.param("a.my.app.roles", {"a": {"my.app": {"roles": ["a"]}}}, ["a"], id="in one whose name has dots"),
        pytest.param("https://shop.example/roles", {"https://shop.example/roles": "a"}, "a", id="a URL"),
        pytest.param("a.b", {"a": "text"}, None, id="in what is no object"),
        pytest.param("a.b", {}, None, id="absent"),
        pytest.param(".", {}, None, id="a dot"),
        pytest.param("a..b", {"a": {"": {"b": 1}}}, 1, id="an empty name"),
    ],
)
def test_a_claim_is_found_by_its_path(path: str, claims: dict[str, object], value: object) -> None:
    assert claim_at(claims, path) == value


@pytest.mark.parametrize("claim", ["scope", "scp"])
def test_a_scope_holds_several_values_with_spaces_between(claim: str) -> None:
    found = viewer({claim: "openid agent"}, replace(RULES, role_claim=claim))
    assert found is not None
    assert found.role == "agent"


@pytest.mark.parametrize(
    ("role", "told", "divisions"),
    [
        pytest.param("agent", None, {"home"}, id="nothing told: home"),
        pytest.param("admin", None, None, id="nothing told of an admin: all"),
        pytest.param("agent", ["d-1", "d-2"], {"d-1", "d-2"}, id="some"),
        pytest.param("admin", ["d-1"], {"d-1"}, id="an admin of one"),
        pytest.param("agent", "d-1", {"d-1"}, id="a text"),
        pytest.param("agent", "*", None, id="all"),
        pytest.param("agent", ["*"], None, id="all, in a list"),
        pytest.param("agent", [], set(), id="none"),
        pytest.param("admin", 7, set(), id="what is no list gives nothing"),
    ],
)
def test_the_division_claim_gives_divisions(role: str, told: object, divisions: set[str] | None) -> None:
    found = viewer({"roles": role, "divisions": told})
    assert found is not None
    assert found.divisions == divisions


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        pytest.param({"email": "ada@shop.example"}, "ada@shop.example", id="the claim"),
        pytest.param({"email": "ada@shop.example", "email_verified": False}, "u-1", id="an address of anybody"),
        pytest.param({}, "u-1", id="absent"),
        pytest.param({"email": ["a"]}, "u-1", id="no text"),
        pytest.param({"email": " \n"}, "u-1", id="blank"),
        pytest.param({"email": "ada\n2026 admin"}, "ada2026 admin", id="what would break a line"),
        pytest.param({"email": "a" * 500}, "a" * 200, id="long"),
    ],
)
def test_people_are_named_by_the_name_claim(claims: dict[str, object], name: str) -> None:
    found = viewer(claims)
    assert found is not None
    assert found.name == name


def test_the_same_person_keeps_the_id_and_others_have_others() -> None:
    people = [viewer(claims) for claims in ({}, {"jti": "2"}, {"sub": "u-2"}, {"iss": "x"})]
    ids = [person and person.token_id for person in people]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_the_end_of_the_token_is_the_end_of_the_viewer() -> None:
    found = viewer({"exp": 1_800_000_000.9})
    assert found is not None
    assert found.expires_date == datetime(2027, 1, 15, 8, 0, tzinfo=UTC)


THERE = {**ROLES, "desk": frozenset({Permission.SESSION_VIEW})}


@pytest.mark.parametrize(
    ("mapped", "told", "there", "role"),
    [
        pytest.param(None, ["desk"], THERE, "desk", id="by its name"),
        pytest.param(None, ["desk", "agent"], THERE, "agent, desk", id="beside a delivered one"),
        pytest.param((("support", "desk"),), ["support"], THERE, "desk", id="by a value that stands for it"),
        pytest.param((("support", "desk"),), ["desk"], THERE, None, id="by its name where values are mapped"),
        pytest.param(None, ["desk"], ROLES, None, id="that is no more"),
        pytest.param((("support", "desk"),), ["support"], ROLES, None, id="that is no more, mapped"),
        pytest.param(None, ["desk", "agent"], ROLES, "agent", id="that is no more, beside a delivered one"),
    ],
)
def test_the_role_claim_gives_roles_of_ones_own(
    mapped: tuple[tuple[str, str], ...] | None, told: object, there: RolesByName, role: str | None
) -> None:
    verified = {"iss": "https://id.example", "sub": "u-1", "exp": 1_800_000_000, "roles": told}
    found = viewer_of_claims(verified, replace(RULES, roles=mapped), there)
    assert (found and found.role) == role
    if found is not None:
        assert found.permissions == frozenset().union(*(there[name] for name in found.roles))
        assert found.divisions == frozenset({"home"})
