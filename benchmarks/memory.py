"""What a server holds in memory after a million events."""

import time

from benchmarks.figures import Bench, Figure
from benchmarks.intake import BATCH_CONNECTIONS, errors
from benchmarks.load import Load, load
from benchmarks.processes import resident_megabytes
from benchmarks.server import gateway_server
from benchmarks.traffic import BATCH

GOAL_MEGABYTES = 300


def measure_memory(bench: Bench) -> list[Figure]:
    """The resident set of the server process, mongod not counted, after 1,000,000 events in batches of 50.

    Looked at after each slice of the load, so the highest value seen is told as well: what grows would show.
    """
    loads: list[Load] = []
    with gateway_server() as server:
        megabytes = [resident_megabytes(server.process.pid)]
        end = time.monotonic() + bench.scale.memory_seconds
        while (events := sum(done.requests for done in loads) * BATCH) < bench.scale.memory_events:
            if time.monotonic() > end:
                break
            bench.say(f"memory: {events:,} of {bench.scale.memory_events:,} events, {megabytes[-1]:.0f} MB")
            loads.append(load(server, "offline", BATCH_CONNECTIONS, bench.scale.seconds))
            megabytes.append(resident_megabytes(server.process.pid))
    return [
        Figure(
            f"memory after {events:,} events",
            f"{megabytes[-1]:.0f} MB, at most {max(megabytes):.0f} MB, at the start {megabytes[0]:.0f} MB",
            f"50-event batches over {BATCH_CONNECTIONS} connections; the server process alone",
            f"under {GOAL_MEGABYTES} MB",
            max(megabytes) < GOAL_MEGABYTES and events >= bench.scale.memory_events,
        ),
        *(row for done in loads for row in errors("memory", done)),
    ]
