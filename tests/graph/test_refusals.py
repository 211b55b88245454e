"""What is refused: by whom nobody knows, and what makes no sense, each with a code and the field that is to blame."""

from base64 import urlsafe_b64encode

import httpx
import pytest

from gateway.access.errors import MoreThanOwn
from gateway.graph.errors import Forbidden, as_graphql_errors, formatted
from gateway.graph.node import to_global_id
from tests.graph.conftest import Api


def cursor_of(json: str) -> str:
    return urlsafe_b64encode(json.encode()).decode().rstrip("=")


CONTACT_ID = to_global_id("Contact", "c")


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(Forbidden("`x` needs journey:session:view.", "journey:session:view"), id="a field"),
        pytest.param(MoreThanOwn("It may journey:session:view.", "journey:session:view"), id="more than one's own"),
    ],
)
def test_a_missing_permission_is_named_in_words_and_beside_the_code(error: Exception) -> None:
    (seen,) = map(formatted, as_graphql_errors(error))
    assert seen["extensions"] == {"code": "FORBIDDEN", "permission": "journey:session:view"}
    assert "journey:session:view" in seen["message"]


def test_where_divisions_are_missing_no_permission_is_named() -> None:
    for error in (Forbidden("You see only some divisions."), MoreThanOwn("You see only some divisions.")):
        assert [formatted(one)["extensions"] for one in as_graphql_errors(error)] == [{"code": "FORBIDDEN"}]


@pytest.mark.parametrize(
    ("document", "code", "field"),
    [
        pytest.param("{ viewer { nothing } }", "BAD_QUERY", None, id="a field that does not exist"),
        pytest.param("{ viewer {", "BAD_QUERY", None, id="a document that ends early"),
        pytest.param('{ node(id: "nonsense") { id } }', "BAD_USER_INPUT", "id", id="no id"),
        pytest.param('{ node(id: "ü") { id } }', "BAD_USER_INPUT", "id", id="an id that is no base64"),
        pytest.param(f'{{ session(id: "{CONTACT_ID}") {{ id }} }}', "BAD_USER_INPUT", "id", id="an id of another kind"),
        pytest.param(
            '{ journey(contactId: "x") { contact { id } } }', "BAD_USER_INPUT", "contactId", id="no contact id"
        ),
        pytest.param(
            '{ sessions(filter: {contactId: "x"}) { nodes { id } } }',
            "BAD_USER_INPUT",
            "contactId",
            id="no contact id in a filter",
        ),
        pytest.param("{ contacts(first: 0) { nodes { id } } }", "BAD_USER_INPUT", "first", id="an empty page"),
        pytest.param("{ contacts(first: -1) { nodes { id } } }", "BAD_USER_INPUT", "first", id="a negative page"),
        pytest.param("{ contacts(last: 201) { nodes { id } } }", "BAD_USER_INPUT", "last", id="a page too large"),
        pytest.param(
            "{ contacts(first: 1, last: 1) { nodes { id } } }", "BAD_USER_INPUT", "last", id="both directions"
        ),
        pytest.param('{ sessions(after: "nonsense") { nodes { id } } }', "BAD_CURSOR", None, id="no cursor"),
        pytest.param(
            f'{{ sessions(before: "{cursor_of("[1]")}") {{ nodes {{ id }} }} }}',
            "BAD_CURSOR",
            None,
            id="a cursor of another list",
        ),
        pytest.param('{ sessions(filter: {createdAfter: "soon"}) { nodes { id } } }', "BAD_QUERY", None, id="no date"),
        pytest.param(
            "{ sessions(filter: {createdAfter: 7}) { nodes { id } } }", "BAD_QUERY", None, id="a number as date"
        ),
        pytest.param(
            '{ sessions(filter: {createdAfter: "0001-01-01T00:00:00+14:00"}) { nodes { id } } }',
            "BAD_QUERY",
            None,
            id="a date that no calendar has in UTC",
        ),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_code_that_names_the_field(
    shop: Api, document: str, code: str, field: str | None
) -> None:
    (error,) = await shop.errors(document)
    assert error["extensions"].get("code") == code, error
    assert error["extensions"].get("field") == field
    if field:
        assert f"`{field}`" in error["message"]


async def test_a_date_in_a_variable_that_makes_no_sense_is_the_askers_mistake(shop: Api) -> None:
    document = "query($date: DateTime) { sessions(filter: {createdAfter: $date}) { nodes { id } } }"
    (error,) = await shop.errors(document, date="soon")
    assert error["extensions"]["code"] == "BAD_QUERY"
    assert "soon" in error["message"]


@pytest.mark.parametrize("token", [None, "wrong", "", "wk_of_the_tests"])
async def test_without_a_token_that_we_know_nothing_is_told(shop: Api, token: str | None) -> None:
    answer = await shop.post({"query": "{ __typename }"}, token)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert "Authorization: Bearer" in error["message"]


async def test_an_unexpected_error_is_shown_as_an_id_only(shop: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret of the house")

    monkeypatch.setattr("gateway.graph.definition_queries.outcome_rows", broken)
    (error,) = await shop.errors("{ outcomes { id } }")
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["id"] in error["message"]
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b"7", id="a number"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{}", id="no query"),
        pytest.param(b'{"query": 7}', id="a query that is no text"),
        pytest.param(b'{"query": null}', id="a query that is null"),
        pytest.param(b'{"query": "{viewer{name}}", "variables": 7}', id="variables that are no object"),
        pytest.param(b"\xff\xfe", id="no text"),
    ],
)
async def test_a_body_that_is_no_operation_is_refused_without_a_fault(shop: Api, body: bytes) -> None:
    headers = {"Authorization": "Bearer jg_of-the-tests", "Content-Type": "application/json"}
    answer: httpx.Response = await shop.client.post("/graphql", content=body, headers=headers)
    assert 400 <= answer.status_code < 500, answer.text
