"""Previews of segments and outcomes: past sessions played before a definition is put in force.

Each is played by a process of its own, one at a time for each server process, so that requests and intake do not wait.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from gateway.journey.conditions import Conditions
from gateway.journey.conditions_format import written_conditions
from gateway.journey.preview import Preview, days_until
from gateway.journey.segment import SegmentScope
from gateway.prediction import preview_process
from gateway.prediction.errors import PreviewFailed, PreviewsBusy
from gateway.prediction.own_process import end, program_of, start
from gateway.prediction.preview_process import PreviewRequest, Told
from gateway.storage.errors import MongoDBUnreachable

MAX_WAITING = 3
"""Previews that may wait for the one that is being played."""
PLAYED_SECONDS = 90.0
"""After so long a preview is cut short, and told as far as it has come."""
PREVIEW_SECONDS = 120
"""How long an operation that asks for previews may take, with the time that it waits."""
_PROGRAM = program_of(preview_process.__name__)


class Previews:
    """Plays previews over one database."""

    def __init__(self, mongodb_url: str, database: str, session_timeout: timedelta) -> None:
        self._mongodb_url = mongodb_url
        self._database = database
        self._session_timeout = session_timeout
        self._turn = asyncio.Lock()
        self._asked = 0
        self._ends: set[asyncio.Task[None]] = set()

    async def preview(
        self, conditions: Conditions, scope: SegmentScope, days: int, now: datetime, divisions: frozenset[str] | None
    ) -> Preview:
        """Return what these conditions would have matched in the last days, of what is of these divisions.

        Cancelled, it ends the process, and what MongoDB does for it.

        Raises:
            InvalidValue: there are no such days.
            PreviewsBusy: too many wait already.
            PreviewFailed: the process has ended without an answer.
            MongoDBUnreachable: MongoDB does not answer.
        """
        request = PreviewRequest(
            self._mongodb_url,
            self._database,
            written_conditions(conditions),
            scope,
            days_until(now.date(), days),
            now,
            self._session_timeout.total_seconds(),
            None if divisions is None else sorted(divisions),
            PLAYED_SECONDS,
        )
        if self._asked > MAX_WAITING:
            raise PreviewsBusy(f"A preview is being played, and {MAX_WAITING} others wait: try again in a minute.")
        self._asked += 1
        try:
            async with self._turn:
                return await self._played(request)
        finally:
            self._asked -= 1

    async def close(self) -> None:
        """Wait until no process is left of those that were cancelled."""
        await asyncio.gather(*self._ends)

    async def _played(self, request: PreviewRequest) -> Preview:
        process = await start(_PROGRAM)
        try:
            answer = await _asked(process, request)
            await process.wait()
        finally:
            ending = asyncio.create_task(end(process))
            self._ends.add(ending)
            ending.add_done_callback(self._ends.discard)
            await asyncio.shield(ending)
        if process.returncode != 0:
            raise PreviewFailed(f"The process of a preview has ended with {process.returncode}.")
        told = msgspec.json.decode(answer, type=Told)
        if told.preview is None:
            raise MongoDBUnreachable(told.failure or "")
        return told.preview


async def _asked(process: asyncio.subprocess.Process, request: PreviewRequest) -> bytes:
    """Give the request, and return what the process writes; its input stays open, as its end would end it."""
    assert process.stdin is not None  # noqa: S101 - it was asked for
    assert process.stdout is not None  # noqa: S101 - likewise
    with suppress(ConnectionError):  # it has ended already: its exit code says so
        process.stdin.write(msgspec.json.encode(request) + b"\n")
        await process.stdin.drain()
    return await process.stdout.read()
