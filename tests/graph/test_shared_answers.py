"""Subscribers share answers only if they ask the same, may see the same, and see it of the same divisions."""

from dataclasses import replace
from typing import Any

import pytest
from graphql import GraphQLSchema, get_operation_ast, parse

from gateway.access.permissions import ROLES, Permission
from gateway.access.viewer import Viewer
from gateway.graph.forbidden import forbidden_fields
from gateway.graph.operations import Operations
from gateway.graph.preparing import Prepared
from gateway.graph.schema import make_schema
from gateway.graph.shared_answers import SharedAnswers

SCHEMA: GraphQLSchema = make_schema()._schema
TEXT = "subscription($after: String) { presence(after: $after) { session { shortId customerId } } }"
AGENT = Viewer("al", "agent", ROLES["agent"])


def prepared(viewer: Viewer = AGENT, text: str = TEXT, variables: dict[str, Any] | None = None) -> Prepared:
    document = parse(text)
    operation = get_operation_ast(document)
    assert operation is not None
    forbidden = forbidden_fields(SCHEMA, document, None, viewer.permissions)
    cost: Any = None  # nothing is executed here
    return Prepared(text, document, operation, None, variables or {}, viewer, cost, 0, forbidden)


@pytest.fixture
def shared() -> SharedAnswers:
    nothing: Any = None  # as above
    return SharedAnswers(Operations(SCHEMA, nothing, 0, lambda: nothing), nothing)


@pytest.mark.parametrize(
    ("other", "together"),
    [
        pytest.param(prepared(replace(AGENT, name="ann")), True, id="another person with the same role"),
        pytest.param(
            prepared(replace(AGENT, permissions=frozenset(set(AGENT.permissions)))), True, id="equal permissions"
        ),
        pytest.param(prepared(variables={"after": "c1"}), True, id="who only goes on from another place"),
        pytest.param(prepared(variables={"after": 1}), False, id="who goes on from no place"),
        pytest.param(prepared(text=TEXT.replace("shortId", "id")), False, id="who asks for something else"),
        pytest.param(
            prepared(replace(AGENT, permissions=AGENT.permissions - {Permission.NOTE_ADD})),
            False,
            id="who has other permissions, whatever they are for",
        ),
        pytest.param(prepared(replace(AGENT, divisions=frozenset({"home"}))), False, id="who sees one division"),
    ],
)
def test_who_shares_answers(shared: SharedAnswers, other: Prepared, *, together: bool) -> None:
    first, second = shared.follow(prepared()), shared.follow(other)
    assert (first.number == second.number) is together


def test_divisions_are_told_apart(shared: SharedAnswers) -> None:
    north, south = (shared.follow(prepared(replace(AGENT, divisions=frozenset({one})))) for one in ("north", "south"))
    assert north.number != south.number


def test_only_what_may_be_seen_as_a_whole_is_compiled(shared: SharedAnswers) -> None:
    assert shared.follow(prepared()).compiled is not None
    assert shared.follow(prepared(Viewer("ann", "analyst", ROLES["analyst"]))).compiled is None
