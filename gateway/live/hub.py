"""The hub: one change stream a process, handed on to everyone who listens, and the presence timers beside it.

The stream runs while somebody listens. When it breaks it goes on from its last token, so that listeners miss nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from gateway.journey.presence import IDLE_AFTER
from gateway.live.audience import Audience
from gateway.live.cursor import LiveCursor
from gateway.live.customer import Standing, ends_of, standing_at
from gateway.live.errors import CursorExpired
from gateway.live.happening import EDGES, TIMER, Concerns, Happening, Topic
from gateway.live.listener import Listener
from gateway.live.presence_timers import PresenceTimers
from gateway.storage.as_of import Moment, PastLost, moment_of
from gateway.storage.cancellation import ended
from gateway.storage.change_stream import BadToken, Change, HistoryLost, Position, changes
from gateway.storage.database import Database
from gateway.storage.errors import StorageError
from gateway.storage.identity.merge_sets import merge_set_as_of, merge_set_now
from gateway.storage.rows import rows_by_id
from gateway.storage.session_activity import last_event_dates

COLLECTIONS = ("events", "sessions", EDGES)
RECONNECT_SECONDS = 1.0
LONGEST_SLEEP = timedelta(seconds=0.5)
"""Timers are looked at at least so often; a session that has just come in may be due before the one slept for."""

MOMENT = timedelta(milliseconds=1)

Customers = dict[str, frozenset[str]]
"""By a contact that somebody follows, the contacts that are one customer with it."""

log = structlog.get_logger(__name__)


class Arrival:
    """Somebody who is about to listen; `touched` are contacts that were joined or parted meanwhile."""

    def __init__(self) -> None:
        self.touched: set[str] = set()


class Hub:
    """The one change stream of this process, and who listens to it."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._audience = Audience()
        self._arrivals: set[Arrival] = set()
        self._timers = PresenceTimers()
        self._place: LiveCursor | None = None
        self._ready = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._audience)

    @property
    def database(self) -> Database:
        """What the stream is of."""
        return self._database

    @asynccontextmanager
    async def listening(self, concerns: Concerns, topic: Topic | None = None) -> AsyncIterator[Listener]:
        """Listen to what happens from here on, as far as it is on the topic and concerns the listener.

        Who names a contact as the topic follows everything that is one customer with it, whatever becomes of that.
        """
        arrival = Arrival()
        self._arrivals.add(arrival)
        listener: Listener | None = None
        try:
            listener = await self._let_in(arrival, concerns, topic)
            self._arrivals.discard(arrival)
            yield listener
        finally:
            self._arrivals.discard(arrival)
            if listener is not None:
                self._audience.discard(listener)
            if not self._audience and not self._arrivals:
                await self.close()

    async def close(self) -> None:
        """End the stream; the next listener starts a new one."""
        tasks, self._tasks, self._place = self._tasks, [], None
        await ended(*tasks)

    async def since(self, left: LiveCursor, until: LiveCursor) -> AsyncIterator[Happening]:
        """Yield the changes after one place of the stream up to another, from MongoDB's history.

        Raises:
            CursorExpired: MongoDB no longer keeps that part of its history.
        """
        place = left
        try:
            async for item in changes(self._database, COLLECTIONS, left.token):
                if item.token > until.token:
                    return
                if isinstance(item, Change):
                    after = LiveCursor(item.token, 0, left.timers_date, left.timers_id)
                    yield Happening(item.collection, item.row, place, after)
                    place = after
                if item.token == until.token:
                    return
        except (HistoryLost, BadToken) as error:
            raise CursorExpired(str(error)) from error

    async def _let_in(self, arrival: Arrival, concerns: Concerns, topic: Topic | None) -> Listener:
        if not self._tasks:
            self._start()
        await self._ready.wait()
        standing: Standing | None = None
        if topic is not None and topic[0] == "contact":
            standing = await self._standing_now(arrival, topic[1])
        if self._place is None:
            raise CursorExpired("The stream of changes has been closed: subscribe again.")
        listener = Listener(self._place, concerns, topic, standing)
        self._audience.add(listener)
        return listener

    async def _standing_now(self, arrival: Arrival, contact_id: str) -> Standing:
        """Return what is one customer with this contact at the stream's place, once no edge has changed meanwhile."""
        while self._place is not None:
            arrival.touched.clear()
            try:
                standing = await standing_at(self._database, contact_id, self._place)
            except PastLost:
                standing = Standing((await merge_set_now(self._database, contact_id))[0])
            if standing.members.isdisjoint(arrival.touched):
                return standing
        return Standing(frozenset({contact_id}))

    def _start(self) -> None:
        self._ready.clear()
        self._timers = PresenceTimers()
        self._tasks = [
            asyncio.create_task(self._follow(), name="change-stream"),
            asyncio.create_task(self._watch_timers(), name="presence-timers"),
        ]

    async def _follow(self) -> None:
        timers_date = self._clock()
        token: str | None = None
        while True:
            try:
                async for item in changes(self._database, COLLECTIONS, token):
                    customers = await self._customers_after(item)
                    token = item.token
                    timers_date = self._place.timers_date if self._place else timers_date
                    self._hand_on(item, LiveCursor(item.token, 0, timers_date), customers)
            except HistoryLost as error:
                token = None
                self._audience.cut(CursorExpired(str(error)))
            except StorageError as error:
                log.warning("change stream broke, going on from its last token", error=str(error))
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _customers_after(self, item: Change | Position) -> Customers:
        """Return who is one customer after an edge has changed, for each contact at the edge that somebody follows."""
        customers: Customers = {}
        if isinstance(item, Change) and item.collection == EDGES:
            followed = self._audience.following
            # who comes while this is read is to be told as well
            while unknown := {one.topic[1] for one in followed(ends_of(item)) if one.topic} - customers.keys():
                for contact_id in unknown:
                    customers[contact_id] = await self._members(contact_id, moment_of(item.token))
        return customers

    async def _members(self, contact_id: str, moment: Moment) -> frozenset[str]:
        try:
            return await merge_set_as_of(self._database, contact_id, moment)
        except PastLost:  # the stream is that far behind
            return (await merge_set_now(self._database, contact_id))[0]

    def _hand_on(self, item: Change | Position, after: LiveCursor, customers: Customers) -> None:
        before, self._place = self._place or after, after
        self._ready.set()
        if isinstance(item, Change) and item.collection == EDGES:
            self._regroup(Happening(item.collection, item.row, before, after), customers)
        elif isinstance(item, Change):
            if item.collection == "sessions":
                self._timers.note(item.row["_id"], item.row["lastEvent"]["createdDate"], after.timers_date - MOMENT)
            self._audience.tell(Happening(item.collection, item.row, before, after))

    def _regroup(self, edge: Happening, customers: Customers) -> None:
        for arrival in self._arrivals:
            arrival.touched.update(ends_of(edge))
        moment = moment_of(edge.after.token)
        for listener in self._audience.following(ends_of(edge)):
            if listener.standing is None or listener.topic is None:
                continue
            before = listener.standing
            standing = before.after(customers[listener.topic[1]], moment)
            self._audience.regroup(listener, standing)
            news = standing is not before and standing.joined
            if news and not listener.put(replace(edge, joined=standing.joined)):
                self._audience.discard(listener)

    async def _watch_timers(self) -> None:
        await self._ready.wait()
        if self._place is None:
            return
        seeded = False
        untold: list[tuple[datetime, str]] = []
        while True:
            now = self._clock()
            try:
                if not seeded:
                    await self._seed_timers(self._place.timers_date - MOMENT)
                    seeded = True
                untold += self._timers.run_out(now)
                await self._tell_run_out(untold, now)
                untold = []
            except StorageError as error:
                log.warning("sessions whose presence timer ran out could not be told", error=str(error))
                await asyncio.sleep(RECONNECT_SECONDS)
            due = self._timers.next_due() or now + LONGEST_SLEEP
            await asyncio.sleep(min(max(due - self._clock(), timedelta()), LONGEST_SLEEP).total_seconds())

    async def _seed_timers(self, started: datetime) -> None:
        for session_id, date in (await last_event_dates(self._database, started - IDLE_AFTER)).items():
            self._timers.note(session_id, date, started)

    async def _tell_run_out(self, ran_out: list[tuple[datetime, str]], now: datetime) -> None:
        rows = await rows_by_id(self._database, "sessions", [id_ for _, id_ in ran_out]) if ran_out else {}
        if self._place is None:
            return
        token = self._place.token
        for date, session_id in ran_out:
            before, self._place = self._place, LiveCursor(token, 0, date, session_id)
            if session_id in rows:
                self._audience.tell(Happening(TIMER, rows[session_id], before, self._place))
        self._place = LiveCursor(token, 0, now + MOMENT)
