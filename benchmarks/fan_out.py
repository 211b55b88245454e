"""One change to a thousand subscribers of the same operation: our sockets, and Strawberry's own loop."""

import tempfile
from pathlib import Path

from benchmarks.figures import Bench, Figure
from benchmarks.processes import answer_of, python
from benchmarks.server import DATABASE, Running, gateway_server, own_server

GOAL_RATIO = 5
SECONDS_TO_TELL = 300


def measure_fan_out(bench: Bench) -> list[Figure]:
    """Messages a second from one event to 1,000 subscribers of presence: the same selection, the same schema, hub.

    The clock runs from just before the POST to the last subscriber's receipt, so commit and change stream are in both
    sides' time, which flatters the slower one. Strawberry's loop runs in a process of its own over the same MongoDB,
    under the same uvicorn, and is not there while ours is measured. The client counts frames and parses nothing.
    """
    with gateway_server() as server:
        bench.say("fan-out: our sockets")
        ours = _rate(bench, server, server, 1)
    with gateway_server() as server, tempfile.TemporaryDirectory(prefix="journey-bench-") as directory:
        bench.say("fan-out: Strawberry's loop")
        with own_server("strawberry_loop", Path(directory), server.mongodb_url, DATABASE) as loop:
            theirs = _rate(bench, server, loop, 2)
    ratio = ours / theirs
    number = f"{bench.scale.subscribers:,} subscribers, {bench.scale.fan_out_rounds} changes one by one, median"
    return [
        Figure(
            "fan-out of one change",
            _told(ours),
            number,
            f"{GOAL_RATIO} x Strawberry's loop",
            ratio >= GOAL_RATIO,
            f"{ratio:.1f} x Strawberry's loop",
        ),
        Figure("fan-out by Strawberry's own loop", _told(theirs), number),
    ]


def _rate(bench: Bench, intake: Running, told_by: Running, seed: int) -> float:
    """Return messages a second."""
    scale = bench.scale
    numbers = (told_by.port, intake.port, scale.subscribers, scale.fan_out_rounds, seed)
    told = answer_of(python("fan_out_client", *map(str, numbers)), intake.log, SECONDS_TO_TELL)
    return float(scale.subscribers / told["seconds"])


def _told(rate: float) -> str:
    return f"{rate:,.0f} messages/s"
