"""The hub: one change stream a process, handed on to everyone who listens, and the presence timers beside it.

The stream runs while somebody listens. When it breaks it goes on from its last token, so that listeners miss nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import structlog

from gateway.journey.presence import IDLE_AFTER
from gateway.live.errors import CursorExpired
from gateway.live.listener import Listener
from gateway.live.presence_timers import PresenceTimers
from gateway.storage.change_stream import BadToken, Change, HistoryLost, Position, changes
from gateway.storage.database import Database
from gateway.storage.errors import StorageError
from gateway.storage.rows import rows_by_id
from gateway.storage.session_activity import last_event_dates

COLLECTIONS = ("events", "sessions")
PRESENCE = "presence"
"""The `collection` of a change that no document made: a session's timer ran out."""
RECONNECT_SECONDS = 1.0
LONGEST_SLEEP_SECONDS = 0.5
"""Timers are looked at at least so often; a session that has just come in may be due before the one slept for."""

log = structlog.get_logger(__name__)


class Hub:
    """The one change stream of this process, and who listens to it."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._listeners: set[Listener] = set()
        self._timers = PresenceTimers()
        self._position: str | None = None
        self._positioned = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Listener]:
        """Listen to the stream from here on."""
        if not self._tasks:
            self._positioned.clear()
            self._tasks = [
                asyncio.create_task(self._follow(), name="change-stream"),
                asyncio.create_task(self._watch_timers(), name="presence-timers"),
            ]
        await self._positioned.wait()
        listener = Listener(self._position or "")
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
            if not self._listeners:
                await self.close()

    async def close(self) -> None:
        """End the stream; the next listener starts a new one."""
        tasks, self._tasks, self._position = self._tasks, [], None
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def since(self, token: str, until: str) -> AsyncIterator[Change]:
        """Yield the changes after one place of the stream up to another, from MongoDB's history.

        Raises:
            CursorExpired: MongoDB no longer keeps that part of its history.
        """
        try:
            async for item in changes(self._database, COLLECTIONS, token):
                if item.token > until:
                    return
                if isinstance(item, Change):
                    yield item
                if item.token == until:
                    return
        except (HistoryLost, BadToken) as error:
            raise CursorExpired(str(error)) from error

    async def _follow(self) -> None:
        while True:
            try:
                async for item in changes(self._database, COLLECTIONS, self._position):
                    self._hand_on(item)
            except HistoryLost as error:
                self._position = None
                for listener in self._listeners:
                    listener.cut(CursorExpired(str(error)))
                self._listeners.clear()
            except StorageError as error:
                log.warning("change stream broke, going on from its last token", error=str(error))
                await asyncio.sleep(RECONNECT_SECONDS)

    def _hand_on(self, item: Change | Position) -> None:
        self._position = item.token
        self._positioned.set()
        if isinstance(item, Change):
            if item.collection == "sessions":
                self._timers.note(item.row["_id"], item.row["lastEvent"]["createdDate"], self._clock())
            self._tell(item)

    def _tell(self, change: Change) -> None:
        slow = [listener for listener in self._listeners if not listener.put(change)]
        self._listeners.difference_update(slow)

    async def _watch_timers(self) -> None:
        self._timers = PresenceTimers()
        await self._positioned.wait()
        now = self._clock()
        for session_id, date in (await last_event_dates(self._database, now - IDLE_AFTER)).items():
            self._timers.note(session_id, date, now)
        while True:
            await asyncio.sleep(self._seconds_to_sleep())
            if due := self._timers.run_out(self._clock()):
                await self._tell_run_out(due)

    async def _tell_run_out(self, session_ids: list[str]) -> None:
        rows = await rows_by_id(self._database, "sessions", session_ids)
        place = self._position or ""
        for session_id in session_ids:
            if session_id in rows:
                self._tell(Change(place, place, PRESENCE, rows[session_id]))

    def _seconds_to_sleep(self) -> float:
        due = self._timers.next_due()
        if due is None:
            return LONGEST_SLEEP_SECONDS
        return min(max((due - self._clock()).total_seconds(), 0.0), LONGEST_SLEEP_SECONDS)
