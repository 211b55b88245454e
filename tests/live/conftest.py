"""A prepared database, a clock to be set, subscribers, and visitors whose events go through the real commit."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Self, cast

import pytest

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import InForce
from gateway.journey.contact import contact_id_of
from gateway.journey.definitions import Definitions
from gateway.journey.presence import presence_at
from gateway.live.feed import Message, feed
from gateway.live.hub import Hub
from gateway.live.journey import JourneyWish
from gateway.live.predictions import PredictionWish
from gateway.live.presence import PresenceWish, presence_feed
from gateway.storage.connection import Connection
from gateway.storage.database import Database, Row
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

KEY = WriteKey("key-1", "wk", "Shop")


@dataclass
class Clock:
    """Tells the time that it was set to."""

    now: datetime = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def go(self, seconds: float) -> None:
        """Go forward, or with a negative number back."""
        self.now += timedelta(seconds=seconds)


@dataclass
class Site:
    """A site with visitors: `happens` commits one event of each, at the clock's time or some seconds before it."""

    database: Database
    clock: Clock
    in_force: InForce = field(default_factory=lambda: InForce(Definitions()))
    numbers: "count[int]" = field(default_factory=count)

    async def happens(self, *visitors: str, ago: float = 0, name: str | None = None) -> None:
        date = self.clock() - timedelta(seconds=ago)
        calls = [
            TimedEvent(
                WireEvent(
                    type="track" if name else "page", event=name, messageId=str(next(self.numbers)), anonymousId=visitor
                ),
                date,
            )
            for visitor in visitors
        ]
        await commit_batch(self.database, [Delivery(KEY, tuple(calls), self.clock(), None, None)], self.in_force)


TIMEOUT = timedelta(minutes=20)
EVERYTHING = PresenceWish({}, lambda _session: True, TIMEOUT)


class Subscriber:
    """Reads a feed message by message, never waiting for ever."""

    def __init__(self, messages: AsyncIterator[Message]) -> None:
        self._messages = messages
        self.cursor: str | None = None

    async def next(self) -> Row:
        async with asyncio.timeout(10):
            message = await anext(self._messages)
        self.cursor = message.cursor
        return message.row

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await cast("AsyncGenerator[Message]", self._messages).aclose()


@dataclass
class Stand:
    """Where a test subscribes from."""

    hub: Hub
    database: Database
    clock: Clock

    def presence(self, after: str | None = None, wish: PresenceWish = EVERYTHING) -> Subscriber:
        return Subscriber(presence_feed(self.hub, self.database, wish, after))

    def journey(self, visitor: str, after: str | None = None) -> Subscriber:
        return Subscriber(feed(self.hub, JourneyWish(contact_id_of("cookie", visitor)), after))

    def predictions(self, after: str | None = None, wish: PredictionWish | None = None) -> Subscriber:
        return Subscriber(feed(self.hub, wish or PredictionWish(), after))

    def shown(self, row: Row) -> str:
        """Say in short what a presence message tells."""
        presence = presence_at(row["lastEvent"]["createdDate"], self.clock())
        return f"{row['customerId']} {row['eventCount']} {presence.value}"


async def settled(hub: Hub) -> None:
    """Wait until the feed that was just asked for its first message listens."""
    async with asyncio.timeout(10):
        while not hub.listeners:  # noqa: ASYNC110 - a hub tells nobody that somebody listens
            await asyncio.sleep(0.01)


@pytest.fixture
def database(prepared: Connection) -> Database:
    """Database with every collection and index."""
    return prepared.database


@pytest.fixture
def clock() -> Clock:
    """Clock that stands still until it is set."""
    return Clock()


@pytest.fixture
def site(database: Database, clock: Clock) -> Site:
    """Site on the test's database and clock."""
    return Site(database, clock)


@pytest.fixture
async def hub(database: Database, clock: Clock) -> AsyncIterator[Hub]:
    """Hub over the test's database."""
    hub = Hub(database, clock)
    yield hub
    await hub.close()


@pytest.fixture
def stand(hub: Hub, database: Database, clock: Clock) -> Stand:
    """Stand on the test's hub."""
    return Stand(hub, database, clock)
