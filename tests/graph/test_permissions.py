"""Every role against every query, mutation, subscription and field of the schema: seen is what its permissions open."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from graphql import GraphQLObjectType

from gateway.access.permissions import ROLES
from gateway.access.tokens import add_token
from gateway.clock import now
from gateway.graph.node import to_global_id
from gateway.journey.contact import contact_id_of
from tests.graph.conftest import Api, api_over, play
from tests.graph.every_field import SCHEMA, Arguments, Path, document, is_nullable, needed, object_types, paths, reached
from tests.graph.socket_client import Socket, acknowledged

ROLE_NAMES = sorted(ROLES)
ADA = to_global_id("Contact", contact_id_of("cookie", "ada"))
NO_LIMITS = {
    "JOURNEY_COST_BUDGET": "0",
    "JOURNEY_REQUESTS_PER_MINUTE": "0",
    "JOURNEY_ADDRESS_REQUESTS_PER_MINUTE": "0",
}
"""Settings by which a test may ask as often as it likes."""


@pytest.fixture(scope="module")
async def populated(mongodb_url: str) -> AsyncIterator[Api]:
    """The app over a shop where there is one of nearly everything, with a token for each role."""
    async with api_over(mongodb_url, NO_LIMITS) as api:
        await play(api)
        for role in ROLES:
            await add_token(api.database, token_of(role), role, role, now())
        await api.ask(
            """mutation($ada: ID!) {
              createNote(input: {contactId: $ada, noteText: "Likes red shoes."}) { note { id } }
              createExternalOrganization(input: {name: "Shop"}) { externalOrganization { id } }
              createExternalSource(input: {name: "CRM"}) { externalSource { id } }
            }""",
            ada=ADA,
        )
        yield api


def token_of(role: str) -> str:
    return f"jg_of-{role}"


async def arguments_of(api: Api) -> Arguments:
    """Return arguments by which the roots find what there is."""
    found = await api.ask(
        "{ sessions { nodes { id events { nodes { id } } } } externalOrganizations { nodes { id } } outcomes { id } }"
    )
    session = next(one for one in found["sessions"]["nodes"] if len(one["events"]["nodes"]) > 1)
    return {
        ("Query", "node"): {"id": f'"{session["id"]}"'},
        ("Query", "contact"): {"id": f'"{ADA}"'},
        ("Query", "contactByIdentifier"): {"type": "EMAIL", "value": '"ada@shop.example"'},
        ("Query", "contactCandidates"): {"type": "EMAIL", "value": '"ada@shop.example"'},
        ("Query", "session"): {"id": f'"{session["id"]}"'},
        ("Query", "event"): {"id": f'"{session["events"]["nodes"][0]["id"]}"'},
        ("Query", "journey"): {"contactId": f'"{ADA}"'},
        ("Session", "predictionHistory"): {"outcomeId": f'"{found["outcomes"][0]["id"]}"'},
        ("Query", "previewSegment"): {"input": '{journey: {patterns: [{eventName: "page_viewed"}]}, days: 1}'},
        ("Query", "previewOutcome"): {"input": '{eventName: "order_completed", days: 1}'},
        ("Query", "externalOrganization"): {"id": f'"{found["externalOrganizations"]["nodes"][0]["id"]}"'},
    }


def cases(root: str, may: set[str]) -> Iterator[tuple[GraphQLObjectType, str, Path, set[str]]]:
    """Yield each field of each type that a root leads to, a path to it, and what is missing for it.

    The path leads through what is open, where there is such a path.
    """
    everywhere, open_ways = paths(root), paths(root, may)
    for type_ in object_types():
        if type_.name not in everywhere:
            continue
        way = open_ways.get(type_.name, everywhere[type_.name])
        for name in type_.fields:
            path = (*way, (type_.name, name))
            steps = [(SCHEMA.type_map[parent], field) for parent, field in path]
            missing = {one for parent, field in steps for one in needed(parent, field)} - may  # type: ignore[arg-type]
            yield type_, name, path, missing


def refusals(answer: dict[str, Any]) -> set[str]:
    """Return the permissions that an answer calls missing; its messages name them as well."""
    found = [error for error in answer.get("errors", ()) if error["extensions"]["code"] == "FORBIDDEN"]
    assert all(error["extensions"]["permission"] in error["message"] for error in found), found
    return {error["extensions"]["permission"] for error in found}


def mistakes(answer: dict[str, Any], missing: set[str]) -> str | None:
    """Return what is wrong with an answer to who lacks these permissions."""
    refused = refusals(answer)
    if not missing:
        return f"refused for {refused}" if refused else None
    if not refused:
        return f"not refused, though {missing} are missing"
    return None if refused <= missing else f"refused for {refused}, but missing are {missing}"


async def asked(api: Api, role: str, text: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await api.post({"query": text}, token_of(role))).json()
    return answer


@pytest.mark.parametrize("role", ROLE_NAMES)
async def test_a_role_sees_the_fields_that_it_may_and_no_other(populated: Api, role: str) -> None:
    may = {permission.value for permission in ROLES[role]}
    arguments, open_ways = await arguments_of(populated), paths("Query", may)
    wrong = []
    for type_, name, path, missing in cases("Query", may):
        text = document("query", path, arguments)
        answer = await asked(populated, role, text)
        problem = mistakes(answer, missing) if missing or "errors" not in answer else str(answer["errors"])
        if problem is None and missing and is_nullable(type_, name) and type_.name in open_ways:
            problem = _told(answer, path)
        if problem:
            wrong.append((text, problem))
    assert wrong == []


def _told(answer: dict[str, Any], path: Path) -> str | None:
    """A forbidden field that may be null is null, and what it stands in is there."""
    if any(value is not None for value in reached(answer["data"], path)):
        return "something is told of it"
    return None if any(value is not None for value in reached(answer["data"], path[:-1])) else "its parent is gone"


@pytest.mark.parametrize("role", ROLE_NAMES)
async def test_a_role_may_do_the_mutations_that_it_may_and_no_other(populated: Api, role: str) -> None:
    may = {permission.value for permission in ROLES[role]}
    only_here = paths("Mutation").keys() - paths("Query").keys()
    wrong = []
    for type_, _, path, missing in cases("Mutation", may):
        if type_.name not in only_here:
            continue
        text = document("mutation", path, {})
        answer = await asked(populated, role, text)
        problem = mistakes(answer, missing)
        if problem is None and missing and answer.get("data"):
            problem = "not refused as a whole"
        if problem:
            wrong.append((text, problem))
    assert wrong == []


@pytest.mark.parametrize("role", ROLE_NAMES)
async def test_a_role_may_follow_what_it_may_and_nothing_else(populated: Api, role: str) -> None:
    may = {permission.value for permission in ROLES[role]}
    arguments = {("Subscription", "journey"): {"contactId": f'"{ADA}"'}}
    root = SCHEMA.subscription_type
    assert root is not None
    async with acknowledged(populated.app, token_of(role)) as socket:
        for number, name in enumerate(root.fields):
            text = f"subscription {{ {name}{_given(arguments, name)} {{ cursor }} }}"
            missing = needed(root, name) - may
            answer = await _refused_or_silent(socket, str(number), text)
            assert mistakes(answer, missing) is None, text


def _given(arguments: Arguments, name: str) -> str:
    given = ", ".join(f"{key}: {value}" for key, value in arguments.get(("Subscription", name), {}).items())
    return f"({given})" if given else ""


async def _refused_or_silent(socket: Socket, id_: str, text: str) -> dict[str, Any]:
    """Return the first answer to an operation as if it had come over HTTP; a query behind it tells if there is none."""
    await socket.send(id=id_, type="subscribe", payload={"query": text})
    await socket.send(id=f"{id_}-query", type="subscribe", payload={"query": "{ viewer { name } }"})
    answer: dict[str, Any] = {}
    while (message := await socket.receive()).get("id") != f"{id_}-query" or message["type"] != "complete":
        if message["id"] == id_:
            answer = answer or ({"errors": message["payload"]} if message["type"] == "error" else message["payload"])
    await socket.send(id=id_, type="complete")
    return answer


KINDS = sorted(type_.name for type_ in SCHEMA.get_possible_types(SCHEMA.type_map["Node"]))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", ROLE_NAMES)
async def test_node_asks_for_the_permission_of_what_the_id_names(populated: Api, role: str, kind: str) -> None:
    """Also of what is not there, so that nobody learns what there is."""
    type_ = SCHEMA.type_map[kind]
    assert isinstance(type_, GraphQLObjectType)
    missing = needed(type_, "id") - {permission.value for permission in ROLES[role]}
    for selection in ("__typename", "id", f"... on {kind} {{ id }}"):
        text = f'{{ node(id: "{to_global_id(kind, "nothing-has-this-id")}") {{ {selection} }} }}'
        answer = await asked(populated, role, text)
        assert mistakes(answer, missing) is None
        assert answer["data"] == {"node": None}


async def test_what_may_be_seen_of_a_larger_query_is_told(populated: Api) -> None:
    text = "{ sessions(first: 1) { nodes { shortId customerId ipAddress eventCount } } outcomes { displayName } }"
    answer = await asked(populated, "analyst", text)
    (session,) = answer["data"]["sessions"]["nodes"]
    assert len(session["shortId"]) == 6
    assert (session["customerId"], session["ipAddress"]) == (None, None)
    assert {"displayName": "Order"} in answer["data"]["outcomes"]
    assert [error["path"] for error in answer["errors"]] == [
        ["sessions", "nodes", 0, "customerId"],
        ["sessions", "nodes", 0, "ipAddress"],
    ]
    assert answer["errors"][0]["message"] == (
        "`Session.customerId` needs the permission externalContacts:contact:view, which you do not have."
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('mutation { createContact(input: {firstName: "Eve"}) { contact { id } } }', id="not allowed"),
        pytest.param(
            'mutation { createOutcome(input: {displayName: "a", eventName: "b_done"}) { outcome { id } } '
            'createContact(input: {firstName: "Eve"}) { contact { id } } }',
            id="beside one that is allowed",
        ),
        pytest.param(
            'mutation { createOutcome(input: {displayName: "a", eventName: "b_done"}) { outcome { id } } } '
            'mutation Other { createContact(input: {firstName: "Eve"}) { contact { id } } }'.replace("{", "One {", 1),
            id="by the name of its operation",
        ),
    ],
)
async def test_nothing_is_done_of_a_mutation_that_is_refused(populated: Api, text: str) -> None:
    before = [await populated.database[name].count_documents({}) for name in ("contacts", "outcomes", "auditLog")]
    body = {"query": text, "operationName": "Other" if "Other" in text else None}
    answer = (await populated.post(body, token_of("analyst"))).json()
    assert refusals(answer) == {"externalContacts:contact:add"}
    assert not answer.get("data")
    after = [await populated.database[name].count_documents({}) for name in ("contacts", "outcomes", "auditLog")]
    assert after == before


@pytest.mark.parametrize(
    ("role", "asked_for", "missing"),
    [
        pytest.param("agent", "action: MERGE", "externalContacts:identity:merge", id="agents do not merge"),
        pytest.param("agent", "action: UPSERT", None, id="agents add and change"),
        pytest.param("agent", "action: UPDATE, promote: true", None, id="agents promote"),
        pytest.param("supervisor", "action: MERGE", None, id="supervisors merge"),
        pytest.param("analyst", "action: UPDATE", "externalContacts:contact:edit", id="analysts do nothing of it"),
    ],
)
async def test_enriching_needs_what_its_action_does(
    populated: Api, role: str, asked_for: str, missing: str | None
) -> None:
    told = f'matchingIdentifiers: [{{type: EMAIL, value: "no@body.example"}}], contact: {{}}, {asked_for}'
    text = f"mutation {{ enrichContact(input: {{{told}, dryRun: true}}) {{ result {{ status }} }} }}"
    answer = await asked(populated, role, text)
    assert refusals(answer) == ({missing} if missing else set())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'{{ sessions(filter: {{contactId: "{ADA}"}}) {{ nodes {{ shortId }} }} }}', id="sessions"),
        pytest.param(f'{{ journey(contactId: "{ADA}") {{ events {{ nodes {{ eventName }} }} }} }}', id="journey"),
    ],
)
async def test_whose_sessions_there_are_is_not_told_by_a_filter_either(populated: Api, text: str) -> None:
    assert refusals(await asked(populated, "analyst", text)) == {"externalContacts:session:view"}
    assert refusals(await asked(populated, "agent", text)) == set()


async def test_messages_of_a_subscription_leave_out_what_may_not_be_seen(populated: Api) -> None:
    """Two follow the same, with different permissions: each is told what he may see, whoever came first."""
    text = "subscription { presence { session { shortId customerId } } }"
    told: dict[str, dict[str, Any]] = {}
    for role in ("agent", "analyst", "supervisor"):
        async with acknowledged(populated.app, token_of(role)) as socket:
            await socket.subscribe(text)
            told[role] = (await socket.receive())["payload"]
    agent, analyst = told["agent"]["data"]["presence"]["session"], told["analyst"]["data"]["presence"]["session"]
    assert agent["customerId"] is not None
    assert analyst == {"shortId": agent["shortId"], "customerId": None}
    assert refusals(told["analyst"]) == {"externalContacts:contact:view"}
    assert told["supervisor"] == told["agent"]
