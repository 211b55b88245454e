"""Milliseconds from an event to the subscribers of `presence`, with two workers, one event at a time.

    python benchmarks/presence_latency.py [--events 200]

It starts a server of its own with an embedded MongoDB, and subscribes once at each worker. The clock runs from the
moment before the event is posted to the moment in which a subscriber has read its message; so the commit is in it, and
the way through MongoDB's change stream. Run it on a machine that has nothing else to do.
"""

import argparse
import asyncio
import os
import signal
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

from tests.running_server import RunningServer, running_server, until
from tests.server.subscriber import Sessions, subscriber

WORKERS = 2
WARM_UP = 20
PAUSE_SECONDS = 0.02
WANTED_P50_MILLISECONDS = 100


async def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description="Milliseconds from an event to the subscribers of presence.")
    parser.add_argument("--events", type=int, default=200)
    events = parser.parse_args().events
    with tempfile.TemporaryDirectory() as directory:
        async with running_server(Path(directory), {"JOURNEY_WORKERS": WORKERS}) as server, AsyncExitStack() as stack:
            await until(lambda: _all_started(server))
            subscribers = [await _subscribe_elsewhere(stack, server, pid) for pid in server.worker_pids()]
            await _measure(server, subscribers, WARM_UP)
            seconds = await _measure(server, subscribers, events)
    p50, p99 = (round(statistics.quantiles(seconds, n=100)[percent - 1] * 1000, 1) for percent in (50, 99))
    print(
        f"event -> presence, {WORKERS} workers, {events} events: p50 {p50} ms, p99 {p99} ms "
        f"(wanted: p50 under {WANTED_P50_MILLISECONDS} ms)"
    )


async def _all_started(server: RunningServer) -> bool:
    return len(server.worker_pids()) == WORKERS


async def _subscribe_elsewhere(stack: AsyncExitStack, server: RunningServer, pid: int) -> Sessions:
    """Subscribe while one worker is halted, and so at the other."""
    os.kill(pid, signal.SIGSTOP)
    try:
        return await stack.enter_async_context(subscriber(server))
    finally:
        os.kill(pid, signal.SIGCONT)


async def _measure(server: RunningServer, subscribers: list[Sessions], events: int) -> list[float]:
    seconds: list[float] = []
    for _ in range(events):
        seconds += await _one_event(server, subscribers, uuid4().hex)
        await asyncio.sleep(PAUSE_SECONDS)
    return seconds


async def _one_event(server: RunningServer, subscribers: list[Sessions], visitor: str) -> list[float]:
    """Return the seconds after which each subscriber has heard of the event of a new visitor."""
    begun = time.perf_counter()
    heard = [asyncio.create_task(_heard_of(sessions, visitor)) for sessions in subscribers]
    await server.send({"type": "track", "event": "Step", "anonymousId": visitor})
    return [moment - begun for moment in await asyncio.gather(*heard)]


async def _heard_of(sessions: Sessions, visitor: str) -> float:
    async for session in sessions:
        if session["customerId"] == visitor:
            return time.perf_counter()
    raise ConnectionError("the subscription has ended")


if __name__ == "__main__":
    asyncio.run(main())
