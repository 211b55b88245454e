"""The way in: bare HTTP as the limit, single events, and batches of fifty."""

import tempfile
from pathlib import Path
from statistics import median

from benchmarks.figures import Bench, Figure
from benchmarks.load import Load, load
from benchmarks.server import Running, gateway_server, own_server
from benchmarks.traffic import BATCH, CUSTOMERS, VISITORS

CONNECTIONS = 256
BATCH_CONNECTIONS = 64
GOAL_IDENTIFY = 0.7
IDENTIFY_ROUNDS = 3
GOAL_SINGLE, GOAL_P99_MILLISECONDS, GOAL_BATCHED = 5_000, 150, 15_000

BARE_HTTP, SINGLE, BATCHED, BACK_END = "bare HTTP", "single events", "batched events", "back end's events"


def measure_bare_http(bench: Bench) -> list[Figure]:
    """Limit A: uvicorn (uvloop, httptools) that answers 204 without a look at the single-event POSTs, 256 connections.

    What is left of it in the full path tells what reading, checking and storing cost.
    """
    with (
        tempfile.TemporaryDirectory(prefix="journey-bench-") as directory,
        own_server("bare_http", Path(directory)) as server,
    ):
        done = after_warm_up(bench, server, "single", CONNECTIONS)
    bench.numbers[BARE_HTTP] = done.rate
    told = f"{done.rate:,.0f} requests/s, p50 {done.p50:.1f} ms, p99 {done.p99:.1f} ms"
    return [
        Figure("limit A: uvicorn answering 204", told, "the same POSTs, 256 connections"),
        *errors("limit A", done),
    ]


def measure_single_events(bench: Bench) -> list[Figure]:
    """Single page views, 256 connections, one worker, the full path: each 200 means that it is on disk.

    5,000 visitors come back again and again, as on a site of some size. It is how browsers send.
    """
    with gateway_server() as server:
        done = after_warm_up(bench, server, "single", CONNECTIONS)
    bench.numbers[SINGLE] = done.rate
    sent = f"one page view a POST, {CONNECTIONS} connections, {VISITORS:,} visitors"
    ratio = bench.ratio(done.rate, BARE_HTTP, "limit A")
    return [
        Figure(
            "single-event POSTs",
            f"{done.rate:,.0f} events/s",
            sent,
            f"{GOAL_SINGLE:,} events/s",
            done.rate >= GOAL_SINGLE,
            ratio,
        ),
        Figure(
            "their latency",
            f"p50 {done.p50:.0f} ms, p99 {done.p99:.0f} ms",
            sent,
            f"p99 {GOAL_P99_MILLISECONDS} ms",
            done.p99 <= GOAL_P99_MILLISECONDS,
        ),
        *errors("single-event POSTs", done),
    ]


def measure_identify(bench: Bench) -> list[Figure]:
    """The same load, of which one call in ten identifies: every e-mail address is told by two of the 5,000 visitors.

    Each first time is looked up in the register, entered or linked, and makes the contact one that can be searched for.
    It is compared with single events right before it, three times, each time with servers of their own: the machine
    drifts by as much as this costs.
    """
    rounds = [_identify_round(bench) for _ in range(IDENTIFY_ROUNDS)]
    ratios = sorted(done.rate / without for done, without in rounds)
    ratio = median(ratios)
    typical = min((done for done, _ in rounds), key=lambda done: abs(done.rate - median(one.rate for one, _ in rounds)))
    return [
        Figure(
            "one identify in ten events",
            f"{typical.rate:,.0f} events/s, p99 {typical.p99:.0f} ms",
            f"one call a POST, {CONNECTIONS} connections, {VISITORS:,} visitors of {VISITORS // 2:,} people; "
            f"medians of {IDENTIFY_ROUNDS} rounds",
            f"{GOAL_IDENTIFY} of the rate without",
            ratio >= GOAL_IDENTIFY,
            f"{ratio:.2f} of single ({ratios[0]:.2f} to {ratios[-1]:.2f})",
        ),
        *(row for done, _ in rounds for row in errors("one identify in ten", done)),
    ]


def _identify_round(bench: Bench) -> tuple[Load, float]:
    with gateway_server() as server:
        without = after_warm_up(bench, server, "single", CONNECTIONS).rate
    with gateway_server() as server:
        return after_warm_up(bench, server, "identifying", CONNECTIONS), without


def measure_batches(bench: Bench) -> list[Figure]:
    """Batches of 50 over 64 connections, of two kinds, each against an empty server.

    One visitor's page views, as the tag or an app sends them after it was offline; and calls about 50 of 200,000
    customers, as a back end collects them.
    """
    offline = _batches(bench, "offline")
    back_end = _batches(bench, "back_end")
    bench.numbers[BATCHED], bench.numbers[BACK_END] = offline.rate * BATCH, back_end.rate * BATCH
    return [
        Figure(
            "50-event batches, one visitor's",
            _told_in_events(offline),
            f"50 waiting page views a POST, {BATCH_CONNECTIONS} connections",
            f"{GOAL_BATCHED:,} events/s",
            offline.rate * BATCH >= GOAL_BATCHED,
            bench.ratio(offline.rate * BATCH, SINGLE, "single"),
        ),
        Figure(
            "50-event batches, 50 customers'",
            _told_in_events(back_end),
            f"50 calls of a back end a POST, {BATCH_CONNECTIONS} connections, {CUSTOMERS:,} customers",
            ratio=bench.ratio(back_end.rate * BATCH, SINGLE, "single"),
        ),
        *errors("one visitor's batches", offline),
        *errors("50 customers' batches", back_end),
    ]


def after_warm_up(bench: Bench, server: Running, kind: str, connections: int) -> Load:
    """Load a server twice, and return what the second load came to."""
    bench.say(f"{kind}: warm-up")
    load(server, kind, connections, bench.scale.warm_up_seconds)
    bench.say(f"{kind}: {bench.scale.seconds} s")
    return load(server, kind, connections, bench.scale.seconds)


def errors(what: str, done: Load) -> list[Figure]:
    """Return a row for answers other than 2xx, of which there must be none; no row when there were none."""
    if done.errors == 0:
        return []
    return [Figure(f"errors of {what}", f"{done.errors:,} of {done.requests:,}", "the same", "0", met=False)]


def _batches(bench: Bench, kind: str) -> Load:
    with gateway_server() as server:
        return after_warm_up(bench, server, kind, BATCH_CONNECTIONS)


def _told_in_events(done: Load) -> str:
    return f"{done.rate * BATCH:,.0f} events/s, p50 {done.p50:.0f} ms, p99 {done.p99:.0f} ms a batch"
