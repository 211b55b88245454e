"""From what a client sends to an operation that may be executed: each step refuses before anything is done."""

import pytest
from graphql import OperationType

from gateway.access.budget import Budgets
from gateway.access.permissions import ROLES, Permission
from gateway.access.viewer import Viewer
from gateway.graph.errors import (
    BadDocument,
    BadInput,
    BadRequest,
    CostExceeded,
    Forbidden,
    LimitExceeded,
    RateLimited,
    RefusedError,
)
from gateway.graph.limits import Limits
from gateway.graph.operation import Operation
from gateway.graph.persisted import AutomaticDocuments
from gateway.graph.preparing import Preparing, WrongKind
from gateway.graph.schema import make_schema
from gateway.settings import Settings

SCHEMA = make_schema()._schema
AGENT = Viewer("Agent", "agent", frozenset(ROLES["agent"]), token_id="agent")  # noqa: S106 - an id, no secret
ADMIN = Viewer("Admin", "admin", frozenset(ROLES["admin"]), token_id="admin")  # noqa: S106 - an id, no secret
QUERIES = frozenset({OperationType.QUERY})
REPLAY = 'mutation { replayRejectedEvents(input: {ids: ["x"]}) { __typename } }'


def preparing(**environ: str) -> Preparing:
    settings = Settings.read({f"JOURNEY_{name}": value for name, value in environ.items()})
    return Preparing(SCHEMA, Limits.of(settings), AutomaticDocuments(), Budgets.of(settings))


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        pytest.param(None, BadRequest, id="nothing"),
        pytest.param("{ a: a" + " a" * 10_000 + "}", LimitExceeded, id="too many tokens"),
        pytest.param("{ nothing }", BadDocument, id="a field that is not there"),
        pytest.param("{ __schema { description } }", Forbidden, id="the schema"),
        pytest.param("{ sessions(first: 1000000) { nodes { id } } }", BadInput, id="a page too large"),
        pytest.param(
            "{ contacts(first: 100) { nodes { sessions(first: 100) { nodes { "
            "events(first: 100) { nodes { id } } } } } } }",
            CostExceeded,
            id="pages of pages of pages",
        ),
        pytest.param(REPLAY, Forbidden, id="a mutation without its permission"),
    ],
)
def test_what_may_not_be_executed_is_refused(query: str | None, refusal: type[RefusedError]) -> None:
    with pytest.raises(refusal):
        preparing().prepare(Operation(query=query), AGENT)


def test_who_may_not_ask_for_the_schema_is_told_the_permission() -> None:
    with pytest.raises(Forbidden, match=Permission.SCHEMA_INTROSPECT.value) as refused:
        preparing().prepare(Operation(query='{ __type(name: "Contact") { name } }'), AGENT)
    assert refused.value.permission == Permission.SCHEMA_INTROSPECT


def test_a_page_too_large_is_refused_when_a_variable_says_so() -> None:
    request = Operation(
        query="query($first: Int) { sessions(first: $first) { nodes { id } } }", variables={"first": 1_000_000}
    )
    with pytest.raises(BadInput):
        preparing().prepare(request, AGENT)


def test_who_may_ask_for_the_schema_is_given_it() -> None:
    assert preparing().prepare(Operation(query="{ __schema { description } }"), ADMIN).forbidden == {}


@pytest.mark.parametrize("query", ["mutation { __typename }", "subscription { presence { cursor } }"])
def test_where_only_queries_are_taken_nothing_else_is(query: str) -> None:
    with pytest.raises(WrongKind):
        preparing().prepare(Operation(query=query), ADMIN, QUERIES)


def test_what_somebody_may_not_see_is_known_before_executing() -> None:
    analyst = Viewer("Analyst", "analyst", frozenset(ROLES["analyst"]))
    prepared = preparing().prepare(Operation(query="{ contacts { nodes { id } } outcomes { id } }"), analyst)
    assert prepared.forbidden[("Query", "contacts")] == Permission.CONTACT_VIEW
    assert ("Query", "outcomes") not in prepared.forbidden


def test_a_token_that_asks_too_often_is_told_when_to_come_back() -> None:
    ours = preparing(REQUESTS_PER_MINUTE="2")
    for _ in range(2):
        ours.prepare(Operation(query="{ __typename }"), AGENT)
    with pytest.raises(RateLimited) as raised:
        ours.prepare(Operation(query="{ __typename }"), AGENT)
    assert raised.value.retry_after >= 1
    ours.prepare(Operation(query="{ __typename }"), ADMIN)


def test_what_an_operation_did_not_cost_may_be_spent_again() -> None:
    request = Operation(query="{ sessions(first: 100) { nodes { id } } }")
    ours = preparing(COST_BUDGET="300")
    for _ in range(10):
        prepared = ours.prepare(request, AGENT)
        assert ours.settle(prepared, {"sessions": {"nodes": []}}) < prepared.estimated_cost
    with pytest.raises(RateLimited):  # noqa: PT012 - as often as the budget is worth
        for _ in range(10):
            ours.prepare(request, AGENT)
