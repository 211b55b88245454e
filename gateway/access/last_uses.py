"""When tokens were last used: noted at once, written in the background, at most once a minute a token."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog

from gateway.storage.database import Database
from gateway.storage.errors import StorageError
from gateway.storage.tokens import note_uses

QUIET = timedelta(minutes=1)
"""Within this time further uses of a token are not noted. Each process counts for itself."""
GATHER_SECONDS = 1.0
"""For so long uses are gathered, to be written by one command; after a failure it is tried again as late."""

log = structlog.get_logger(__name__)


class LastUses:
    """The last uses of tokens by one process. Noting one takes less than a microsecond, and waits for nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted_dates: dict[str, datetime] = {}  # no longer than there are tokens: only valid ones are noted
        self._waiting: dict[str, datetime] = {}
        self._noted = asyncio.Event()
        self._closing = asyncio.Event()

    def used(self, token_id: str, at: datetime) -> None:
        """Note that a token was used."""
        last = self._noted_dates.get(token_id)
        if last is None or abs(at - last) >= QUIET:
            self._noted_dates[token_id] = self._waiting[token_id] = at
            self._noted.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["LastUses"]:
        """Write what is noted, for as long as the context is open; at its end what waits is written first."""
        task = asyncio.create_task(self._run(), name="last-uses")
        try:
            yield self
        finally:
            self._closing.set()
            self._noted.set()
            await task

    async def _run(self) -> None:
        while not self._closing.is_set():
            await self._noted.wait()
            self._noted.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER_SECONDS):
                    await self._closing.wait()
            await self._write()
        await self._write()

    async def _write(self) -> None:
        dates, self._waiting = self._waiting, {}
        try:
            await note_uses(self._database, dates)
        except StorageError as error:
            log.warning("last uses of tokens not written yet", error=str(error))
            self._waiting = dates | self._waiting
            self._noted.set()
        except Exception:  # who asks does not depend on it
            log.exception("last uses of tokens are lost", tokens=len(dates))
