"""Dataloaders, made for each request: one command for all keys that a level of a query asks for together.

Each knows what whoever asks sees: what is hidden is not loaded, as if it did not exist.
"""

from asyncio import Future
from collections.abc import Sequence
from typing import ClassVar, TypeVar

from aiodataloader import DataLoader

from gateway.storage.database import Database, Row
from gateway.storage.definitions import newest_models, packed_trees
from gateway.storage.divisions import divisions_by_id
from gateway.storage.identity.merge_sets import edges_at, rows_below, session_links_of
from gateway.storage.identity.seen import contacts_seen, seen_among
from gateway.storage.merge_heads import heads_among
from gateway.storage.pages import Listing, Page, Parent, Window, pages_by_key
from gateway.storage.reading import reading
from gateway.storage.rows import latest_by_key, rows_by_id
from gateway.storage.session_activity import session_counts
from gateway.storage.sight import EVERYTHING, Sight

Key = TypeVar("Key", str, Parent)
Value = TypeVar("Value")


class _Shared(Future[Value]):
    """What several fields wait for, so that none of them can cancel it for the others.

    Where a field fails, graphql-core cancels those beside it, and a cancelled task cancels the future that it waits
    for. Now such a task ends once the rows are there, which the time-out of the operation sees to. asyncio.shield would
    do the same at ten times the price.
    """

    def cancel(self, msg: object = None) -> bool:  # noqa: ARG002 - asyncio's signature
        """Refuse."""
        return False


class Loading(DataLoader[Key, Value]):
    """A loader for somebody who sees so much."""

    def __init__(self, database: Database, sight: Sight = EVERYTHING) -> None:
        super().__init__()
        self._futures: dict[Key, Future[Value]] = {}
        self._database = database
        self._sight = sight

    def load(self, key: Key) -> "Future[Value]":
        """Return what is asked for, by one future for all who ask for the same."""
        future = self._futures.get(key)
        if future is None:
            future = self._futures[key] = _Shared(loop=self.loop)
            self.do_resolve_reject(key, future)
        return future


class RowLoader(Loading[str, Row | None]):
    """Loads one row a key."""

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
        return await rows_by_id(self._database, self.collection, keys, self._sight)


class ContactById(ById):
    """Contacts by id."""

    collection = "contacts"

    async def rows(self, keys: list[str]) -> dict[str, Row]:
        """Return the contacts of these ids, as they are seen."""
        return await contacts_seen(self._database, keys, self._sight)


class SessionById(ById):
    """Sessions by id."""

    collection = "sessions"


class EventById(ById):
    """Events by id."""

    collection = "events"


class OutcomeById(ById):
    """Outcomes by id."""

    collection = "outcomes"


class SegmentById(ById):
    """Segments by id."""

    collection = "segments"


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

    async def rows(self, keys: list[str]) -> dict[str, Row]:
        """Return the notes of these ids, but for those about a contact that is hidden."""
        found = await super().rows(keys)
        if not self._sight.hides_contacts:
            return found
        about = {row["contactId"] for row in found.values() if "contactId" in row}
        seen = await seen_among(self._database, about, self._sight)
        return {id_: row for id_, row in found.items() if row.get("contactId") in {None, *seen}}


class ExternalSourceById(ById):
    """External sources by id."""

    collection = "externalSources"


class DivisionById(ById):
    """Divisions by id."""

    collection = "divisions"

    async def rows(self, keys: list[str]) -> dict[str, Row]:
        """Return the divisions of these ids that are seen, the home division among them."""
        return await divisions_by_id(self._database, keys, self._sight)


class NewestModelByOutcome(RowLoader):
    """The model that serves an outcome, by the outcome's id."""

    async def rows(self, keys: list[str]) -> dict[str, Row]:
        """Return the newest model of each outcome."""
        return await newest_models(self._database, keys)


class TreesOfModel(Loading[str, bytes | None]):
    """The packed trees of a learned model, by the model's id."""

    async def batch_load_fn(self, keys: list[str]) -> list[bytes | None]:
        """Return the trees in the order of the keys."""
        found = await packed_trees(self._database, keys)
        return [found.get(key) for key in keys]


class CanonicalContact(RowLoader):
    """The contact that stands for the customer, by the id of any of the customer's contacts."""

    async def rows(self, keys: list[str]) -> dict[str, Row]:
        """Return the root of each contact's merge set, in one command more where there are contacts that are none."""
        own = await contacts_seen(self._database, keys, self._sight)
        roots = {key: row["ancestors"][-1] if row.get("ancestors") else key for key, row in own.items()}
        missing = set(roots.values()) - own.keys()
        known = own | (await contacts_seen(self._database, list(missing), self._sight) if missing else {})
        return {key: known.get(root, own[key]) for key, root in roots.items()}


class MergedInto(Loading[str, Sequence[Row]]):
    """The contacts that were merged into one, however deep below it, the oldest first; by its id."""

    async def batch_load_fn(self, keys: list[str]) -> list[Sequence[Row]]:
        """Return the rows in the order of the keys."""
        below = await rows_below(self._database, keys, self._sight)
        return [below.get(key, ()) for key in keys]


class IsHead(Loading[str, bool]):
    """Whether a contact is the head of a merge in force, by its id."""

    async def batch_load_fn(self, keys: list[str]) -> list[bool]:
        """Return the answers in the order of the keys."""
        with reading("identityEdges"):
            heads = await heads_among(self._database, keys)
        return [key in heads for key in keys]


class EdgesAt(Loading[Parent, list[Row]]):
    """The edges that join or once joined contacts of one merge set to others, by the ids of these contacts."""

    async def batch_load_fn(self, keys: list[Parent]) -> list[list[Row]]:
        """Return the edges in the order of the keys, each in the order in which they were made."""
        sets = [{key} if isinstance(key, str) else set(key) for key in keys]
        edges = await self._seen(await edges_at(self._database, list(set().union(*sets))))
        return [[edge for edge in edges if not ids.isdisjoint(_ends_of(edge))] for ids in sets]

    async def _seen(self, edges: list[Row]) -> list[Row]:
        """Return the edges both of whose contacts are seen."""
        if not self._sight.hides_contacts:
            return edges
        seen = await seen_among(self._database, {id_ for edge in edges for id_ in _ends_of(edge)}, self._sight)
        return [edge for edge in edges if seen.issuperset(_ends_of(edge))]


class LinkOfSession(RowLoader):
    """The move of a session to another contact, if it was moved, by the session's id."""

    async def rows(self, keys: list[str]) -> dict[str, Row]:
        """Return the moves of these sessions that nobody has undone."""
        return {row["sessionId"]: row for row in await session_links_of(self._database, keys)}


class LatestSession(Loading[Parent, Row | None]):
    """The newest session of several contacts that are one customer, by their ids."""

    async def batch_load_fn(self, keys: list[Parent]) -> list[Row | None]:
        """Return the newest sessions in the order of the keys."""
        found = await latest_by_key(self._database, "sessions", "contactId", keys, self._sight)
        return [found.get(key) for key in keys]


class SessionCount(Loading[Parent, int]):
    """How many sessions are seen of several contacts that are one customer, by their ids."""

    async def batch_load_fn(self, keys: list[Parent]) -> list[int]:
        """Return the numbers in the order of the keys."""
        sets = [(key,) if isinstance(key, str) else key for key in keys]
        counts = await session_counts(self._database, {id_ for ids in sets for id_ in ids}, self._sight)
        return [sum(counts.get(id_, 0) for id_ in ids) for ids in sets]


class PagesByKey(DataLoader[Parent, Page]):
    """One page of a list under each parent, by the parent's id, or the ids of what is one parent."""

    def __init__(self, database: Database, listing: Listing, window: Window) -> None:
        super().__init__()
        self._database, self._listing, self._window = database, listing, window

    async def batch_load_fn(self, keys: list[Parent]) -> list[Page]:
        """Return the pages in the order of the parents."""
        pages = await pages_by_key(self._database, self._listing, self._window, keys)
        return [pages[key] for key in keys]


def _ends_of(edge: Row) -> tuple[str, str]:
    return edge["childId"], edge["parentId"]
