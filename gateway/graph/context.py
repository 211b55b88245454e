"""What every resolver of a request shares: who asks, when, and the loaders."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from gateway.access.viewer import Viewer
from gateway.graph.loaders import PagesByKey, RowLoader
from gateway.live.hub import Hub
from gateway.storage.database import Database
from gateway.storage.pages import Listing, Window

Loader = TypeVar("Loader", bound=RowLoader)


@dataclass(frozen=True, slots=True)
class Services:
    """What the schema works with, the same for all requests of a process.

    `replay` applies rejected events again, by their ids, and returns the ids of those that it could.
    """

    database: Database
    hub: Hub
    clock: Callable[[], datetime]
    session_timeout: timedelta
    replay: Callable[[Sequence[str]], Awaitable[list[str]]]


@dataclass
class Context:
    """One request, or one message of a subscription."""

    services: Services
    viewer: Viewer | None = None
    _loaders: dict[type[RowLoader], RowLoader] = field(default_factory=dict)
    _pages: dict[str, PagesByKey] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        """Where everything is stored."""
        return self.services.database

    @property
    def hub(self) -> Hub:
        """What happens live."""
        return self.services.hub

    @property
    def session_timeout(self) -> timedelta:
        """After which pause a session has ended."""
        return self.services.session_timeout

    def clock(self) -> datetime:
        """Return the time."""
        return self.services.clock()

    async def replay(self, ids: Sequence[str]) -> list[str]:
        """Apply rejected events again, and return the ids of those that are applied now."""
        return await self.services.replay(ids)

    def loader(self, kind: type[Loader]) -> Loader:
        """Return this request's loader of that kind."""
        if kind not in self._loaders:
            self._loaders[kind] = kind(self.database)
        return self._loaders[kind]  # type: ignore[return-value]  # stored under its own class

    def pages(self, listing: Listing, window: Window) -> PagesByKey:
        """Return this request's loader for one window of a list."""
        key = repr((listing, window))
        if key not in self._pages:
            self._pages[key] = PagesByKey(self.database, listing, window)
        return self._pages[key]
