"""Pace: a process that may take longer works a share of the time while the machine is busy with others' work.

Niceness alone does not do this: two hyperthreads of one core count as two processors, and one of them slows the other
down however nice it is. What MongoDB does for a nice process is not nice either.

Work is measured as time of the processor: a nice process that waits for it already leaves it to others.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

BUSY_SHARE = 0.1
"""So much of a processor is taken while others need the machine, and as much again by MongoDB for it."""
BUSY, FREE = 0.5, 0.9
"""Idle shares of the machine: up to the one it is needed, from the other on it is free. A server that waits for a disk,
or for its clients, leaves a third of it idle, and is slowed down all the same."""
PROCESSORS = 2
"""So many processors the work takes, its own and MongoDB's; where they are free it rests only to look."""
SLICE_SECONDS = 0.03
"""Is worked at a time where others work too; a request that comes in then waits no longer."""
FREE_SLICE_SECONDS = 0.5
"""Is worked at a time where nobody else works."""
LOOK_SECONDS = 0.05
"""The shortest rest: the system counts the time of processors in hundredths of a second."""
_STAT = Path("/proc/stat")
_FIRST, _IDLE, _LAST = 1, slice(4, 6), 9


class ProcessorTimes(NamedTuple):
    """How long the processors of this machine have been idle, since when it started, and how long there was in all.

    Of all processors together, in any one unit.
    """

    idle: float
    total: float


Read = Callable[[], ProcessorTimes | None]


class Pace:
    """Rests between slices of work, which `clock` measures. Where `read` tells nothing, it never rests."""

    def __init__(
        self,
        read: Read,
        processors: int,
        clock: Callable[[], float] = time.process_time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._read = read
        self._processors = processors
        self._clock = clock
        self._sleep = sleep
        #: The share of the time that is worked; until the first look, as if half of the machine were free.
        self._share = 0.5
        self._begun = clock()

    def rest(self) -> None:
        """Rest if it is time to; call it after each small piece of work."""
        worked = self._clock() - self._begun
        if worked < slice_at(self._share):
            return
        before = self._read()
        if before is None:
            return
        self._sleep(rest_after(worked, self._share))
        after = self._read()
        idle = None if after is None else idle_share(before, after)
        if idle is not None:
            self._share = share_beside(idle, self._processors)
        self._begun = self._clock()


def share_beside(idle: float, processors: int) -> float:
    """Return the share of the time to work, where that share of so many processors has nothing else to do."""
    free = (idle * processors / min(PROCESSORS, processors) - BUSY) / (FREE - BUSY)
    return min(1.0, BUSY_SHARE + (1.0 - BUSY_SHARE) * max(0.0, free))


def slice_at(share: float) -> float:
    """Return how many seconds to work before the next rest, at a share of the time."""
    return FREE_SLICE_SECONDS if rest_after(FREE_SLICE_SECONDS, share) <= LOOK_SECONDS else SLICE_SECONDS


def rest_after(worked: float, share: float) -> float:
    """Return how many seconds to rest after so many seconds of work, so that this share of the time is worked."""
    return max(LOOK_SECONDS, worked * (1 / share - 1))


def idle_share(before: ProcessorTimes, after: ProcessorTimes) -> float | None:
    """Return which share of the processors was idle in between, or None if it was too short to tell."""
    total = after.total - before.total
    return min(1.0, max(0.0, (after.idle - before.idle) / total)) if total > 0 else None


def read_processor_times(stat: Path = _STAT) -> ProcessorTimes | None:
    """Return what Linux tells in /proc/stat; None elsewhere. See proc_stat(5): guests are counted in other columns."""
    try:
        with stat.open("rb") as lines:
            told = lines.readline().split()
        times = [float(column) for column in told[_FIRST:_LAST]]
    except (OSError, ValueError):
        return None
    return ProcessorTimes(sum(times[_IDLE.start - _FIRST : _IDLE.stop - _FIRST]), sum(times)) if times else None
