"""What every resolver of a request shares: who asks, when, and the loaders."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from gateway.access.viewer import Viewer
from gateway.graph.loaders import PagesByKey, RowLoader
from gateway.live.hub import Hub
from gateway.storage.database import Database
from gateway.storage.pages import Listing, Window

Loader = TypeVar("Loader", bound=RowLoader)


@dataclass
class Context:
    """One request, or one message of a subscription."""

    database: Database
    hub: Hub
    clock: Callable[[], datetime]
    session_timeout: timedelta
    viewer: Viewer | None = None
    _loaders: dict[type[RowLoader], RowLoader] = field(default_factory=dict)
    _pages: dict[str, PagesByKey] = field(default_factory=dict)

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
