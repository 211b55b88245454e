"""Pages of a search over contacts: everyone once, in one order, between any cursors, and by how little work."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, timedelta
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient

from gateway.journey.search_keys import KINDS
from gateway.storage import contact_search
from gateway.storage.connection import connect
from gateway.storage.contact_search import FOUND_FIRST, ContactSearch, contacts_found, order_of
from gateway.storage.database import Database, Row
from gateway.storage.documents.contact import SEARCH_INDEXES
from gateway.storage.keyset import NEWEST_FIRST, BadCursor, cursor_of
from gateway.storage.pages import Window
from tests.storage.explained import Commands, faults_of, reads, stages_of, wanted_rows
from tests.storage.searched_contacts import NOON, contact, found, stored


def crowd() -> Iterator[Row]:
    """Yield 600 contacts, all called Smith: one in two is in Oslo and the others in Graz, one in three is curated."""
    for number in range(600):
        kind = "CURATED" if number % 3 == 0 else "IDENTIFIED"
        city = "Oslo" if number % 2 else "Graz"
        yield contact(
            f"c{number:03}", number // 4, kind, lastName="Smith", firstName=f"Nr{number}", address={"city": city}
        )


@pytest.fixture(scope="module")
async def crowded(mongodb_url: str) -> AsyncIterator[Database]:
    async with await connect(mongodb_url, f"test_{uuid4().hex}") as connection:
        await connection.database["contacts"].create_indexes(SEARCH_INDEXES)
        await stored(connection.database, list(crowd()))
        yield connection.database
        await connection.client.drop_database(connection.database.name)


async def paged(database: Database, search: ContactSearch, limit: int, *, from_end: bool = False) -> list[list[str]]:
    """Return the ids of every page, in the order of the list."""
    pages: list[list[str]] = []
    cursor = None
    while True:
        window = Window(limit, before=cursor, from_end=True) if from_end else Window(limit, after=cursor)
        page = await contacts_found(database, search, window)
        ids = [row["_id"] for row in page.rows]
        pages = [ids, *pages] if from_end else [*pages, ids]
        if not (page.has_previous if from_end else page.has_next):
            return pages
        place = (page.start or page.rows[0]) if from_end else (page.end or page.rows[-1])
        cursor = cursor_of(place, FOUND_FIRST)


SEARCHES = {
    "one word": ContactSearch("smith"),
    "two words": ContactSearch("smith oslo"),
    "no word": ContactSearch(),
    "a kind and dates": ContactSearch(
        "smi",
        kinds=("IDENTIFIED",),
        created_after=NOON + timedelta(minutes=20),
        created_before=NOON + timedelta(minutes=120),
    ),
    "dates over all kinds": ContactSearch("oslo", created_after=NOON + timedelta(minutes=70)),
}


def expected(search: ContactSearch) -> list[str]:
    """Return who is to be found, by looking at everyone."""
    rows = [
        row
        for row in crowd()
        if ("oslo" not in search.text or row["address"]["city"] == "Oslo")
        and row["type"] in search.kinds
        and (search.created_after is None or row["createdDate"] >= search.created_after)
        and (search.created_before is None or row["createdDate"] < search.created_before)
    ]
    return [str(row["_id"]) for row in rows]


@pytest.mark.parametrize("from_end", [False, True])
@pytest.mark.parametrize("scanned", [10_000, 50, 7])
@pytest.mark.parametrize("name", SEARCHES)
async def test_pages_tell_everyone_once_in_one_order_however_little_a_page_looks_at(
    name: str, scanned: int, from_end: bool, crowded: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [row["_id"] for row in (await contacts_found(crowded, SEARCHES[name], Window(1_000))).rows]
    monkeypatch.setattr(contact_search, "SCANNED", scanned)
    pages = await paged(crowded, SEARCHES[name], 40, from_end=from_end)
    told = [id_ for page in pages for id_ in page]
    assert sorted(told) == sorted(expected(SEARCHES[name]))
    assert told == whole
    kinds = ["CURATED" if int(id_[1:]) % 3 == 0 else "IDENTIFIED" for id_ in told]
    assert kinds == sorted(kinds, key=KINDS.index)


async def test_words_that_are_common_but_never_together_end_with_an_empty_page(
    crowded: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_search, "SCANNED", 100)
    pages = await paged(crowded, ContactSearch("oslo graz"), 20)
    assert pages == [[], [], []]


async def test_a_window_between_two_cursors_holds_what_lies_between(crowded: Database) -> None:
    rows = (await contacts_found(crowded, ContactSearch("smith"), Window(60))).rows
    after, before = (cursor_of(rows[place], FOUND_FIRST) for place in (10, 20))
    expected = [row["_id"] for row in rows[11:20]]
    assert await found(crowded, "smith", Window(50, after=after, before=before)) == expected
    assert await found(crowded, "smith", Window(3, after=after, before=before, from_end=True)) == expected[-3:]
    assert await found(crowded, "smith", Window(3, after=before, before=after)) == []


async def test_a_cursor_of_another_list_is_refused(crowded: Database) -> None:
    for cursor in (cursor_of(contact("c"), NEWEST_FIRST), "WzFd"):
        with pytest.raises(BadCursor):
            await found(crowded, "smith", Window(5, after=cursor))


WINDOWS: Mapping[str, Callable[[str], Window]] = {
    "first": lambda _: Window(5),
    "after": lambda cursor: Window(5, after=cursor),
    "last": lambda _: Window(5, from_end=True),
    "before": lambda cursor: Window(5, before=cursor, from_end=True),
}


@pytest.mark.parametrize("scanned", [10_000, 50])
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(
    "search",
    [
        *SEARCHES.values(),
        replace(SEARCHES["two words"], seen_after=NOON),
        ContactSearch("smithsonian"),
        ContactSearch("nr17 smith"),
        ContactSearch("cookie", ("EPHEMERAL",)),
    ],
    ids=str,
)
async def test_every_command_of_a_search_walks_the_index_and_no_further_than_it_may(
    search: ContactSearch,
    window: str,
    scanned: int,
    crowded: Database,
    mongodb_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = order_of(search)
    everyone = await contacts_found(crowded, ContactSearch(), Window(300))
    middle = contact("c") if order == NEWEST_FIRST else everyone.rows[-1]
    monkeypatch.setattr(contact_search, "SCANNED", scanned)
    commands = Commands()
    async with AsyncMongoClient[Row](mongodb_url, tz_aware=True, tzinfo=UTC, event_listeners=[commands]) as client:
        await contacts_found(client[crowded.name], search, WINDOWS[window](cursor_of(middle, order)))
    sent = list(reads(commands.take()))
    assert sent
    for read in sent:
        plan = await crowded.command("explain", read, verbosity="executionStats")
        assert list(faults_of(plan, max(wanted_rows(read), scanned))) == []
        used = {stage["indexName"] for stage in stages_of(plan) if "indexName" in stage}
        assert used <= {"search", "_id_"}
        assert used or "EOF" in str(plan)
