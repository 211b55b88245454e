"""From an event to the subscribers of presence with nothing else going on, by benchmarks/presence_latency.py."""

import re
import subprocess
import sys
from pathlib import Path

from benchmarks.figures import Bench, Figure
from benchmarks.processes import Failed

SCRIPT = Path(__file__).with_name("presence_latency.py")
GOAL_P50_MILLISECONDS = 100
SECONDS_TO_MEASURE = 300
_FIGURES = re.compile(r"p50 ([\d.]+) ms, p99 ([\d.]+) ms")


def measure_one_by_one(bench: Bench) -> list[Figure]:
    """One event at a time, two workers and a subscriber at each: what the way costs when nobody else uses it."""
    bench.say("event -> subscriber, one by one")
    command = [sys.executable, str(SCRIPT), "--events", str(bench.scale.slow_events)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_TO_MEASURE, check=False)
    found = _FIGURES.search(ran.stdout)
    if found is None:
        raise Failed(f"{SCRIPT.name} ended with {ran.returncode}:\n{ran.stderr[-2000:]}")
    return [
        Figure(
            "event -> subscriber, one by one",
            f"p50 {found[1]} ms, p99 {found[2]} ms",
            f"{bench.scale.slow_events} events one after the other, 2 workers, a subscriber at each",
            f"p50 {GOAL_P50_MILLISECONDS} ms",
            float(found[1]) <= GOAL_P50_MILLISECONDS,
        )
    ]
