"""Pages of rows, for one list or for many parents at once: one command each, whatever the number of rows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.storage.database import Database, Row
from gateway.storage.keyset import Order, behind, value_at
from gateway.storage.reading import reading

Parent = str | tuple[str, ...]
"""What a list is under: one id, or several whose rows are one list."""
WALKED_TOGETHER = 100
"""Ids whose parts of an index MongoDB walks side by side; of more than 200 it would read everything and sort it."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of an ordered list is wanted: `limit` rows after or before a cursor, from its start or its end."""

    limit: int
    after: str | None = None
    before: str | None = None
    from_end: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that can be paged: a collection, what is in it, its order. `key` names the field of a parent's id.

    `index` is the one to walk, where MongoDB might be tempted by another.
    """

    collection: str
    order: Order
    key: str | None = None
    filter: Row = field(default_factory=dict)
    index: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of a window, in the list's order, and whether there are more on either side.

    `start` and `end` are places beyond the rows up to which was looked, where a page may come back before it is full.
    """

    rows: list[Row]
    has_next: bool
    has_previous: bool
    start: Row | None = None
    end: Row | None = None


async def page_of(database: Database, listing: Listing, window: Window) -> Page:
    """Return one page of the list."""
    pipeline = [{"$match": listing.filter}, *window_stages(listing, window)]
    with reading(listing.collection):
        options: Row = {"hint": listing.index} if listing.index else {}
        cursor = await database[listing.collection].aggregate(pipeline, batchSize=window.limit + 2, **options)
        rows = await cursor.to_list()
    return _page(rows, window)


async def pages_by_key(
    database: Database, listing: Listing, window: Window, parents: Sequence[Parent]
) -> dict[Parent, Page]:
    """Return the page of each parent, in one command."""
    parts = _parts(parents)
    # MongoDB's first batch is 101 rows; one more than there are tells it and us that nothing follows
    found: dict[Parent, list[Row]] = defaultdict(list)
    with reading(listing.collection):
        cursor = await database.aggregate(_pipeline(listing, window, parts), batchSize=len(parts) + 1)
        async for part in cursor:
            found[parts[part["number"]][0]] += part["rows"]
    order = listing.order.reversed() if window.from_end else listing.order
    return {parent: _page(_merged(found[parent], parent, order), window) for parent in parents}


def pages_pipeline(listing: Listing, window: Window, parents: Sequence[Parent]) -> list[Row]:
    """Return the pipeline that looks up the page of every parent; each look-up walks the index of `listing.key`."""
    return _pipeline(listing, window, _parts(parents))


def window_stages(listing: Listing, window: Window) -> list[Row]:
    """Return the stages that cut the window out of a list; one row more tells whether the list goes on."""
    order = listing.order.reversed() if window.from_end else listing.order
    stages: list[Row] = []
    if window.after is not None:
        stages.append({"$match": behind(window.after, listing.order)})
    if window.before is not None:
        stages.append({"$match": behind(window.before, listing.order.reversed())})
    return [*stages, {"$sort": order.sort()}, {"$limit": window.limit + 1}]


def _parts(parents: Sequence[Parent]) -> list[tuple[Parent, Sequence[str]]]:
    """Return each parent with its ids, as many at a time as MongoDB walks through side by side."""
    return [(parent, part) for parent in parents for part in _at_a_time(parent)]


def _at_a_time(parent: Parent) -> Iterator[Sequence[str]]:
    ids = (parent,) if isinstance(parent, str) else parent
    return (ids[start : start + WALKED_TOGETHER] for start in range(0, len(ids), WALKED_TOGETHER))


def _pipeline(listing: Listing, window: Window, parts: Sequence[tuple[Parent, Sequence[str]]]) -> list[Row]:
    lookup = {
        "from": listing.collection,
        "localField": "ids",
        "foreignField": listing.key,
        "pipeline": [{"$match": listing.filter}, *window_stages(listing, window)],
        "as": "rows",
    }
    asked = [{"number": number, "ids": ids if len(ids) > 1 else ids[0]} for number, (_, ids) in enumerate(parts)]
    return [{"$documents": asked}, {"$lookup": lookup}]


def _merged(rows: list[Row], parent: Parent, order: Order) -> list[Row]:
    if not isinstance(parent, str) and len(parent) > WALKED_TOGETHER:
        for path, direction in reversed(order.keys):
            rows.sort(key=lambda row: value_at(row, path), reverse=direction < 0)
    return rows


def _page(rows: list[Row], window: Window) -> Page:
    more = len(rows) > window.limit
    rows = rows[: window.limit]
    if window.from_end:
        return Page(rows[::-1], has_next=window.before is not None, has_previous=more)
    return Page(rows, has_next=more, has_previous=window.after is not None)
