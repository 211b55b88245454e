"""Ctrl-C, taken as a wish: what is under way is finished, what was done is told, and then the command ends."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

INTERRUPTED = 130
"""The exit code of a command that was stopped by Ctrl-C, as shells have it: 128 and the number of SIGINT."""


@contextmanager
def told_to_stop() -> Iterator[asyncio.Event]:
    """Yield an event that is set by the first SIGINT or SIGTERM; a second one ends the process at once."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def heard() -> None:
        stop.set()
        _forget(loop)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, heard)
    try:
        yield stop
    finally:
        _forget(loop)


async def wait_until(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, but not beyond the moment in which the command is told to stop."""
    if seconds <= 0:
        await asyncio.sleep(0)  # whatever else is waiting has its turn
        return
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def _forget(loop: asyncio.AbstractEventLoop) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(number)
