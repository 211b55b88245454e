"""Pages of rows, for one list or for many parents at once: one command each, whatever the number of rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.storage.database import Database, Row
from gateway.storage.keyset import Order, behind
from gateway.storage.reading import reading


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of an ordered list is wanted: `limit` rows after or before a cursor, from its start or its end."""

    limit: int
    after: str | None = None
    before: str | None = None
    from_end: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that can be paged: a collection, what is in it, its order. `key` names the field of the parent's id."""

    collection: str
    order: Order
    key: str | None = None
    filter: Row = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of a window, in the list's order, and whether there are more on either side."""

    rows: list[Row]
    has_next: bool
    has_previous: bool


async def page_of(database: Database, listing: Listing, window: Window) -> Page:
    """Return one page of the list."""
    pipeline = [{"$match": listing.filter}, *window_stages(listing, window)]
    with reading(listing.collection):
        cursor = await database[listing.collection].aggregate(pipeline, batchSize=window.limit + 2)
        rows = await cursor.to_list()
    return _page(rows, window)


async def pages_by_key(database: Database, listing: Listing, window: Window, keys: Sequence[str]) -> dict[str, Page]:
    """Return the page of each parent, by its id, in one command."""
    # MongoDB's first batch is 101 rows; one more than there are tells it and us that nothing follows
    found: dict[str, list[Row]] = defaultdict(list)
    with reading(listing.collection):
        cursor = await database.aggregate(pages_pipeline(listing, window, keys), batchSize=len(keys) + 1)
        async for parent in cursor:
            found[parent["key"]] = parent["rows"]
    return {key: _page(found[key], window) for key in keys}


def pages_pipeline(listing: Listing, window: Window, keys: Sequence[str]) -> list[Row]:
    """Return the pipeline that looks up the page of every parent; each look-up walks the index of `listing.key`."""
    lookup = {
        "from": listing.collection,
        "localField": "key",
        "foreignField": listing.key,
        "pipeline": [{"$match": listing.filter}, *window_stages(listing, window)],
        "as": "rows",
    }
    return [{"$documents": [{"key": key} for key in keys]}, {"$lookup": lookup}]


def window_stages(listing: Listing, window: Window) -> list[Row]:
    """Return the stages that cut the window out of a list; one row more tells whether the list goes on."""
    order = listing.order.reversed() if window.from_end else listing.order
    stages: list[Row] = []
    if window.after is not None:
        stages.append({"$match": behind(window.after, listing.order)})
    if window.before is not None:
        stages.append({"$match": behind(window.before, listing.order.reversed())})
    return [*stages, {"$sort": order.sort()}, {"$limit": window.limit + 1}]


def _page(rows: list[Row], window: Window) -> Page:
    more = len(rows) > window.limit
    rows = rows[: window.limit]
    if window.from_end:
        return Page(rows[::-1], has_next=window.before is not None, has_previous=more)
    return Page(rows, has_next=more, has_previous=window.after is not None)
