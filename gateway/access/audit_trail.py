"""The audit trail of looking: noted at once, written to the audit log in the background."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from itertools import islice

import structlog

from gateway.storage.audit_log import AuditAction, AuditEntry, record_all
from gateway.storage.database import Database
from gateway.storage.errors import StorageError

QUIET = timedelta(minutes=10)
"""Within this time the same person's further looks at the same contact are one look. Each process counts for itself."""
MAX_REMEMBERED = 50_000
"""Pairs of person and contact that are remembered; beyond it the oldest are forgotten, and noted again."""
MAX_WAITING = 10_000
"""Entries that may wait while MongoDB is silent; beyond it looks are no longer noted, which the log of errors tells."""
GATHER_SECONDS = 1.0
"""For so long entries are gathered, to be written by one command."""
MAX_WRITTEN = 1_000

log = structlog.get_logger(__name__)


class AuditTrail:
    """What the people of one process looked at. Noting takes microseconds; queries need not wait for the log."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: OrderedDict[tuple[str, str], datetime] = OrderedDict()
        self._waiting: deque[AuditEntry] = deque()
        self._lost = 0
        self._noted = asyncio.Event()
        self._closing = asyncio.Event()

    def looked_at(self, actor: str, contact_ids: Iterable[str], at: datetime) -> None:
        """Note that somebody looked at these contacts, unless the same is noted since less than ten minutes."""
        fresh = [id_ for id_ in dict.fromkeys(contact_ids) if self._is_news((actor, id_), at)]
        if not fresh:
            return
        if len(self._waiting) >= MAX_WAITING:
            self._lost += 1
            return
        for id_ in fresh:
            self._remember((actor, id_), at)
        self._waiting.append(AuditEntry(at, actor, AuditAction.LOOKED_AT, tuple(fresh)))
        self._noted.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["AuditTrail"]:
        """Write what is noted, for as long as the context is open; at its end what waits is written first."""
        task = asyncio.create_task(self._run(), name="audit-trail")
        try:
            yield self
        finally:
            self._closing.set()
            self._noted.set()
            await task

    def _is_news(self, look: tuple[str, str], at: datetime) -> bool:
        last = self._seen.get(look)
        return last is None or abs(at - last) >= QUIET

    def _remember(self, look: tuple[str, str], at: datetime) -> None:
        self._seen[look] = at
        self._seen.move_to_end(look)
        if len(self._seen) > MAX_REMEMBERED:
            self._seen.popitem(last=False)

    async def _run(self) -> None:
        while not self._closing.is_set():
            await self._noted.wait()
            self._noted.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER_SECONDS):
                    await self._closing.wait()
            await self._write()
        await self._write()
        self._lost += len(self._waiting)
        self._tell_of_losses()

    async def _write(self) -> None:
        while self._waiting:
            entries = list(islice(self._waiting, MAX_WRITTEN))
            try:
                await record_all(self._database, entries)
            except StorageError as error:
                log.warning("audit log not written, it will be tried again", error=str(error))
                self._noted.set()
                return
            except Exception:  # the trail outlives any entry
                log.exception("entries of the audit log are lost", entries=len(entries))
            for _ in entries:
                self._waiting.popleft()
        self._tell_of_losses()

    def _tell_of_losses(self) -> None:
        if self._lost:
            log.error("looks at contacts are missing in the audit log", entries=self._lost)
            self._lost = 0
