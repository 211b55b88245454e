"""How a live socket begins, goes on and ends: graphql-transport-ws, message by message and code by code."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.graph.close_codes import CloseCode, SocketClosed
from gateway.graph.operations import Operations
from gateway.graph.shared_answers import SharedAnswers
from tests.graph.conftest import TOKEN, Api, api_over
from tests.graph.socket_client import Socket, acknowledged, bare_socket_to, socket_to
from tests.running_server import until

PRESENCE = "subscription { presence { session { id } } }"
SUBSCRIBE = {"id": "1", "type": "subscribe", "payload": {"query": PRESENCE}}
INIT = {"type": "connection_init", "payload": {"Authorization": f"Bearer {TOKEN}"}}


@pytest.fixture(scope="module")
async def door(mongodb_url: str) -> AsyncIterator[Api]:
    """The app over a database that all tests of this module share."""
    async with api_over(mongodb_url) as api:
        yield api


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("hello", id="no JSON"),
        pytest.param("[]", id="a list"),
        pytest.param("{}", id="no type"),
        pytest.param('{"type": "hello"}', id="unknown type"),
        pytest.param('{"type": "connection_ack"}', id="what only servers say"),
        pytest.param('{"type": "start", "id": "1"}', id="of the legacy protocol"),
        pytest.param('{"type": "subscribe", "payload": {"query": "{a}"}}', id="no id"),
        pytest.param('{"type": "subscribe", "id": "", "payload": {"query": "{a}"}}', id="empty id"),
        pytest.param('{"type": "subscribe", "id": 1, "payload": {"query": "{a}"}}', id="number for an id"),
        pytest.param(f'{{"type": "complete", "id": "{"x" * 201}"}}', id="long id"),
        pytest.param('{"type": "subscribe", "id": "1"}', id="no payload"),
        pytest.param('{"type": "subscribe", "id": "1", "payload": {"query": 7}}', id="number for a query"),
        pytest.param('{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "variables": []}}', id="variables"),
        pytest.param('{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "operationName": 1}}', id="name"),
        pytest.param('{"type": "ping", "payload": ' + "[" * 100_000, id="deep"),
        pytest.param('{"type": "complete", "id": "\\ud800"}', id="half of a character"),
    ],
)
async def test_what_is_no_message_closes_the_connection_with_4400(door: Api, text: str) -> None:
    async with acknowledged(door.app) as socket:
        await socket.send_text(text)
        code, reason = await socket.closed()
    assert (code, reason.split(":")[0]) == (CloseCode.BAD_MESSAGE, "Invalid message")


@pytest.mark.parametrize("data", [b"\xff\xfe", b'{"type": "complete", "id": "\xff"}'])
async def test_bytes_that_are_no_text_are_no_message(door: Api, data: bytes) -> None:
    async with acknowledged(door.app) as socket:
        await socket.send_bytes(data)
        assert (await socket.closed())[0] == CloseCode.BAD_MESSAGE


@pytest.mark.parametrize(
    ("messages", "code", "reason"),
    [
        pytest.param([SUBSCRIBE], CloseCode.UNAUTHORIZED, "Unauthorized", id="operation before init"),
        pytest.param([INIT, INIT], CloseCode.TOO_MANY_INIT, "Too many initialisation requests", id="two inits"),
        pytest.param(
            [INIT, SUBSCRIBE, SUBSCRIBE],
            CloseCode.SUBSCRIBER_EXISTS,
            "Subscriber for 1 already exists",
            id="one id for two",
        ),
        pytest.param(
            [{"type": "connection_init", "payload": {"Authorization": "Bearer other"}}],
            CloseCode.FORBIDDEN,
            "Forbidden: connection_init needs {Authorization: Bearer TOKEN}",
            id="unknown token",
        ),
        pytest.param([{"type": "connection_init"}], CloseCode.FORBIDDEN, None, id="no payload"),
        pytest.param(
            [{"type": "connection_init", "payload": {"Authorization": {"a": 1}}}],
            CloseCode.FORBIDDEN,
            None,
            id="object for a token",
        ),
        pytest.param(
            [{"type": "ping", "payload": {"a": "x" * 1_000_000}}], CloseCode.MESSAGE_TOO_BIG, None, id="large message"
        ),
    ],
)
async def test_who_breaks_the_protocol_is_told_how_by_the_code(
    door: Api, messages: list[Mapping[str, Any]], code: CloseCode, reason: str | None
) -> None:
    async with bare_socket_to(door.app) as socket:
        for message in messages:
            await socket.send(**message)
        closed = await socket.closed()
    assert closed == (code, closed[1] if reason is None else reason)


def test_a_reason_fits_into_the_frame_that_closes() -> None:
    closed = SocketClosed(CloseCode.SUBSCRIBER_EXISTS, "Subscriber for " + "é" * 200)
    assert len(closed.reason.encode()) in (122, 123)


@pytest.mark.parametrize(
    ("subprotocols", "accepted"),
    [
        pytest.param(["graphql-ws"], "graphql-ws", id="the legacy one"),
        pytest.param(["mqtt", "graphql-ws"], "mqtt", id="others"),
        pytest.param([], None, id="none"),
    ],
)
async def test_another_subprotocol_is_refused_with_4406(
    door: Api, subprotocols: list[str], accepted: str | None
) -> None:
    async with bare_socket_to(door.app, subprotocols, accepted) as socket:
        code, reason = await socket.closed()
    assert (code, reason) == (4406, "Subprotocol not acceptable: this server speaks graphql-transport-ws")


async def test_among_several_subprotocols_ours_is_chosen(door: Api) -> None:
    async with bare_socket_to(door.app, ["graphql-ws", "graphql-transport-ws"]) as socket:
        await socket.send(**INIT)
        assert await socket.receive() == {"type": "connection_ack"}


async def test_a_ping_is_answered_with_its_payload_even_before_init(door: Api) -> None:
    async with bare_socket_to(door.app) as socket:
        await socket.send(type="ping", payload={"at": 7})
        assert await socket.receive() == {"type": "pong", "payload": {"at": 7}}
        await socket.send(type="ping")
        assert await socket.receive() == {"type": "pong"}
        await socket.send(type="pong")
        await socket.send(**INIT)
        assert await socket.receive() == {"type": "connection_ack"}


async def test_queries_and_mutations_are_answered_once_and_completed(door: Api) -> None:
    async with acknowledged(door.app) as socket:
        await socket.subscribe("{ viewer { name } }")
        assert await socket.told("viewer") == {"name": "first admin"}
        assert await socket.receive() == {"id": "1", "type": "complete"}
        await socket.subscribe("{ viewer { name } }")  # the id is free again
        assert await socket.told("viewer") == {"name": "first admin"}


async def test_an_operation_that_the_client_completes_says_nothing_more(door: Api) -> None:
    async with acknowledged(door.app) as socket:
        await socket.send(**SUBSCRIBE)
        await socket.send(type="complete", id="1")
        await socket.send(type="complete", id="of nobody")
        await door.happens("ada")
        await socket.send(type="ping")
        assert await socket.receive() == {"type": "pong"}
        await socket.subscribe("{ viewer { name } }")
        assert await socket.told("viewer") == {"name": "first admin"}


async def test_a_socket_holds_only_so_many_operations(door: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.graph.socket.MAX_OPERATIONS", 2)
    async with acknowledged(door.app) as socket:
        for id_ in ("a", "b", "c"):
            await socket.send(**{**SUBSCRIBE, "id": id_})
        refused = await socket.receive()
        assert (refused["id"], refused["type"]) == ("c", "error")
        assert refused["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
        await socket.send(type="complete", id="a")
        await socket.send(**{**SUBSCRIBE, "id": "c"})
        await socket.send(type="ping")
        assert await socket.receive() == {"type": "pong"}


async def test_a_token_holds_only_so_many_operations_on_all_its_sockets(
    door: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.graph.socket_watch.MAX_OPERATIONS_OF_TOKEN", 2)
    async with acknowledged(door.app) as first, acknowledged(door.app) as second:
        await first.send(**{**SUBSCRIBE, "id": "a"})
        await first.send(**{**SUBSCRIBE, "id": "b"})
        await first.send(type="ping")
        while (await first.receive())["type"] != "pong":
            pass
        await second.send(**{**SUBSCRIBE, "id": "c"})
        refused = await second.receive()
        assert (refused["id"], refused["type"]) == ("c", "error")
        assert refused["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
        assert "2 operations are open with this token" in refused["payload"][0]["message"]
        await first.send(type="complete", id="a")
        await until(lambda: _is_free(second))


async def _is_free(socket: Socket) -> bool:
    """Tell whether one more operation may be open; it is complete when this returns."""
    await socket.send(id="q", type="subscribe", payload={"query": "{ viewer { name } }"})
    message = await socket.receive()
    if message["type"] == "next":
        assert (await socket.receive()) == {"id": "q", "type": "complete"}
    return bool(message["type"] == "next")


@pytest.mark.parametrize(
    ("owner", "method", "kind"),
    [
        pytest.param(SharedAnswers, "answer", "error", id="a message of a subscription"),
        pytest.param(SharedAnswers, "follow", "error", id="the start of a subscription"),
        pytest.param(Operations, "prepare", "error", id="what comes before"),
    ],
)
async def test_what_goes_wrong_with_an_operation_is_masked_and_logged_and_the_socket_goes_on(
    door: Api, monkeypatch: pytest.MonkeyPatch, owner: type, method: str, kind: str
) -> None:
    def fail(*_: object) -> object:
        raise RuntimeError("the password is hunter2")

    await door.happens("ada")
    with capture_logs() as logs, monkeypatch.context() as broken:
        broken.setattr(owner, method, fail)
        async with acknowledged(door.app) as socket:
            await socket.send(**SUBSCRIBE)
            message = await socket.receive()
            assert message["type"] == kind
            broken.undo()
            await socket.subscribe("{ viewer { name } }")
            assert await socket.told("viewer") == {"name": "first admin"}
    assert "hunter2" not in str(message)
    assert message["payload"][0]["extensions"]["code"] == "INTERNAL"
    assert message["payload"][0]["extensions"]["id"] in [log.get("error_id") for log in logs]


async def test_what_goes_wrong_with_a_socket_closes_it_with_the_id_of_the_log(
    door: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> object:
        raise RuntimeError("the password is hunter2")

    with capture_logs() as logs:
        monkeypatch.setattr("gateway.access.authentication.Authenticator.viewer_of", fail)
        async with socket_to(door.app) as socket:
            code, reason = await socket.closed()
    assert code == CloseCode.INTERNAL
    assert reason.rpartition(" ")[2] in [log.get("error_id") for log in logs]
    assert "hunter2" not in reason


def test_every_code_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/live-sockets.md").read_text()
    assert [code for code in CloseCode if f"| {code.value} |" not in page] == []
