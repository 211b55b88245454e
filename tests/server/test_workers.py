"""Several processes serve as one does."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from uuid import uuid4

import httpx
import pytest

from tests.running_server import WRITE_KEY, RunningServer, running_server, until
from tests.server.subscriber import Sessions, subscriber


@pytest.fixture(scope="module")
async def server(mongodb_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    settings = {
        "JOURNEY_MONGODB_URL": mongodb_url,
        "JOURNEY_DATABASE": f"test_{uuid4().hex}",
        "JOURNEY_WORKERS": 2,
    }
    async with running_server(tmp_path_factory.mktemp("workers"), settings) as server:
        await until(lambda: workers_are(server, 2))
        yield server


async def workers_are(server: RunningServer, number: int) -> bool:
    return len(server.worker_pids()) == number


async def worker_after(server: RunningServer, last: int) -> int | None:
    """Return the id of the worker that was started after this one and those before it."""
    pids = server.worker_pids()
    return next(iter(pids[pids.index(last) + 1 :]), None)


@contextmanager
def halted(pid: int) -> Iterator[None]:
    """Let the other worker take what comes meanwhile."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def send_apart(server: RunningServer, visitor: str, event: str = "Step") -> None:
    """Send an event over a connection of its own."""
    body = {"writeKey": WRITE_KEY, "batch": [{"type": "track", "event": event, "anonymousId": visitor}]}
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=60) as client:
        answer = await client.post("/v1/batch", json=body)
    assert answer.json()["receipts"][0]["status"] == "accepted"


async def reach(sessions: Sessions, visitor: str, event_count: int) -> None:
    """Read until the session of this visitor has so many events."""
    async for session in sessions:
        if session["customerId"] == visitor and session["eventCount"] >= event_count:
            return


async def test_an_event_that_one_worker_took_reaches_the_subscribers_of_each(server: RunningServer) -> None:
    visitor = uuid4().hex
    pids = server.worker_pids()
    async with AsyncExitStack() as stack:
        subscribers: list[Sessions] = []
        for pid in pids:
            with halted(pid):
                sessions = await stack.enter_async_context(subscriber(server))
                await send_apart(server, visitor)
                await reach(sessions, visitor, len(subscribers) + 1)
            subscribers.append(sessions)
        for number, pid in enumerate(pids, start=len(pids) + 1):
            with halted(pid):
                await send_apart(server, visitor)
            await asyncio.gather(*(reach(sessions, visitor, number) for sessions in subscribers))


async def test_figures_are_those_of_all_workers_together(server: RunningServer) -> None:
    async def accepted() -> float:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=60) as client:
            text = (await client.get("/metrics")).text
        found = re.search(r'^journey_events_total\{status="accepted"\} (\S+)$', text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    before = await accepted()
    for pid in server.worker_pids():
        with halted(pid):
            await send_apart(server, uuid4().hex)
    for pid in server.worker_pids():
        with halted(pid):
            assert await accepted() == before + 2


async def test_a_worker_that_dies_is_replaced_and_nobody_is_refused(server: RunningServer) -> None:
    visitor = uuid4().hex
    victim, survivor = server.worker_pids()
    os.kill(victim, signal.SIGKILL)
    replacement = await until(lambda: worker_after(server, survivor))
    assert f"pid={victim}" in server.log()
    with halted(survivor):
        await send_apart(server, visitor)
        assert (await server.client.get("/readyz")).status_code == 200
    assert replacement is not None
    with halted(replacement):
        await send_apart(server, visitor)
    found = await server.query("{ sessions(first: 1) { nodes { customerId eventCount } } }")
    assert found["sessions"]["nodes"] == [{"customerId": visitor, "eventCount": 2}]
