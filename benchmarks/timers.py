"""What presence timers cost with 100,000 live sessions."""

import random
import time
import tracemalloc
from datetime import UTC, datetime, timedelta

from benchmarks.figures import Bench, Figure
from gateway.journey.ids import derive_id
from gateway.journey.presence import IDLE_AFTER
from gateway.live.presence_timers import PresenceTimers

EVENTS_A_SESSION = 5
_SPREAD_SECONDS = 44


def measure_timers(bench: Bench) -> list[Figure]:
    """100,000 sessions that are live at once, five events each, and then the time at which they all have fallen silent.

    In this process, without anything around it: microseconds for each `note` and each timer that runs out, and the
    memory that they hold, the ids of the sessions included.
    """
    bench.say("presence timers")
    begun = datetime.now(UTC)
    ids = [derive_id("timer", str(number)) for number in range(bench.scale.timers)]
    note, run_out, ran_out = _times(ids, begun)
    held = _memory(bench.scale.timers, begun)
    return [
        Figure(
            f"presence timers of {bench.scale.timers:,} live sessions",
            f"{held / 1e6:.0f} MB; {note:.2f} us a note, {run_out:.2f} us a timer that runs out",
            f"{EVENTS_A_SESSION} events each within {_SPREAD_SECONDS} s, then silence; {ran_out:,} timers ran out",
        )
    ]


def _times(ids: list[str], begun: datetime) -> tuple[float, float, int]:
    """Return microseconds a note, microseconds a timer that runs out, and how many ran out."""
    timers = PresenceTimers()
    moments = [begun + timedelta(milliseconds=random.randrange(_SPREAD_SECONDS * 1000)) for _ in ids]
    started = time.perf_counter()
    for event in range(EVENTS_A_SESSION):
        step = timedelta(milliseconds=event)
        for id_, moment in zip(ids, moments, strict=True):
            timers.note(id_, moment + step, begun)
    noted = time.perf_counter()
    ran_out = 0
    for second in range(int(IDLE_AFTER.total_seconds()) + _SPREAD_SECONDS + 2):
        ran_out += len(timers.run_out(begun + timedelta(seconds=second)))
    done = time.perf_counter()
    return (noted - started) / len(ids) / EVENTS_A_SESSION * 1e6, (done - noted) / ran_out * 1e6, ran_out


def _memory(number: int, begun: datetime) -> int:
    tracemalloc.start()
    timers = PresenceTimers()
    for event in range(EVENTS_A_SESSION):
        for each in range(number):
            at = begun + timedelta(milliseconds=each % (_SPREAD_SECONDS * 1000) + event)
            timers.note(derive_id("timer", str(each)), at, begun)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held
