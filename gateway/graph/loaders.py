"""Dataloaders, made for each request: one command for all keys that a level of a query asks for together."""

from typing import ClassVar

from aiodataloader import DataLoader

from gateway.storage.database import Database, Row
from gateway.storage.definitions import newest_models
from gateway.storage.pages import Listing, Page, Window, pages_by_key
from gateway.storage.rows import latest_by_key, rows_by_id


class RowLoader(DataLoader[str, Row | None]):
    """Loads one row a key."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    async def rows(self, keys: list[str]) -> dict[str, Row]:
        """Return the rows of these keys, by key."""
        raise NotImplementedError

    async def batch_load_fn(self, keys: list[str]) -> list[Row | None]:
        """Return the rows in the order of the keys."""
        found = await self.rows(keys)
        return [found.get(key) for key in keys]


class ById(RowLoader):
    """Loads the rows of one collection by their ids."""

    collection: ClassVar[str]

    async def rows(self, keys: list[str]) -> dict[str, Row]:
        """Return the rows of these ids."""
        return await rows_by_id(self._database, self.collection, keys)


class ContactById(ById):
    """Contacts by id."""

    collection = "contacts"


class SessionById(ById):
    """Sessions by id."""

    collection = "sessions"


class EventById(ById):
    """Events by id."""

    collection = "events"


class OutcomeById(ById):
    """Outcomes by id."""

    collection = "outcomes"


class PredictionModelById(ById):
    """Models by id."""

    collection = "predictionModels"


class RejectedEventById(ById):
    """Rejected events by id."""

    collection = "rejectedEvents"


class NewestModelByOutcome(RowLoader):
    """The model that serves an outcome, by the outcome's id."""

    async def rows(self, keys: list[str]) -> dict[str, Row]:
        """Return the newest model of each outcome."""
        return await newest_models(self._database, keys)


class LatestSessionByContact(RowLoader):
    """The newest session of a contact, by the contact's id."""

    async def rows(self, keys: list[str]) -> dict[str, Row]:
        """Return the newest session of each contact."""
        return await latest_by_key(self._database, "sessions", "contactId", keys)


class PagesByKey(DataLoader[str, Page]):
    """One page of a list under each parent, by the parent's id."""

    def __init__(self, database: Database, listing: Listing, window: Window) -> None:
        super().__init__()
        self._database, self._listing, self._window = database, listing, window

    async def batch_load_fn(self, keys: list[str]) -> list[Page]:
        """Return the pages in the order of the parents."""
        pages = await pages_by_key(self._database, self._listing, self._window, keys)
        return [pages[key] for key in keys]
