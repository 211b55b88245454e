"""Search for contacts: a page of those that have every word, curated ones first, each walk along one index.

A search walks the contacts of its rarest word in the order in which they are found, and compares the rest. However
common its words are, one page looks at no more than SCANNED contacts: where that was not enough to fill it, the page
says where it came to, and the next goes on there. So no contact is left out, and no page takes long.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.journey.contact import ContactType, contact_id_of
from gateway.journey.search_keys import EVERYONE, KINDS, Reading, key_of, places_between, readings_of
from gateway.storage.contact_search_keys import SEARCH_FIELDS, is_found
from gateway.storage.database import Database, Row
from gateway.storage.documents.contact import SEARCH_INDEX
from gateway.storage.identity.merge_sets import rows_below
from gateway.storage.identity.seen import as_seen
from gateway.storage.keyset import NEWEST_FIRST, BadCursor, Order, behind
from gateway.storage.pages import Listing, Page, Window, page_of
from gateway.storage.reading import reading
from gateway.storage.sight import EVERYTHING, Sight, both

SCANNED = 4_000
"""Contacts that one page looks at, at most."""
PROBED = 20
"""Contacts that are looked at to learn how a search is to be read, where some of them are hidden."""
FEW = 500
"""A word of no more contacts is walked without a look for a rarer one."""
MAX_WALKED_WORDS = 4
"""Words of a search whose contacts may be walked: the longest, which are likely the rarest."""
FOUND_FIRST = Order((("searchPlace", 1),))
"""Canonical ones first, then curated, then identified; of a kind, the newest first."""
EPHEMERAL = ContactType.EPHEMERAL.value
_LAST = "~"
"""Comes after every place."""


@dataclass(frozen=True, slots=True)
class ContactSearch:
    """What is looked for. `kinds` are those of KINDS, or EPHEMERAL alone; seen dates are those of `lastSeenDate`.

    `types` are those that a contact may have been stored with, all by default; `division` is a condition for the
    divisions that it is of, and `sight` what is seen by whoever searches.
    """

    text: str = ""
    kinds: tuple[str, ...] = KINDS
    types: tuple[str, ...] | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    seen_after: datetime | None = None
    seen_before: datetime | None = None
    division: Row = field(default_factory=dict)
    sight: Sight = EVERYTHING

    @property
    def divisions(self) -> Row:
        """The condition for the divisions of what is found."""
        return both(self.division, self.sight.of("contacts"))


@dataclass(frozen=True, slots=True)
class Walk:
    """A way along the index: the key to walk, and what the contacts met must have besides."""

    key: str
    rest: Row


def order_of(search: ContactSearch) -> Order:
    """Return the order in which contacts are found; visitors whom nobody knows have no place in the search's own."""
    return NEWEST_FIRST if EPHEMERAL in search.kinds else FOUND_FIRST


async def contacts_found(database: Database, search: ContactSearch, window: Window) -> Page:
    """Return one page of what is found, without the search fields but for its place.

    A visitor whom nobody knows is found by the whole cookie only, and only when EPHEMERAL is asked for. Where contacts
    are hidden, a page may lack those that were found by what a hidden one holds.

    Raises:
        BadCursor: a cursor of the window is not of this search's order.
    """
    if EPHEMERAL in search.kinds:
        page = await page_of(database, Listing("contacts", NEWEST_FIRST, filter=_visitor(search)), window)
        return replace(page, rows=await as_seen(database, page.rows, search.sight))
    everywhere = _places(search)
    places = _between(everywhere, *_cut(window))
    walks = await _walks_seen(database, search)
    if not places or not walks:
        return _page([], window, beyond=None)
    page = await _found(database, walks, everywhere, places, window)
    return await _page_seen(database, page, search) if search.sight.hides_contacts else page


async def _found(
    database: Database,
    walks: list[list[Walk]],
    everywhere: Sequence[tuple[str, str]],
    places: list[tuple[str, str]],
    window: Window,
) -> Page:
    with reading("contacts"):
        walk, count = await _best(database, walks, everywhere)
        if walk is None:
            return _page([], window, beyond=None)
        beyond = await _beyond(database, walk, places, window) if walk.rest and count > SCANNED else None
        clipped = _clipped(places, beyond, window) if beyond else places
        found = {"searchKeys": walk.key, **_within(clipped), **walk.rest}
        cursor = database["contacts"].find(found, {name: 0 for name in SEARCH_FIELDS if name != "searchPlace"})
        rows = await cursor.sort(_sort(window)).hint(SEARCH_INDEX).limit(window.limit + 1).to_list()
    return _page(rows, window, beyond)


async def _walks_seen(database: Database, search: ContactSearch) -> list[list[Walk]]:
    """Return the ways to walk; where contacts are hidden, of the first reading alone by which one is found that is not.

    Else a reading that only hidden contacts answer to would tell, by what is not found, that they are there.
    """
    walks = _walks(search)
    if not search.sight.hides_contacts:
        return walks
    for ways in walks[:-1]:
        places, window = _places(search), Window(PROBED)
        page = await _page_seen(database, await _found(database, [ways], places, places, window), search)
        if page.rows:
            return [ways]
    return walks[-1:]


async def _page_seen(database: Database, page: Page, search: ContactSearch) -> Page:
    """Return the page without those that were found by words of contacts that are hidden, with its ends as places."""
    merged = await rows_below(database, [row["_id"] for row in page.rows], search.sight)
    rows = [row for row in page.rows if is_found(search.text, (row, *merged.get(row["_id"], ())))]
    ends = (page.start or next(iter(page.rows), None), page.end or next(reversed(page.rows), None))
    return Page(await as_seen(database, rows, search.sight), page.has_next, page.has_previous, *ends)


def _visitor(search: ContactSearch) -> Row:
    text = search.text.strip()
    wanted = {"_id": {"$in": [contact_id_of(kind, text) for kind in ("cookie", "externalId")]}} if text else {}
    bounds = {"createdDate": (search.created_after, search.created_before)}
    bounds["lastSeenDate"] = (search.seen_after, search.seen_before)
    visitors = {**wanted, "type": EPHEMERAL, "ancestors": {"$exists": False}, **_dated(bounds)}
    return both(visitors, search.divisions)


def _dated(bounds: Mapping[str, tuple[datetime | None, datetime | None]]) -> Row:
    conditions = {
        field: {name: date for name, date in (("$gte", after), ("$lt", before)) if date is not None}
        for field, (after, before) in bounds.items()
    }
    return {field: condition for field, condition in conditions.items() if condition}


def _walks(search: ContactSearch) -> list[list[Walk]]:
    """Return the ways to walk for each reading of the text, the most exact reading first."""
    rest = both(_dated({"lastSeenDate": (search.seen_after, search.seen_before)}), search.divisions)
    if search.types is not None:
        rest["type"] = {"$in": list(search.types)}
    if not search.text.strip():
        return [[Walk(EVERYONE, rest)]]
    return [_walks_of(reading_, rest) for reading_ in readings_of(search.text)]


def _walks_of(reading_: Reading, rest: Row) -> list[Walk]:
    if reading_.whole is not None:
        return [Walk(reading_.whole, rest)]
    longest = sorted(reading_.words, key=len, reverse=True)[:MAX_WALKED_WORDS]
    return [Walk(key_of(word), both(_rest(reading_.words, word), rest)) for word in longest]


def _rest(words: Sequence[str], walked: str) -> Row:
    """Return what is to be compared beside the key; the words, so that no plan can take them for the walk."""
    untold = [word for word in words if word != walked or key_of(word) != word]
    conditions = [{"searchWords": {"$regex": f"^{re.escape(word)}"}} for word in untold]
    return {"$and": conditions} if conditions else {}


def _places(search: ContactSearch) -> list[tuple[str, str]]:
    """Return the stretches of places that the filter leaves, in order: the first place of each, and that beyond."""
    kinds = [kind for kind in KINDS if kind in search.kinds]
    stretches: list[tuple[str, str]] = []
    for first, beyond in (places_between(kind, search.created_after, search.created_before) for kind in kinds):
        if stretches and stretches[-1][1] == first:
            stretches[-1] = (stretches[-1][0], beyond)
        else:
            stretches.append((first, beyond))
    return stretches


def _cut(window: Window) -> tuple[str, str]:
    after = _next(_place_at(window.after)) if window.after is not None else ""
    before = _place_at(window.before) if window.before is not None else _LAST
    return after, before


def _clipped(places: list[tuple[str, str]], end: str, window: Window) -> list[tuple[str, str]]:
    return _between(places, end, _LAST) if window.from_end else _between(places, "", _next(end))


def _between(places: list[tuple[str, str]], first: str, beyond: str) -> list[tuple[str, str]]:
    cut = ((max(start, first), min(end, beyond)) for start, end in places)
    return [(start, end) for start, end in cut if start < end]


def _place_at(cursor: str) -> str:
    place = behind(cursor, FOUND_FIRST)["searchPlace"]["$gte"]
    if not isinstance(place, str):
        raise BadCursor(f"The cursor {cursor!r} is none of this search: pass a cursor of the same search, unchanged.")
    return place


def _next(place: str) -> str:
    return place + " "  # no place begins with another, so nothing lies in between


def _within(places: Sequence[tuple[str, str]]) -> Row:
    ranges: list[Row] = [{"searchPlace": {"$gte": first, "$lt": beyond}} for first, beyond in places]
    return ranges[0] if len(ranges) == 1 else {"$or": ranges}


def _sort(window: Window) -> dict[str, int]:
    return (FOUND_FIRST.reversed() if window.from_end else FOUND_FIRST).sort()


async def _best(
    database: Database, walks: list[list[Walk]], places: Sequence[tuple[str, str]]
) -> tuple[Walk | None, int]:
    """Return the walk that meets the fewest contacts, of the first reading that finds any, and how many those are.

    They are counted up to one more than SCANNED. A single walk that needs no comparing is not counted at all.
    """
    if len(walks) == 1 and len(walks[0]) == 1 and not walks[0][0].rest:
        return walks[0][0], 0
    for ways in walks:
        keys = list(dict.fromkeys(walk.key for walk in ways))
        counts = await _counts(database, keys, places, FEW + 1)
        if min(counts.values()) > FEW:
            counts = await _counts(database, keys, places, SCANNED + 1)
        best = min(ways, key=lambda walk: counts[walk.key])
        if counts[best.key]:
            return best, counts[best.key]
    return None, 0


async def _counts(
    database: Database, keys: Sequence[str], places: Sequence[tuple[str, str]], limit: int
) -> dict[str, int]:
    """Return how many contacts each key leads to, counted up to the limit, in one command."""
    first, *others = (_counting(key, places, limit) for key in keys)
    unions = [{"$unionWith": {"coll": "contacts", "pipeline": stages}} for stages in others]
    cursor = await database["contacts"].aggregate([*first, *unions])
    return dict.fromkeys(keys, 0) | {row["key"]: row["count"] async for row in cursor}


def _counting(key: str, places: Sequence[tuple[str, str]], limit: int) -> list[Row]:
    return [
        {"$match": {"searchKeys": key, **_within(places)}},
        {"$limit": limit},
        {"$count": "count"},
        {"$set": {"key": {"$literal": key}}},
    ]


async def _beyond(database: Database, walk: Walk, places: Sequence[tuple[str, str]], window: Window) -> str | None:
    """Return the last place that one page looks at, or None where there is nothing behind it."""
    cursor = database["contacts"].find({"searchKeys": walk.key, **_within(places)}, {"_id": 0, "searchPlace": 1})
    rows = await cursor.sort(_sort(window)).hint(SEARCH_INDEX).skip(SCANNED - 1).limit(2).to_list()
    return str(rows[0]["searchPlace"]) if len(rows) > 1 else None


def _page(rows: list[Row], window: Window, beyond: str | None) -> Page:
    more = len(rows) > window.limit
    end = {"searchPlace": beyond} if beyond and not more else None
    rows = rows[: window.limit]
    on = more or end is not None
    if window.from_end:
        return Page(rows[::-1], has_next=window.before is not None, has_previous=on, start=end)
    return Page(rows, has_next=on, has_previous=window.after is not None, end=end)
