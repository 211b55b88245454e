"""Conversations that a program makes up: whatever is said over a live socket, it is answered, or closed with a code."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from gateway.graph.close_codes import CloseCode
from tests.hostile.conftest import Target, bearer
from tests.running_server import ADMIN_TOKEN, PATIENCE_SECONDS

CONVERSATIONS = 500 if os.environ.get("JOURNEY_SOAK") else 100
TYPES = ("connection_init", "connection_ack", "ping", "pong", "subscribe", "next", "error", "complete", "start", "")
DOCUMENTS = (
    "{ viewer { name } }",
    "subscription { presence { cursor session { id } } }",
    'subscription { presence(after: "x") { cursor } }',
    "subscription { presence { cursor } journey { cursor } }",
    "subscription { __typename }",
    "subscription($a: Int!) { presence { cursor } }",
    "subscription A { presence { cursor } } subscription B { presence { cursor } }",
    "mutation { nothing }",
    "{" * 300,
    "\0",
)
TOLD = {"connection_ack", "ping", "pong", "next", "error", "complete"}
LAST = "are you there?"
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
OPERATIONS = st.fixed_dictionaries(
    {"query": st.sampled_from(DOCUMENTS) | JSON},
    optional={
        "operationName": st.sampled_from(["A", "B", None]) | JSON,
        "variables": st.fixed_dictionaries({}, optional={"a": JSON, "after": JSON}) | JSON,
        "extensions": JSON,
    },
)
INIT = {"type": "connection_init", "payload": bearer("agent")}
MESSAGES = st.just(INIT) | st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES)},
    optional={"id": st.sampled_from(["1", "2", "", "é" * 150]) | JSON, "payload": OPERATIONS | JSON},
)
SUBSCRIBES = st.fixed_dictionaries(
    {"type": st.just("subscribe"), "id": st.sampled_from(["1", "2", "3"]), "payload": OPERATIONS}
)
SAID = st.one_of(MESSAGES, SUBSCRIBES, SUBSCRIBES).map(json.dumps) | st.text() | st.binary(max_size=50)


@pytest.mark.parametrize("first", [[INIT], []], ids=["who is known", "who is not"])
def test_whatever_is_said_is_answered_or_ends_with_a_code_of_the_protocol(
    first: list[dict[str, Any]], target: Target
) -> None:
    @hypothesis_settings(
        max_examples=CONVERSATIONS, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
    )
    @given(conversation=st.lists(SAID, max_size=6))
    def hold(conversation: list[str | bytes]) -> None:
        complaints = len(target.complaints())
        with connect(
            f"{target.server.url.replace('http', 'ws', 1)}/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            proxy=None,
            close_timeout=PATIENCE_SECONDS,
        ) as socket:
            heard = list(_converse(socket, [*map(json.dumps, first), *conversation]))
            code = socket.close_code
        assert code is None or code in list(CloseCode), conversation
        assert {message["type"] for message in heard} <= TOLD
        assert ADMIN_TOKEN not in str(heard)
        assert target.complaints()[complaints:] == [], conversation

    hold()
    assert target.is_up()


def _converse(socket: ClientConnection, conversation: list[str | bytes]) -> Iterator[dict[str, Any]]:
    """Say all of it, and yield what is heard until the server has heard all of it, or hangs up."""
    try:
        for said in (*conversation, json.dumps({"type": "ping", "payload": {"last": LAST}})):
            socket.send(said)
        while True:
            message: dict[str, Any] = json.loads(socket.recv(PATIENCE_SECONDS))
            yield message
            if message == {"type": "pong", "payload": {"last": LAST}}:
                return
    except ConnectionClosed:
        return
