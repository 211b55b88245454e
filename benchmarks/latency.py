"""From an event to the subscribers of presence, while a thousand events a second come in."""

import subprocess
from dataclasses import dataclass
from typing import Any

from benchmarks.figures import Bench, Figure
from benchmarks.intake import errors
from benchmarks.load import Load, paced
from benchmarks.processes import Failed, python, read_answer, running, tail
from benchmarks.server import Running, gateway_server
from benchmarks.traffic import FEW_VISITORS, VISITORS

SUBSCRIBERS = 100
EVENTS_A_SECOND = 1_000
EVENTS_TO_ALL = 200
"""When everybody is told of everything: 20,000 messages a second, which leaves one process a third of its time."""
CONNECTIONS = 256
GOAL_P50_MILLISECONDS, GOAL_P99_MILLISECONDS = 50, 250


@dataclass(frozen=True, slots=True)
class _Case:
    what: str
    followed: str
    kind: str
    rate: int
    load: str


CASES = (
    _Case(
        "event -> subscriber, a visitor each",
        "one",
        "stamped_of_few",
        EVENTS_A_SECOND,
        f"{EVENTS_A_SECOND:,} events/s of {FEW_VISITORS} visitors, {SUBSCRIBERS} subscribers of one contact each",
    ),
    _Case(
        "event -> subscriber, all visitors",
        "all",
        "stamped",
        EVENTS_TO_ALL,
        f"{EVENTS_TO_ALL:,} events/s of {VISITORS:,} visitors, {SUBSCRIBERS} subscribers of everybody",
    ),
)


def measure_latency(bench: Bench) -> list[Figure]:
    """Milliseconds from just before the POST to the receipt of the message: commit, change stream and execution in it.

    The load by one process, 100 sockets of presence in another. Once each subscriber follows one customer, as whoever
    talks to a customer does, at 1,000 events a second; and once all follow everybody, as supervisors do.
    """
    return [row for case in CASES for row in _measure(bench, case)]


def _measure(bench: Bench, case: _Case) -> list[Figure]:
    with gateway_server() as server:
        bench.say(f"{case.what}: subscribing")
        command = python("listeners", str(server.port), str(SUBSCRIBERS), case.followed)
        with running(command, server.log) as listeners:
            _expect(listeners, "subscribed", server)
            bench.say(f"{case.what}: warm-up")
            paced(server, case.kind, CONNECTIONS, bench.scale.warm_up_seconds, case.rate)
            _go_on(listeners)
            _expect(listeners, "measuring", server)
            bench.say(f"{case.what}: {bench.scale.live_seconds} s")
            sent = paced(server, case.kind, CONNECTIONS, bench.scale.live_seconds, case.rate)
            told = read_answer(listeners, server.log, bench.scale.live_seconds)
    return [_figure(case, sent, told), *errors(case.what, sent)]


def _figure(case: _Case, sent: Load, told: dict[str, Any]) -> Figure:
    p50, p99 = (float(told.get(name, "inf")) for name in ("p50", "p99"))
    cut = f", {told['failed']} subscribers cut off" if told["failed"] else ""
    messages = told["messages"] / sent.seconds
    met = p50 <= GOAL_P50_MILLISECONDS and p99 <= GOAL_P99_MILLISECONDS and not told["failed"]
    return Figure(
        case.what,
        f"p50 {p50:,.0f} ms, p99 {p99:,.0f} ms{cut}; {sent.rate:,.0f} events/s in, {messages:,.0f} messages/s out",
        case.load,
        f"p50 {GOAL_P50_MILLISECONDS} ms, p99 {GOAL_P99_MILLISECONDS} ms",
        met,
    )


def _expect(listeners: subprocess.Popen[str], word: str, server: Running) -> None:
    if listeners.stdout is None or listeners.stdout.readline().strip() != word:
        raise Failed(f"the subscribers did not say {word!r}:\n{tail(server.log)}")


def _go_on(listeners: subprocess.Popen[str]) -> None:
    if listeners.stdin is not None:
        listeners.stdin.write("\n")
        listeners.stdin.flush()
