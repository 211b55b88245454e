"""One run of mongod, in a process group of its own, which ends when its parent does: also at kill -9 of the parent.

A small POSIX shell stands between us and mongod. It holds the reading end of a pipe whose writing end only we have;
when that ends, because we closed it or are dead, it ends mongod. So one mechanism serves a clean end and a crash, on
every POSIX system, and does not hang on the thread that started it, as Linux' PR_SET_PDEATHSIG would.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from gateway.storage.embedded import parent_only

SECONDS_TO_END = 10
SIGNALLED = 128  # a shell reports a process that signal N ended as 128 + N

# Arguments: seconds until a mongod that does not end is killed, then mongod and its options. `read` is a built-in and
# ends at end of file; the nap is a child of the watcher, so the watcher takes it along when mongod has ended in time.
GUARD = """
patience=$1; shift
exec 3<&0
"$@" 3<&- </dev/null &
mongod=$!
(
  read -r _ <&3
  kill -TERM "$mongod"
  sleep "$patience" & nap=$!
  trap 'kill "$nap"; exit' TERM
  wait "$nap"
  kill -KILL "$mongod"
) &
watcher=$!
wait "$mongod"; status=$?
kill -TERM "$watcher"
exit "$status"
"""


class MongodProcess:
    """A mongod that runs, or has ended."""

    def __init__(self, guard: asyncio.subprocess.Process, lifeline: int) -> None:
        self._guard = guard
        self._lifeline = lifeline
        self._group_ended = False

    @classmethod
    async def start(cls, command: Sequence[str], log: Path) -> Self:
        """Start this mongod; what it prints before its own log is open goes into `log` too.

        Raises:
            OSError: The log cannot be written, or the shell not be started.
        """
        reading, writing = os.pipe()
        parent_only.hold(writing)
        try:
            with log.open("ab") as output:
                guard = await asyncio.create_subprocess_exec(
                    *("/bin/sh", "-c", GUARD, "journey-mongod", str(SECONDS_TO_END), *command),
                    stdin=reading,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,  # Ctrl-C in the terminal reaches us only, and we end mongod last
                )
        except BaseException:
            parent_only.release(writing)
            raise
        finally:
            os.close(reading)
        return cls(guard, writing)

    async def wait(self) -> str:
        """Wait until mongod has ended, and say how: "with status 1", "by SIGKILL"."""
        status = await self._guard.wait()
        self._end_group()
        return _how(status)

    async def stop(self) -> None:
        """End mongod in order and wait for it; kill it when that takes more than ten seconds."""
        parent_only.release(self._lifeline)
        try:
            await asyncio.wait_for(self._guard.wait(), SECONDS_TO_END)
        except TimeoutError:
            self._end_group()
            await self._guard.wait()

    def _end_group(self) -> None:
        """Leave nothing behind, also when somebody has killed the shell and not mongod."""
        if self._group_ended:  # its number may belong to another group by now
            return
        self._group_ended = True
        parent_only.release(self._lifeline)
        with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
            os.killpg(self._guard.pid, signal.SIGKILL)


def _how(status: int) -> str:
    number = -status if status < 0 else status - SIGNALLED
    try:
        return f"by {signal.Signals(number).name}"
    except ValueError:
        return f"with status {status}"
