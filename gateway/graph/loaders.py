"""Dataloaders, made for each request: one command for all keys that a level of a query asks for together."""

from collections.abc import Sequence
from typing import ClassVar

from aiodataloader import DataLoader

from gateway.storage.database import Database, Row
from gateway.storage.definitions import newest_models
from gateway.storage.identity.merge_sets import edges_at, rows_below, session_links_of
from gateway.storage.merge_heads import heads_among
from gateway.storage.pages import Listing, Page, Parent, Window, pages_by_key
from gateway.storage.reading import reading
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


class OrganizationById(ById):
    """External organizations by id."""

    collection = "externalOrganizations"


class RelationshipById(ById):
    """Relationships by id."""

    collection = "relationships"


class NoteById(ById):
    """Notes by id."""

    collection = "notes"


class ExternalSourceById(ById):
    """External sources by id."""

    collection = "externalSources"


class NewestModelByOutcome(RowLoader):
    """The model that serves an outcome, by the outcome's id."""

    async def rows(self, keys: list[str]) -> dict[str, Row]:
        """Return the newest model of each outcome."""
        return await newest_models(self._database, keys)


class CanonicalContact(RowLoader):
    """The contact that stands for the customer, by the id of any of the customer's contacts."""

    async def rows(self, keys: list[str]) -> dict[str, Row]:
        """Return the root of each contact's merge set, in one command more where there are contacts that are none."""
        own = await rows_by_id(self._database, "contacts", keys)
        roots = {key: row["ancestors"][-1] if row.get("ancestors") else key for key, row in own.items()}
        missing = set(roots.values()) - own.keys()
        known = own | (await rows_by_id(self._database, "contacts", list(missing)) if missing else {})
        return {key: known.get(root, own[key]) for key, root in roots.items()}


class MergedInto(DataLoader[str, Sequence[Row]]):
    """The contacts that were merged into one, however deep below it, the oldest first; by its id."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    async def batch_load_fn(self, keys: list[str]) -> list[Sequence[Row]]:
        """Return the rows in the order of the keys."""
        below = await rows_below(self._database, keys)
        return [below.get(key, ()) for key in keys]


class IsHead(DataLoader[str, bool]):
    """Whether a contact is the head of a merge in force, by its id."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    async def batch_load_fn(self, keys: list[str]) -> list[bool]:
        """Return the answers in the order of the keys."""
        with reading("identityEdges"):
            heads = await heads_among(self._database, keys)
        return [key in heads for key in keys]


class EdgesAt(DataLoader[Parent, list[Row]]):
    """The edges that join or once joined contacts of one merge set to others, by the ids of these contacts."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    async def batch_load_fn(self, keys: list[Parent]) -> list[list[Row]]:
        """Return the edges in the order of the keys, each in the order in which they were made."""
        sets = [{key} if isinstance(key, str) else set(key) for key in keys]
        edges = await edges_at(self._database, list(set().union(*sets)))
        return [[edge for edge in edges if not ids.isdisjoint((edge["childId"], edge["parentId"]))] for ids in sets]


class LinkOfSession(RowLoader):
    """The move of a session to another contact, if it was moved, by the session's id."""

    async def rows(self, keys: list[str]) -> dict[str, Row]:
        """Return the moves of these sessions that nobody has undone."""
        return {row["sessionId"]: row for row in await session_links_of(self._database, keys)}


class LatestSession(DataLoader[Parent, Row | None]):
    """The newest session of several contacts that are one customer, by their ids."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    async def batch_load_fn(self, keys: list[Parent]) -> list[Row | None]:
        """Return the newest sessions in the order of the keys."""
        found = await latest_by_key(self._database, "sessions", "contactId", keys)
        return [found.get(key) for key in keys]


class PagesByKey(DataLoader[Parent, Page]):
    """One page of a list under each parent, by the parent's id, or the ids of what is one parent."""

    def __init__(self, database: Database, listing: Listing, window: Window) -> None:
        super().__init__()
        self._database, self._listing, self._window = database, listing, window

    async def batch_load_fn(self, keys: list[Parent]) -> list[Page]:
        """Return the pages in the order of the parents."""
        pages = await pages_by_key(self._database, self._listing, self._window, keys)
        return [pages[key] for key in keys]
