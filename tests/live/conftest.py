"""A prepared database, a clock to be set, and visitors whose events go through the real commit."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import InForce
from gateway.journey.definitions import Definitions
from gateway.live.hub import Hub
from gateway.storage.connection import Connection
from gateway.storage.database import Database
from gateway.storage.preparation import prepare
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


@pytest.fixture
async def database(connection: Connection) -> Database:
    """Database with every collection and index."""
    await prepare(connection)
    return connection.database


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
