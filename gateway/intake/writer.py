"""Group commit: while batches commit, the next one gathers; each request is answered once its batch is on disk."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import DefinitionReader
from gateway.intake.metrics import BATCH_EVENTS, COMMIT_SECONDS, EVENTS, REFUSED_REQUESTS
from gateway.storage.database import Database
from gateway.storage.errors import StorageError
from gateway.storage.known_sessions import KnownSessions
from snippet.delivery import Answer, Delivery
from snippet.errors import IntakeBusy

MAX_BATCH = 1_000
"""Events that one transaction takes; 500 at a time bring an eighth less through."""
MAX_IN_FLIGHT = 2
"""Batches that commit at the same time: MongoDB works on one while Python works on the other."""
WORTH_A_BATCH = 100
"""Events that must wait before a batch starts beside another: each batch costs some eight commands, however small."""
MAX_WAITING = 20_000
"""Events that may wait in one process; beyond it senders are asked to come back, and nothing of theirs is taken."""
MAX_WAITING_BYTES = 32 * 1024 * 1024
"""Bytes of bodies that may wait likewise; read, they take about five times as much."""
RETRY_AFTER_SECONDS = 2

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    delivery: Delivery
    visitors: frozenset[str]
    answer: asyncio.Future[Answer]


class Writer:
    """The one writer of a process. It is the `Intake` that the collector hands its deliveries to."""

    def __init__(self, database: Database, definitions: DefinitionReader) -> None:
        self._database = database
        self._definitions = definitions
        self._known = KnownSessions()
        self._queue: deque[_Waiting] = deque()
        self._waiting_events = 0
        self._waiting_bytes = 0
        self._in_flight: set[asyncio.Task[None]] = set()
        self._visitors_in_flight: set[str] = set()
        self._wake = asyncio.Event()
        self._closing = False

    @property
    def waiting_events(self) -> int:
        """How many events wait for their batch."""
        return self._waiting_events

    async def accept(self, delivery: Delivery) -> Answer:
        """Wait until the events of the delivery are on disk, and return a receipt for each.

        Raises:
            IntakeBusy: the queue is full, the process ends, or MongoDB does not answer; nothing of it was taken.
        """
        if not delivery.events:
            return Answer(receipts=[], actions=[])
        if self._closing or not self._has_room_for(delivery):
            REFUSED_REQUESTS.inc()
            raise IntakeBusy(RETRY_AFTER_SECONDS)
        waiting = _Waiting(delivery, _visitors_of(delivery), asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._waiting_events += len(delivery.events)
        self._waiting_bytes += delivery.size
        self._wake.set()
        return await waiting.answer

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Writer"]:
        """Commit what arrives, for as long as the context is open; at its end what waits is committed first."""
        task = asyncio.create_task(self._run(), name="intake-writer")
        try:
            yield self
        finally:
            self._closing = True
            self._wake.set()
            await task

    def _has_room_for(self, delivery: Delivery) -> bool:
        """Tell whether it may wait as well."""
        return (
            self._waiting_events + len(delivery.events) <= MAX_WAITING
            and self._waiting_bytes + delivery.size <= MAX_WAITING_BYTES
        )

    async def _run(self) -> None:
        while self._queue or self._in_flight or not self._closing:
            await self._wake.wait()
            self._wake.clear()
            while self._may_start() and (batch := self._take()):
                self._start(batch)

    def _may_start(self) -> bool:
        """Tell whether another batch may start: the first at once, a further one when it is worth its commands."""
        if not self._in_flight:
            return True
        return len(self._in_flight) < MAX_IN_FLIGHT and self._waiting_events >= WORTH_A_BATCH

    def _take(self) -> list[_Waiting]:
        """Take what waits, in order, but nothing of a visitor whose earlier events are still under way."""
        taken: list[_Waiting] = []
        left: list[_Waiting] = []
        blocked = set(self._visitors_in_flight)
        events = 0
        while self._queue and (not taken or events + len(self._queue[0].delivery.events) <= MAX_BATCH):
            waiting = self._queue.popleft()
            if waiting.visitors.isdisjoint(blocked):
                taken.append(waiting)
                events += len(waiting.delivery.events)
            else:
                left.append(waiting)
                blocked |= waiting.visitors
        self._queue.extendleft(reversed(left))
        self._waiting_events -= events
        self._waiting_bytes -= sum(waiting.delivery.size for waiting in taken)
        return taken

    def _start(self, batch: list[_Waiting]) -> None:
        visitors = frozenset[str]().union(*(waiting.visitors for waiting in batch))
        self._visitors_in_flight |= visitors
        task = asyncio.create_task(self._commit(batch), name="intake-batch")
        self._in_flight.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            self._in_flight.discard(task)
            self._visitors_in_flight -= visitors
            self._wake.set()

        task.add_done_callback(ended)

    def _give_up_waiting(self) -> list[_Waiting]:
        """Take all that waits: MongoDB does not answer, so each would wait in vain for as long as this batch did."""
        waiting = list(self._queue)
        self._queue.clear()
        self._waiting_events = self._waiting_bytes = 0
        return waiting

    async def _commit(self, batch: list[_Waiting]) -> None:
        try:
            with COMMIT_SECONDS.time():
                in_force = await self._definitions.read()
                deliveries = [waiting.delivery for waiting in batch]
                answers = await commit_batch(self._database, deliveries, in_force, self._known)
        except StorageError as error:
            log.warning("batch not stored, senders are asked to come back", error=str(error), requests=len(batch))
            _refuse([*batch, *self._give_up_waiting()], IntakeBusy(RETRY_AFTER_SECONDS))
        except Exception as error:  # the writer outlives any batch; each sender is told
            log.exception("batch failed", requests=len(batch))
            _refuse(batch, error)
        else:
            _answer(batch, answers)


def _visitors_of(delivery: Delivery) -> frozenset[str]:
    return frozenset(event.wire.anonymousId or event.wire.userId or "" for event in delivery.events)


def _answer(batch: list[_Waiting], answers: list[Answer]) -> None:
    for waiting, answer in zip(batch, answers, strict=True):
        if not waiting.answer.done():
            waiting.answer.set_result(answer)
    statuses = Counter(receipt.status for answer in answers for receipt in answer.receipts)
    for status, events in statuses.items():
        EVENTS.labels(status).inc(events)
    BATCH_EVENTS.observe(statuses.total())


def _refuse(batch: list[_Waiting], error: Exception) -> None:
    REFUSED_REQUESTS.inc(len(batch))
    for waiting in batch:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)
