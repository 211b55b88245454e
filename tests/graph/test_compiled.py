"""Compiled subscriptions answer what the executor answers, to the byte; what they cannot answer is left to it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from graphql import DocumentNode, ExecutionResult, GraphQLSchema, parse, validate
from graphql.execution import execute
from hypothesis import given
from hypothesis import strategies as st

from gateway.graph.compiled import DoesNotFit, compiled
from gateway.graph.context import Context, Services
from gateway.graph.executing import written
from gateway.graph.schema import make_schema

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SCHEMA: GraphQLSchema = make_schema()._schema
SESSION: Mapping[str, Any] = {
    "_id": "s1",
    "shortId": "123456",
    "type": "web",
    "contactId": "c1",
    "customerId": "visitor",
    "customerIdType": "cookie",
    "createdDate": NOON - timedelta(minutes=3),
    "lastEvent": {"id": "e2", "eventName": "page_viewed", "createdDate": NOON - timedelta(seconds=50)},
    "eventCount": 2,
    "pageviewCount": 2,
    "screenviewCount": 0,
    "searchTerms": ["red shoes", "Größe 42"],
    "lastPage": {"url": "https://shop.example/a", "title": 'A "title"'},
    "device": {"category": "mobile", "isMobile": True},
    "authenticated": False,
    "predictions": [
        {
            "outcomeId": "o1",
            "probability": 0.25,
            "sessionMaxProbability": 0.5,
            "quantile": 0.1,
            "sessionMaxQuantile": 1,
            "modifiedDate": NOON,
            "modelId": "m1",
        }
    ],
}
MESSAGES: Mapping[str, Mapping[str, Any]] = {
    "presence": {"key": "k", "cursor": "c", "session": SESSION},
    "predictions": {
        "key": "k",
        "cursor": "c",
        "session": SESSION,
        "prediction": {**SESSION["predictions"][0], "sessionId": "s1"},
    },
}
PRESENCE_FIELDS = (
    "cursor",
    "again: cursor",
    "__typename",
    "session { id shortId presence createdDate endedDate durationInSeconds }",
    "session { searchTerms authenticated browser { family } device { category isMobile osFamily } }",
    "session { lastPage { url title } } session { lastPage { t: title } lastEvent { eventName createdDate id } }",
    "session { predictions { probability quantile __typename } outcomeAchievements { achievedDate } }",
    "session { ...Names } ",
    "session { ... on Session { eventCount } ... on Node { id } ... { type } }",
    "session { shortId @skip(if: $yes) eventCount @include(if: $yes) type @include(if: $no) }",
)
FRAGMENT = "fragment Names on Session { customerId customerIdType ...More } fragment More on Node { __typename id }"


def context() -> Context:
    """Return what resolvers share; nothing that is selected here reaches a database."""
    services = Services(
        database=None,  # type: ignore[arg-type]
        hub=None,  # type: ignore[arg-type]
        clock=lambda: NOON,
        session_timeout=timedelta(minutes=20),
        replay=None,  # type: ignore[arg-type]
        audit_trail=None,  # type: ignore[arg-type]
        authenticator=None,  # type: ignore[arg-type]
        previews=None,  # type: ignore[arg-type]
    )
    return Context(services)


def document_of(text: str) -> DocumentNode:
    document = parse(text)
    assert validate(SCHEMA, document) == []
    return document


def executed(document: DocumentNode, message: Mapping[str, Any], variables: Mapping[str, Any]) -> bytes:
    result = execute(SCHEMA, document, message, context(), dict(variables))
    assert isinstance(result, ExecutionResult)
    return written(result)


@given(st.lists(st.sampled_from(PRESENCE_FIELDS), min_size=1, max_size=6), st.booleans(), st.booleans())
def test_a_compiled_operation_answers_what_the_executor_answers(fields: list[str], yes: bool, no: bool) -> None:
    selected = " ".join(fields)
    head = "subscription($yes: Boolean = true, $no: Boolean = false)" if "$" in selected else "subscription"
    document = document_of(f"{head} {{ presence {{ {selected} }} }} " + (FRAGMENT if "...Names" in selected else ""))
    variables = {"yes": yes, "no": no} if "$" in selected else {}
    answer = compiled(SCHEMA, document, None, variables)
    assert answer is not None
    message = MESSAGES["presence"]
    assert written(ExecutionResult(answer(message, context()))) == executed(document, message, variables)


@pytest.mark.parametrize(
    ("field", "selected"),
    [
        pytest.param("predictions", "cursor prediction { probability modifiedDate } session { id }", id="two objects"),
        pytest.param("predictions", "prediction { quantile sessionMaxQuantile }", id="an integer for a Float"),
    ],
)
def test_predictions_are_compiled_as_well(field: str, selected: str) -> None:
    document = document_of(f"subscription Named($id: ID) {{ it: {field}(outcomeId: $id) {{ {selected} }} }}")
    answer = compiled(SCHEMA, document, "Named", {})
    assert answer is not None
    assert written(ExecutionResult(answer(MESSAGES[field], context()))) == executed(document, MESSAGES[field], {})


@pytest.mark.parametrize(
    "selected",
    [
        pytest.param("session { contact { id } }", id="another document"),
        pytest.param("session { events(first: 1) { totalCount: edges { cursor } } }", id="a list of documents"),
    ],
)
def test_what_has_to_be_looked_up_is_left_to_the_executor(selected: str) -> None:
    assert compiled(SCHEMA, document_of(f"subscription {{ presence {{ {selected} }} }}"), None, {}) is None


def test_a_message_that_lacks_what_must_not_be_null_is_left_to_the_executor() -> None:
    document = document_of("subscription { presence { cursor session { shortId } } }")
    answer = compiled(SCHEMA, document, None, {})
    broken = {**MESSAGES["presence"], "session": {**SESSION, "shortId": None}}
    assert answer is not None
    with pytest.raises(DoesNotFit):
        answer(broken, context())
    assert b"errors" in executed(document, broken, {})
