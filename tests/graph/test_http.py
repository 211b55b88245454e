"""GraphQL over HTTP: what is taken, in which media type and with which status it is answered, and what is refused."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.graph.errors import CODES
from gateway.graph.http import STATUS
from gateway.graph.http_request import MAX_BODY_BYTES
from tests.graph.conftest import TOKEN, Api, api_over

BEARER = {"Authorization": f"Bearer {TOKEN}"}
JSON = {"Content-Type": "application/json"}
RESPONSE = "application/graphql-response+json"
PAGE = Path(__file__).parents[2] / "docs" / "graphql-over-http.md"
DESK = "https://desk.example"


@pytest.fixture(scope="module")
async def open_door(mongodb_url: str) -> AsyncIterator[Api]:
    """The app with what is closed unless somebody opens it: GET, and pages of another origin."""
    settings = {"JOURNEY_GRAPHQL_GET": "true", "JOURNEY_ALLOWED_ORIGINS": f"{DESK}, https://crm.example/"}
    async with api_over(mongodb_url, settings) as api:
        yield api


async def send(api: Api, content: bytes | str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.client.post("/graphql", content=content, headers={**BEARER, **JSON, **named})


def code_in(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    code: str = error["extensions"]["code"]
    return code


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        pytest.param("", "application/json", id="nothing said"),
        pytest.param("*/*", "application/json", id="anything"),
        pytest.param("application/json", "application/json", id="JSON"),
        pytest.param(RESPONSE, RESPONSE, id="the response type"),
        pytest.param(f"{RESPONSE}, application/json;q=0.9", RESPONSE, id="the response type rather than JSON"),
        pytest.param(
            f"application/json, {RESPONSE};q=0.1", "application/json", id="JSON rather than the response type"
        ),
        pytest.param("text/html,application/xhtml+xml,*/*;q=0.8", "application/json", id="a browser"),
    ],
)
async def test_the_answer_is_of_the_accepted_media_type(shop: Api, accept: str, media_type: str) -> None:
    answer = await send(shop, '{"query": "{ __typename }"}', Accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert answer.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "multipart/mixed", "image/*"])
async def test_a_client_that_takes_none_of_our_media_types_is_told_which_there_are(shop: Api, accept: str) -> None:
    answer = await send(shop, '{"query": "{ __typename }"}', Accept=accept)
    assert (answer.status_code, code_in(answer)) == (406, "NOT_ACCEPTABLE")
    assert RESPONSE in answer.text


@pytest.mark.parametrize(
    ("document", "of_json", "of_response"),
    [
        pytest.param("{", 200, 400, id="no GraphQL"),
        pytest.param("{ nothing }", 200, 400, id="a field that is not there"),
        pytest.param("query A { __typename } query B { __typename }", 200, 400, id="two operations and no name"),
        pytest.param("query($id: ID!) { __typename }", 200, 400, id="a variable that is missing"),
        pytest.param('{ node(id: "x") { id } }', 200, 200, id="a field that failed"),
        pytest.param("subscription { presence { cursor } }", 400, 400, id="a subscription"),
    ],
)
async def test_the_status_tells_whether_the_operation_was_executed(
    shop: Api, document: str, of_json: int, of_response: int
) -> None:
    body = json.dumps({"query": document})
    plain = await send(shop, body, Accept="application/json")
    typed = await send(shop, body, Accept=RESPONSE)
    assert (plain.status_code, typed.status_code) == (of_json, of_response)
    assert plain.json().get("errors")
    assert ("data" in typed.json()) is (of_response == 200)


@pytest.mark.parametrize(
    "content_type",
    [
        pytest.param("", id="none"),
        pytest.param("text/plain", id="text"),
        pytest.param("application/x-www-form-urlencoded", id="a form"),
        pytest.param("multipart/form-data; boundary=x", id="a form with files"),
        pytest.param("application/graphql", id="GraphQL"),
        pytest.param("application/json; charset=latin1", id="JSON that is not UTF-8"),
        pytest.param("application/jsonp", id="nearly JSON"),
    ],
)
async def test_only_json_is_taken_which_no_foreign_page_can_send_unasked(shop: Api, content_type: str) -> None:
    answer = await send(shop, '{"query": "{ __typename }"}', Content_Type=content_type)
    assert (answer.status_code, code_in(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b'[{"query": "{ __typename }"}]', "batches", id="a batch"),
        pytest.param(b" \n[]", "batches", id="an empty batch"),
        pytest.param(b'{"query": 7}', "query", id="a query that is a number"),
        pytest.param(b'{"query": "{ a }", "variables": []}', "variables", id="variables that are a list"),
        pytest.param(b'{"variables": {}}', "query", id="no query"),
        pytest.param(b'{"query": "\xff"}', "utf-8", id="bytes that are no text"),
        pytest.param(b'{"query": "{a}", "variables": {"a": ' + b"[" * 90_000 + b"]" * 90_000 + b"}}", "", id="deep"),
    ],
)
async def test_a_body_without_an_operation_is_refused_with_the_reason(shop: Api, body: bytes, told: str) -> None:
    answer = await send(shop, body)
    assert (answer.status_code, code_in(answer)) == (400, "BAD_QUERY")
    assert told in answer.text


async def test_a_body_that_is_too_large_is_refused_by_what_its_head_says(shop: Api) -> None:
    answer = await send(shop, b"{}", Content_Length=str(MAX_BODY_BYTES + 1))
    assert (answer.status_code, code_in(answer)) == (413, "BODY_TOO_LARGE")
    assert answer.headers["connection"] == "close"


async def test_a_body_that_turns_out_to_be_too_large_is_not_read_to_its_end(shop: Api) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 100_000
            yield b" " * 100_000

    answer = await shop.client.post("/graphql", content=endless(), headers={**BEARER, **JSON})
    assert answer.status_code == 413
    assert read <= MAX_BODY_BYTES + 200_000


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
async def test_a_method_other_than_post_is_refused_and_told_which_is_taken(shop: Api, method: str) -> None:
    answer = await shop.client.request(method, "/graphql?query={__typename}", headers=BEARER)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


async def test_where_get_is_allowed_a_query_is_answered_with_its_variables(open_door: Api) -> None:
    parameters = {
        "query": "query A($n: Int) { contacts(first: $n) { nodes { id } } } query B { __typename }",
        "operationName": "A",
        "variables": '{"n": 1}',
    }
    answer = await open_door.client.get("/graphql", params=parameters, headers=BEARER)
    assert (answer.status_code, answer.json()["data"]) == (200, {"contacts": {"nodes": []}})


@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        pytest.param({"query": "mutation { __typename }"}, 405, "METHOD_NOT_ALLOWED", id="a mutation"),
        pytest.param({}, 400, "BAD_QUERY", id="nothing"),
        pytest.param({"query": "{ __typename }", "variables": "{"}, 400, "BAD_QUERY", id="variables that are no JSON"),
        pytest.param({"query": "{ __typename }", "variables": "[]"}, 400, "BAD_QUERY", id="variables in a list"),
        pytest.param({str(n): "" for n in range(50)}, 400, "BAD_QUERY", id="very many parameters"),
    ],
)
async def test_what_a_get_may_not_ask_is_refused(
    open_door: Api, parameters: dict[str, str], status: int, code: str
) -> None:
    answer = await open_door.client.get("/graphql", params=parameters, headers=BEARER)
    assert (answer.status_code, code_in(answer)) == (status, code)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_without_a_token_nothing_is_told_whatever_the_method(open_door: Api, method: str) -> None:
    answer = await open_door.client.request(method, "/graphql?query={__typename}")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(("origin", "allowed"), [(DESK, True), ("https://crm.example", True), ("https://evil", False)])
async def test_pages_of_the_allowed_origins_may_ask_and_read(open_door: Api, origin: str, *, allowed: bool) -> None:
    preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    before = await open_door.client.options("/graphql", headers=preflight)
    answer = await send(open_door, '{"query": "{ __typename }"}', Origin=origin)
    assert before.status_code == 204
    assert ("access-control-allow-methods" in before.headers) is allowed
    for one in (before, answer):
        assert one.headers.get("access-control-allow-origin") == (origin if allowed else None)
        assert one.headers["vary"] == "origin"


async def test_unless_origins_are_set_pages_of_no_other_origin_may_ask(shop: Api) -> None:
    headers = {"Origin": DESK, "Access-Control-Request-Method": "POST"}
    before = await shop.client.options("/graphql", headers=headers)
    assert not [name for name in before.headers if name.startswith("access-control-")]


async def test_a_refusal_can_be_read_by_allowed_pages_too(open_door: Api) -> None:
    answer = await open_door.client.post("/graphql", headers={"Origin": DESK})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, DESK)


async def test_a_query_is_told_what_it_was_thought_to_cost_and_what_it_cost(shop: Api) -> None:
    answer = (await shop.post({"query": "{ contacts(first: 2) { nodes { id } } }"})).json()
    cost = answer["extensions"]["cost"]
    assert set(cost) == {"estimated", "actual"}
    assert cost["estimated"] >= cost["actual"]


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("{ sesions { nodes { id } } }", id="a field"),
        pytest.param("{ contacts(frist: 1) { nodes { id } } }", id="an argument"),
        pytest.param("{ node(id: 1) { ... on Contct { id } } }", id="a type"),
        pytest.param('{ sessions(filter: {contctId: "x"}) { nodes { id } } }', id="an input field"),
        pytest.param("query($filter: SesionFilter) { sessions(filter: $filter) { nodes { id } } }", id="an input type"),
        pytest.param('{ contactByIdentifier(type: EMIAL, value: "x") { id } }', id="an enum value"),
    ],
)
async def test_nobody_is_told_what_he_may_have_meant(shop: Api, document: str) -> None:
    for error in await shop.errors(document):
        assert "did you mean" not in error["message"].lower()


async def test_a_variable_is_not_told_what_it_may_have_meant(shop: Api) -> None:
    document = "query($filter: SessionFilter) { sessions(filter: $filter) { nodes { id } } }"
    for error in await shop.errors(document, filter={"contctId": "x"}):
        assert "did you mean" not in error["message"].lower()


async def test_an_error_outside_of_any_field_is_masked_and_has_an_id(
    shop: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Any:
        raise ZeroDivisionError("secret of the house")

    monkeypatch.setattr("gateway.graph.operations.written", broken)
    answer = await shop.post({"query": "{ __typename }"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (500, "INTERNAL")
    assert error["extensions"]["id"] in error["message"]
    assert "secret" not in answer.text


def test_the_page_for_clients_tells_every_status() -> None:
    page = PAGE.read_text(encoding="utf-8")
    told = {code: int(status) for code, status in re.findall(r"^\| `([A-Z_]+)` \| (\d+) \|", page, re.MULTILINE)}
    assert {code: status for code, status in told.items() if status != 400} == STATUS
    assert set(told) <= {*CODES.values(), "INTERNAL"}


async def test_what_is_answered_is_kept_by_no_cache(shop: Api) -> None:
    answer = await shop.post({"query": "{ __typename }"})
    assert answer.headers["cache-control"] == "no-store"
