"""What growing data costs: the rate of single events beside two million stored ones, and the bytes of each."""

import statistics
from collections.abc import Mapping
from contextlib import ExitStack
from itertools import pairwise
from typing import Any

from pymongo import MongoClient

from benchmarks.figures import Bench, Figure
from benchmarks.history import EVENTS_A_VISITOR
from benchmarks.intake import CONNECTIONS, errors
from benchmarks.load import Load, load
from benchmarks.processes import python, read_answer, running
from benchmarks.server import DATABASE, Running, gateway_server
from gateway.storage.database import Row

GOAL = 0.85
FILLERS = 2
SECONDS_TO_FILL = 1_800
SETTLING_SECONDS = 120


def measure_growth(bench: Bench) -> list[Figure]:
    """Single events against the same server when it is empty, and when it holds 2,000,000 events of 200,000 visitors.

    The visitors who come in are among the stored ones, whose visits lie within the last thirty days. The median of
    three loads of ten seconds counts on both sides.
    """
    with gateway_server() as server:
        bench.say("growth: empty")
        empty = _loads(bench, server)
        before = _sizes(server)
        bench.say(f"growth: filling in {bench.scale.stored_events:,} events")
        fill(server, bench.scale.stored_events)
        sizes = _sizes(server)
        bench.say(f"growth: with {sizes['events']['count']:,} events")
        full = _loads(bench, server)
    ratio = _rate(full) / _rate(empty)
    rows = [
        Figure(
            f"rate with {sizes['events']['count']:,} events stored",
            f"{_rate(full):,.0f} events/s, empty {_rate(empty):,.0f}",
            f"as single-event POSTs; {before['events']['count']:,} events came in while empty",
            f"{GOAL} of empty",
            ratio >= GOAL,
            f"{ratio:.2f} of empty",
        ),
        *_bytes(sizes),
    ]
    return rows + [row for done in (*empty, *full) for row in errors("growth", done)]


def _loads(bench: Bench, server: Running) -> list[Load]:
    load(server, "single", CONNECTIONS, bench.scale.warm_up_seconds)
    return [load(server, "single", CONNECTIONS, bench.scale.seconds) for _ in range(bench.scale.rounds)]


def _rate(loads: list[Load]) -> float:
    return statistics.median(done.rate for done in loads)


def fill(server: Running, events: int) -> None:
    """Fill in the past, so many events, by a process a core, and wait until MongoDB has it on disk."""
    visitors = events // EVENTS_A_VISITOR
    bounds = [visitors * filler // FILLERS for filler in range(FILLERS + 1)]
    with ExitStack() as stack:
        fillers = [
            stack.enter_context(
                running(python("fill", server.mongodb_url, DATABASE, str(first), str(beyond)), server.log)
            )
            for first, beyond in pairwise(bounds)
        ]
        for filler in fillers:
            read_answer(filler, server.log, SECONDS_TO_FILL)
    with MongoClient[Row](server.mongodb_url, socketTimeoutMS=SETTLING_SECONDS * 1000) as client:
        client.admin.command("fsync")


def _sizes(server: Running) -> Mapping[str, Mapping[str, Any]]:
    """Return what MongoDB tells of the size of each collection, by name; the values are numbers and documents."""
    with MongoClient[Row](server.mongodb_url) as client:
        client.admin.command("fsync")
        return {name: client[DATABASE].command("collStats", name) for name in ("events", "sessions", "contacts")}


def _bytes(sizes: Mapping[str, Mapping[str, Any]]) -> list[Figure]:
    events = sizes["events"]
    count = events["count"]
    each = {name: size["storageSize"] + size["totalIndexSize"] for name, size in sizes.items()}
    return [
        Figure(
            "bytes per event",
            f"{each['events'] / count:,.0f}: {events['storageSize'] / count:,.0f} collection, "
            f"{events['totalIndexSize'] / count:,.0f} indexes",
            f"collStats, {count:,} events; {events['avgObjSize']:,} bytes as BSON",
        ),
        Figure(
            "bytes per event with its share of sessions and contacts",
            f"{sum(each.values()) / count:,.0f}",
            f"{sizes['sessions']['count']:,} sessions, {sizes['contacts']['count']:,} contacts",
        ),
    ]
