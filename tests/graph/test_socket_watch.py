"""Who may not stay on a live socket is cut off, with a code that says why."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.access.authentication import Standing
from gateway.access.permissions import Permission
from gateway.access.tokens import NewToken, create_token, revoke_token
from gateway.access.viewer import Viewer
from gateway.clock import now
from gateway.graph.close_codes import CloseCode, SocketClosed
from gateway.graph.socket_watch import ENDS, SocketWatch
from gateway.storage.database import Row
from gateway.storage.errors import MongoDBUnreachable
from tests.access.issuer import AUDIENCE, ec_key, running_issuer
from tests.graph.conftest import Api, api_over
from tests.graph.socket_client import acknowledged, bare_socket_to, socket_to

ADA = Viewer("Ada", "agent", token_id="1")  # noqa: S106 - an id
BOB = Viewer("Bob", "agent", token_id="2")  # noqa: S106 - an id
OPERATOR = Viewer("operator", "admin", frozenset(Permission))


class Watched:
    """A socket that remembers what the watch did to it."""

    def __init__(self) -> None:
        self.codes: list[int] = []
        self.looks = 0

    def cut(self, closed: SocketClosed) -> None:
        self.codes.append(closed.code)

    def keep_alive(self, at: float) -> None:
        assert at > 0
        self.looks += 1


class Standings:
    """How viewers stand, as a test says; counts how often it is asked."""

    def __init__(self) -> None:
        self.of: dict[Viewer, Standing] = {}
        self.asked: list[set[Viewer]] = []
        self.failure: Exception | None = None

    async def __call__(self, viewers: Collection[Viewer]) -> Mapping[Viewer, Standing]:
        self.asked.append(set(viewers))
        if self.failure:
            raise self.failure
        return {viewer: self.of.get(viewer, Standing.VALID) for viewer in viewers}


@pytest.fixture
def standings(monkeypatch: pytest.MonkeyPatch) -> Standings:
    monkeypatch.setattr("gateway.graph.socket_watch.LOOK_EVERY_SECONDS", 0.01)
    return Standings()


@asynccontextmanager
async def watching(standings: Standings, *viewers: Viewer) -> AsyncIterator[list[Watched]]:
    watch = SocketWatch(standings, now)
    sockets = [Watched() for _ in viewers]
    for socket, viewer in zip(sockets, viewers, strict=True):
        watch.enter(socket, viewer)
    yield sockets
    for socket in sockets:
        watch.leave(socket)


async def looks(number: int, standings: Standings) -> None:
    seen = len(standings.asked)
    async with asyncio.timeout(10):
        while len(standings.asked) < seen + number:  # noqa: ASYNC110 - the loop that is watched tells nobody
            await asyncio.sleep(0.005)


async def test_one_question_is_asked_for_all_sockets_and_none_when_none_is_open(standings: Standings) -> None:
    async with watching(standings, ADA, ADA, BOB):
        await looks(2, standings)
    assert standings.asked[0] == {ADA, BOB}
    asked = len(standings.asked)
    await asyncio.sleep(0.1)
    assert len(standings.asked) == asked


@pytest.mark.parametrize("standing", [standing for standing in Standing if standing is not Standing.VALID])
async def test_who_may_not_stay_is_cut_off_and_nobody_else(standing: Standing, standings: Standings) -> None:
    async with watching(standings, ADA, ADA, BOB) as (first, second, third):
        await looks(2, standings)
        assert not first.codes
        standings.of[ADA] = standing
        await looks(2, standings)
        assert set(first.codes) == set(second.codes) == {ENDS[standing][0]}
        assert not third.codes
        assert third.looks > 1


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        pytest.param(MongoDBUnreachable("gone"), "whether open sockets may stay will be asked again", id="expected"),
        pytest.param(RuntimeError("what?"), "nobody knows whether open sockets may stay", id="unexpected"),
    ],
)
async def test_while_mongodb_is_silent_the_watch_goes_on_and_expired_tokens_still_end(
    failure: Exception, told: str, standings: Standings
) -> None:
    expired = Viewer("Eve", "agent", token_id="3", expires_date=now() - timedelta(seconds=1))  # noqa: S106 - an id
    standings.failure = failure
    with capture_logs() as logs:
        async with watching(standings, ADA, expired) as (first, second):
            await looks(3, standings)
            assert (set(first.codes), set(second.codes)) == (set(), {CloseCode.UNAUTHORIZED})
            standings.failure = None
            standings.of[ADA] = Standing.REVOKED
            await looks(2, standings)
            assert set(first.codes) == {CloseCode.FORBIDDEN}
    assert told in [log["event"] for log in logs]


async def test_the_watch_begins_again_after_everybody_has_left(standings: Standings) -> None:
    watch = SocketWatch(standings, now)
    for _ in range(3):
        socket = Watched()
        watch.enter(socket, ADA)
        await looks(1, standings)
        watch.leave(socket)
        watch.leave(socket)


@pytest.fixture(scope="module")
async def door(mongodb_url: str) -> AsyncIterator[Api]:
    """The app over a database that all tests of this module share."""
    async with api_over(mongodb_url) as api:
        yield api


async def revoke(api: Api, row: Row) -> None:
    await revoke_token(api.database, row["_id"], OPERATOR, now())


async def expire(api: Api, row: Row) -> None:
    await api.database["tokens"].update_one({"_id": row["_id"]}, {"$set": {"expiresDate": now()}})


async def lower(api: Api, row: Row) -> None:
    await api.database["tokens"].update_one({"_id": row["_id"]}, {"$set": {"role": "agent"}})


async def confine(api: Api, row: Row) -> None:
    await api.database["tokens"].update_one({"_id": row["_id"]}, {"$set": {"divisionIds": ["home"]}})


async def delete(api: Api, row: Row) -> None:
    await api.database["tokens"].delete_one({"_id": row["_id"]})


@pytest.mark.parametrize(
    ("change", "code", "reason"),
    [
        pytest.param(revoke, 4403, "Forbidden: the token has been revoked", id="revoked"),
        pytest.param(delete, 4403, "Forbidden: the token has been revoked", id="deleted"),
        pytest.param(expire, 4401, "Unauthorized: the token has expired", id="expired"),
        pytest.param(lower, 4403, "Forbidden: the token may see less than before, connect again", id="a lower role"),
        pytest.param(confine, 4403, "Forbidden: the token may see less than before, connect again", id="divisions"),
    ],
)
async def test_a_subscriber_whose_token_ends_or_lessens_is_cut_off_within_five_seconds(
    change: Callable[[Api, Row], Awaitable[None]], code: int, reason: str, door: Api
) -> None:
    row, token = await create_token(door.database, NewToken("Ada", "supervisor"), OPERATOR, now())
    async with acknowledged(door.app, token) as socket, acknowledged(door.app) as other:
        await socket.subscribe("subscription { presence { session { eventCount } } }")
        await door.happens("ada")
        assert (await socket.told("presence"))["session"]["eventCount"] > 0
        await change(door, row)
        async with asyncio.timeout(5):
            assert await socket.closed() == (code, reason)
        await other.send(type="ping")
        assert await other.receive() == {"type": "pong"}


async def test_somebody_of_an_oidc_issuer_is_cut_off_when_his_token_expires(mongodb_url: str) -> None:
    key = ec_key("ec")
    async with running_issuer() as issuer:
        issuer.publish(key)
        settings = {"JOURNEY_OIDC_ISSUER": issuer.url, "JOURNEY_OIDC_AUDIENCE": AUDIENCE}
        async with api_over(mongodb_url, settings) as api:
            ends = int(now().timestamp()) + 2
            async with acknowledged(api.app, issuer.token(key, roles=["agent"], exp=ends)) as socket:
                async with asyncio.timeout(7):
                    assert await socket.closed() == (4401, "Unauthorized: the token has expired")


async def test_who_does_not_say_who_he_is_in_time_is_closed_out(door: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.graph.socket.INIT_SECONDS", 0.05)
    async with bare_socket_to(door.app) as socket:
        assert await socket.closed() == (CloseCode.INIT_TIMEOUT, "Connection initialisation timeout")


async def test_a_token_holds_only_so_many_sockets(door: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.graph.socket_watch.MAX_SOCKETS", 2)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(acknowledged(door.app))
        async with acknowledged(door.app), socket_to(door.app) as third:
            told = (CloseCode.TRY_AGAIN_LATER, "Try again later: 2 sockets are open with this token")
            assert await third.closed() == told
        await stack.enter_async_context(acknowledged(door.app))


async def test_a_silent_client_is_pinged_and_stays_if_it_answers_and_is_given_up_if_not(
    door: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.graph.socket_watch.LOOK_EVERY_SECONDS", 0.05)
    monkeypatch.setattr("gateway.graph.socket.PING_AFTER_SECONDS", 0.1)
    monkeypatch.setattr("gateway.graph.socket.PONG_SECONDS", 2)
    async with acknowledged(door.app) as socket:
        for _ in range(3):
            assert await socket.receive() == {"type": "ping"}
            await socket.send(type="pong")
        assert await socket.closed() == (CloseCode.TERMINATED, "Terminated: no answer to a ping for 2 s")


async def test_a_client_that_takes_nothing_is_given_up(door: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.graph.socket.SEND_SECONDS", 0.05)
    monkeypatch.setattr("gateway.graph.socket.CLOSE_SECONDS", 0.05)
    taken: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
    given: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
    is_open = asyncio.Event()
    is_open.set()

    async def send(message: Mapping[str, Any]) -> None:
        await is_open.wait()
        await taken.put(message)

    scope = {"type": "websocket", "path": "/graphql", "headers": [], "subprotocols": ["graphql-transport-ws"]}
    serving = asyncio.ensure_future(door.app(scope, given.get, send))  # type: ignore[arg-type]  # mappings are enough
    given.put_nowait({"type": "websocket.connect"})
    assert (await taken.get())["type"] == "websocket.accept"
    is_open.clear()
    given.put_nowait({"type": "websocket.receive", "text": '{"type": "ping"}'})
    async with asyncio.timeout(10):
        await serving
