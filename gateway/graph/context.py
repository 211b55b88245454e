"""What every resolver of a request shares: who asks, when, and the loaders."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from aiodataloader import DataLoader

from gateway.access.audit_trail import AuditTrail
from gateway.access.authentication import Authenticator
from gateway.access.divisions import sight_of
from gateway.access.viewer import Viewer
from gateway.graph.customer import Customer
from gateway.graph.loaders import MergedInto, PagesByKey
from gateway.journey.identifier import DEFAULT_REGION
from gateway.live.hub import Hub
from gateway.prediction.preview import Previews
from gateway.storage.database import Database
from gateway.storage.pages import Listing, Window
from gateway.storage.sight import Sight, both

Loader = TypeVar("Loader", bound=DataLoader[Any, Any])


@dataclass(frozen=True, slots=True)
class Services:
    """What the schema works with, the same for all requests of a process.

    `replay` applies rejected events again, by their ids, and returns the ids of those that it could. `region` is where
    telephone numbers without a country code are dialled. With `contacts_apart` contacts are seen by division too.
    `mapped_roles` are those that JOURNEY_OIDC_ROLES names: they cannot be deleted.
    """

    database: Database
    hub: Hub
    clock: Callable[[], datetime]
    session_timeout: timedelta
    replay: Callable[[Sequence[str]], Awaitable[list[str]]]
    audit_trail: AuditTrail
    authenticator: Authenticator
    previews: Previews
    region: str = DEFAULT_REGION
    contacts_apart: bool = False
    mapped_roles: frozenset[str] = frozenset()


@dataclass
class Context:
    """One request, or one message of a subscription."""

    services: Services
    viewer: Viewer | None = None
    _loaders: dict[type[DataLoader[Any, Any]], DataLoader[Any, Any]] = field(default_factory=dict)
    _pages: dict[str, PagesByKey] = field(default_factory=dict)
    _customers: dict[str, Customer] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        """Where everything is stored."""
        return self.services.database

    @cached_property
    def sight(self) -> Sight:
        """What whoever asks sees."""
        return sight_of(self.viewer, contacts_apart=self.services.contacts_apart)

    @property
    def hub(self) -> Hub:
        """What happens live."""
        return self.services.hub

    @property
    def session_timeout(self) -> timedelta:
        """After which pause a session has ended."""
        return self.services.session_timeout

    @property
    def region(self) -> str:
        """Where telephone numbers without a country code are dialled."""
        return self.services.region

    def clock(self) -> datetime:
        """Return the time."""
        return self.services.clock()

    async def replay(self, ids: Sequence[str]) -> list[str]:
        """Apply rejected events again, and return the ids of those that are applied now."""
        return await self.services.replay(ids)

    def looked_at(self, contact_id: str) -> None:
        """Note for the audit log that whoever asks looks at this contact."""
        if self.viewer is not None:
            self.services.audit_trail.looked_at(self.viewer.name, [contact_id], self.clock())

    def loader(self, kind: type[Loader]) -> Loader:
        """Return this request's loader of that kind."""
        if kind not in self._loaders:
            self._loaders[kind] = kind(self.database, self.sight)  # type: ignore[arg-type]  # as every loader of ours is made
        return self._loaders[kind]  # type: ignore[return-value]  # stored under its own class

    def pages(self, listing: Listing, window: Window) -> PagesByKey:
        """Return this request's loader for one window of a list."""
        key = repr((listing, window))
        if key not in self._pages:
            self._pages[key] = PagesByKey(self.database, self.seen(listing), window)
        return self._pages[key]

    def seen(self, listing: Listing) -> Listing:
        """Return the list with what whoever asks sees of it alone."""
        condition = self.sight.of(listing.collection)
        return replace(listing, filter=both(listing.filter, condition)) if condition else listing

    async def customer(self, contact: Mapping[str, Any]) -> Customer:
        """Return a contact with everything that was merged into it: one command for all that a level asks for."""
        merged = await self.loader(MergedInto).load(contact["_id"])
        return self._customers.setdefault(contact["_id"], Customer(contact, merged))
