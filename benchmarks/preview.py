"""What a preview takes over a million stored events, and what it takes away from the intake beside it."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks.figures import Bench, Figure
from benchmarks.growth import fill
from benchmarks.intake import CONNECTIONS, errors
from benchmarks.load import load
from benchmarks.server import ADMIN_TOKEN, Running, gateway_server

EVENTS = 1_000_000
GOAL_SECONDS = 60
GOAL_INTAKE = 0.9
DAYS = 31
PATIENCE_SECONDS = 300
SETTINGS = {"JOURNEY_COST_BUDGET": "0", "JOURNEY_REQUESTS_PER_MINUTE": "0"}
"""As many previews as it takes, one after the other."""
_DOCUMENT = "query ($input: PreviewSegmentInput!) { previewSegment(input: $input) { eventCount isComplete } }"
_PATTERNS = [
    {
        "eventName": "page_viewed",
        "criteria": [{"key": "page.url", "values": ["/product/7"], "operator": "CONTAINS_ANY"}],
    },
    {"eventName": "order_completed", "count": 0},
]
_SOURCE = {"key": "mktCampaign.source", "values": ["news", "ads"]}
_WANTED = {"journey": {"patterns": _PATTERNS}, "context": {"patterns": [{"criteria": [_SOURCE]}]}, "days": DAYS}


@dataclass
class _Previews:
    """What was previewed beside something else."""

    done: int = 0
    failures: list[str] = field(default_factory=list)


def measure_preview(bench: Bench) -> list[Figure]:
    """One preview of all that 1,000,000 stored events are, alone; then intake without and with previews beside it.

    The segment asks about the visit, for a page, and that there was no order: it reads of every event its name and its
    page. Beside intake one preview follows the other. Intake is measured in turns, and the medians are compared.
    """
    events = min(EVENTS, bench.scale.stored_events)
    with gateway_server(SETTINGS) as server:
        bench.say(f"preview: filling in {events:,} events")
        fill(server, events)
        bench.say("preview: alone")
        seconds, told = _timed(server)
        load(server, "single", CONNECTIONS, bench.scale.warm_up_seconds)
        without, beside, previews = [], [], _Previews()
        for turn in range(bench.scale.rounds):
            bench.say(f"preview: intake, turn {turn + 1}")
            without.append(load(server, "single", CONNECTIONS, bench.scale.seconds))
            with _previewing(server, previews):
                beside.append(load(server, "single", CONNECTIONS, bench.scale.seconds))
        bench.say("preview: beside intake")
        seconds_beside = _seconds_beside_intake(server)
    rate, rate_beside = (sorted(one.rate for one in loads)[len(loads) // 2] for loads in (without, beside))
    ratio = rate_beside / rate
    complete = told["isComplete"] and told["eventCount"] >= events
    rows = [
        Figure(
            f"preview of {told['eventCount']:,} events",
            f"{seconds:.0f} s, {told['eventCount'] / seconds:,.0f} events/s" + ("" if complete else ", cut short"),
            f"a segment over {DAYS} days, of {events // 5:,} sessions",
            f"{GOAL_SECONDS} s",
            complete and seconds < GOAL_SECONDS,
        ),
        Figure(
            "the same beside intake",
            f"{seconds_beside:.0f} s",
            f"as single-event POSTs, for {GOAL_SECONDS} s",
        ),
        Figure(
            "intake beside previews",
            f"{rate_beside:,.0f} events/s, without {rate:,.0f}",
            "as single-event POSTs; one preview after the other",
            f"{GOAL_INTAKE} of the rate without",
            ratio >= GOAL_INTAKE and not previews.failures,
            f"{ratio:.2f} of without" + (f"; {previews.failures[0]}" if previews.failures else ""),
        ),
    ]
    return rows + [row for one in (*without, *beside) for row in errors("intake beside previews", one)]


@contextmanager
def _previewing(server: Running, previews: _Previews) -> Iterator[None]:
    """Preview again and again until the end of the block; the last one is waited for."""
    end = threading.Event()

    def work() -> None:
        while not end.is_set():
            try:
                _preview(server)
                previews.done += 1
            except Exception as error:  # noqa: BLE001 - told with the figure
                previews.failures.append(repr(error))
                return

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join(PATIENCE_SECONDS)


def _seconds_beside_intake(server: Running) -> float:
    """Return how long a preview takes while intake is busy; after GOAL_SECONDS it has the machine for itself."""
    with ThreadPoolExecutor(1) as threads:
        previewed = threads.submit(_timed, server)
        load(server, "single", CONNECTIONS, GOAL_SECONDS)
        return previewed.result()[0]


def _timed(server: Running) -> tuple[float, dict[str, Any]]:
    begun = time.monotonic()
    told = _preview(server)
    return time.monotonic() - begun, told


def _preview(server: Running) -> dict[str, Any]:
    """Return what the server tells of a preview, whose fields are those of _DOCUMENT."""
    answer = httpx.post(
        f"{server.url}/graphql",
        json={"query": _DOCUMENT, "variables": {"input": _WANTED}},
        headers={"Authorization": f"Bearer {ADMIN_TOKEN}"},
        timeout=PATIENCE_SECONDS,
        trust_env=False,  # no proxy in front of the loopback interface
    )
    told = answer.json()
    if "errors" in told:
        raise RuntimeError(str(told["errors"]))
    return dict(told["data"]["previewSegment"])
