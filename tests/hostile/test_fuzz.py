"""Documents that a program makes up from our own schema: whatever they ask, nobody is surprised.

A few hundred in each run of the tests; two thousand with JOURNEY_SOAK=1, as `make soak` has it.
"""

import os
from functools import cache
from uuid import uuid4

import httpx
import pytest
from graphql import GraphQLSchema, OperationType, print_schema
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis_graphql import mutations, nodes, queries

from gateway.graph.schema import make_schema
from tests.hostile.aim import Ids, aimed
from tests.hostile.conftest import Target, bearer
from tests.running_server import RunningServer

IS_SOAK = bool(os.environ.get("JOURNEY_SOAK"))
DOCUMENTS = {OperationType.QUERY: 1_000 if IS_SOAK else 90, OperationType.MUTATION: 800 if IS_SOAK else 80}
GROWTH = 48 * 1024 * 1024
"""Bytes that the process may grow by: caches fill, and the allocator keeps what it once had."""
VISITORS = 20
MADE = """
o{n}: createOutcome(input: {{displayName: "Order {n}", eventName: "order_completed"}}) {{ outcome {{ id }} }}
e{n}: createExternalOrganization(input: {{name: "Shop {n}"}}) {{ externalOrganization {{ id }} }}
"""
NEVER_TOLD = ("Traceback", 'File "', "pymongo", "bson", "strawberry", "graphql.", " object at 0x", "INTERNAL")
DATES = (
    *("2026-11-22T12:00:00.000Z", "2026-11-22T12:00:00+14:00", "1000-01-01T00:00:00Z", "8999-12-31T23:59:59.999Z"),
    *("0001-01-01T00:00:00Z", "9999-99-99T99:99:99Z"),
)
SCALARS = {
    "DateTime": st.sampled_from(DATES).map(nodes.String),
    "JSON": st.sampled_from([nodes.Null, nodes.Int(1), nodes.String("\0"), nodes.Object([])]),
}


@cache
def schema() -> GraphQLSchema:
    """Return our schema, as clients know it."""
    return make_schema()._schema


@pytest.fixture(scope="module")
async def known_ids(hostile_server: RunningServer) -> Ids:
    """Ids of visitors and what they did, and of a few things that people made."""
    visitors = [f"visitor-{uuid4().hex}" for _ in range(VISITORS)]
    page = {"page": {"url": "https://shop.example/a?q=tea", "title": "A"}}
    calls = [
        {"type": kind, "messageId": uuid4().hex, "anonymousId": visitor, "context": page, **more}
        for visitor in visitors
        for kind, more in (
            ("page", {}),
            ("track", {"event": "Order Completed", "properties": {"total": 1.5, "items": ["a", {"b": None}]}}),
            ("identify", {"traits": {"email": f"{visitor}@shop.example", "name": "Ada King"}}),
        )
    ]
    await hostile_server.send(*calls)
    made = await hostile_server.query("mutation {" + " ".join(MADE.format(n=n) for n in range(10)) + "}")
    found = await hostile_server.query(
        "{ contacts(first: 200) { nodes { id } } sessions(first: 200) { nodes { id events { nodes { id } } } } }"
    )
    sessions = found["sessions"]["nodes"]
    contacts = [contact["id"] for contact in found["contacts"]["nodes"]]
    things = [thing["id"] for payload in made.values() for thing in payload.values()]
    return {
        "contact": contacts,
        "journey": contacts,
        "session": [session["id"] for session in sessions],
        "event": [event["id"] for session in sessions for event in session["events"]["nodes"]],
        "outcome": things[::2],
        "organization": things[1::2],
    }


def attack(target: Target, document: str, holder: str) -> None:
    """Send a document and look at the answer: in words, and never one of ours that we did not mean."""
    answer = target.client.post("/graphql", json={"query": document}, headers=bearer(holder))
    assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, answer.text
    errors = answer.json().get("errors", [])
    told = [error["message"] for error in errors]
    assert all(told)
    assert all(error["extensions"]["code"] != "INTERNAL" for error in errors), answer.text
    assert not [message for message in told if any(word in message for word in NEVER_TOLD)], told


@pytest.mark.timeout(1_200 if IS_SOAK else 240)
@pytest.mark.parametrize(
    ("kind", "holder"),
    [
        pytest.param(OperationType.QUERY, "admin", id="queries"),
        pytest.param(OperationType.QUERY, "agent", id="queries of an agent"),
        pytest.param(OperationType.MUTATION, "admin", id="mutations"),
    ],
)
def test_whatever_is_asked_is_answered_in_words_and_memory_stays_flat(
    target: Target, known_ids: Ids, kind: OperationType, holder: str
) -> None:
    documents = DOCUMENTS[kind] if holder == "admin" else DOCUMENTS[kind] // 5
    make = queries if kind is OperationType.QUERY else mutations
    sizes: list[int] = []

    @hypothesis_settings(
        max_examples=documents,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        derandomize=not IS_SOAK,
    )
    @given(document=make(schema(), custom_scalars=SCALARS, print_ast=aimed(known_ids, DATES)))
    def meet(document: str) -> None:
        attack(target, document, holder)
        sizes.append(target.memory())

    meet()
    warm = sizes[len(sizes) // 4]
    assert len(sizes) >= documents // 2
    assert sizes[-1] - warm < GROWTH, f"{warm:,} bytes after a quarter, {sizes[-1]:,} at the end"
    assert target.complaints() == []
    assert target.is_up()


def test_the_schema_that_is_attacked_is_the_one_that_is_published() -> None:
    assert "type Mutation" in print_schema(schema())
