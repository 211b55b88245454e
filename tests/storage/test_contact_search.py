"""Search over contacts: what is found, in which order, once, and by how little work."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient

from gateway.journey.contact import contact_id_of
from gateway.journey.search_keys import KINDS
from gateway.storage import contact_search
from gateway.storage.connection import Connection, connect
from gateway.storage.contact_search import FOUND_FIRST, ContactSearch, contacts_found, order_of
from gateway.storage.contact_search_keys import SEARCH_FIELDS, refresh_search_keys
from gateway.storage.database import Database, Row
from gateway.storage.documents.contact import SEARCH_INDEXES
from gateway.storage.keyset import NEWEST_FIRST, BadCursor, cursor_of
from gateway.storage.pages import Window
from tests.storage.explained import Commands, faults_of, reads, stages_of, wanted_rows

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ALL = Window(200)


def contact(id_: str, minutes: int = 0, kind: str = "IDENTIFIED", **fields: object) -> Row:
    """Return the row of a contact created so many minutes after noon; `email` and `phone` are identifiers."""
    held = {"Email": fields.pop("email", None), "Phone": fields.pop("phone", None), "Cookie": f"cookie of {id_}"}
    date = NOON + timedelta(minutes=minutes)
    identifiers = [{"type": type_, "value": value} for type_, value in held.items() if value]
    return {
        "_id": id_,
        "type": kind,
        "identifiers": identifiers,
        "sessionCount": 0,
        "createdDate": date,
        "modifiedDate": date,
        **fields,
    }


def session(contact_id: str, minutes: int) -> Row:
    date = NOON + timedelta(minutes=minutes)
    return {
        "_id": f"session of {contact_id} at {minutes}",
        "contactId": contact_id,
        "createdDate": date - timedelta(minutes=1),
        "lastEvent": {"createdDate": date},
    }


async def stored(database: Database, rows: Sequence[Row]) -> None:
    await database["contacts"].insert_many(rows)
    await refresh_search_keys(database, [str(row["_id"]) for row in rows])


async def found(database: Database, text: str = "", window: Window = ALL, **wanted: object) -> list[str]:
    page = await contacts_found(database, replace(ContactSearch(text), **wanted), window)  # type: ignore[arg-type]  # fields of the search, each test's own
    return [row["_id"] for row in page.rows]


@pytest.fixture
async def database(connection: Connection) -> Database:
    """A database with the indexes of the search."""
    await connection.database["contacts"].create_indexes(SEARCH_INDEXES)
    return connection.database


@pytest.fixture
async def kings(database: Database) -> Database:
    """Four contacts named King: created one a minute, one of each kind, the curated one second."""
    await stored(
        database,
        [
            contact("ann", 1, firstName="Ann", lastName="King", email="ann@a.example", phone="+41791234567"),
            contact("bob", 2, "CURATED", firstName="Bob", lastName="King", email="bob@b.example"),
            contact("cleo", 3, firstName="Cléo", lastName="King", address={"city": "Graz"}),
            contact(contact_id_of("cookie", "eve"), 4, "EPHEMERAL", lastName="King"),
        ],
    )
    return database


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        pytest.param("king", ["bob", "cleo", "ann"], id="curated first, then the newest"),
        pytest.param("cleo", ["cleo"], id="name"),
        pytest.param("a k", ["ann"], id="letters"),
        pytest.param("ANN@A.EXAMPLE", ["ann"], id="e-mail"),
        pytest.param("079 123 45 6", ["ann"], id="telephone"),
        pytest.param("king graz", ["cleo"], id="free text"),
        pytest.param("", ["bob", "cleo", "ann"], id="everyone"),
        pytest.param("king nobody", [], id="a word that nobody has"),
        pytest.param("@", [], id="no word"),
        pytest.param("eve", [], id="a visitor whom nobody knows"),
        pytest.param('{"$gt": ""}', [], id="an operator of MongoDB"),
        pytest.param("(.*", [], id="a regular expression"),
    ],
)
async def test_who_is_found(text: str, ids: list[str], kings: Database) -> None:
    assert await found(kings, text) == ids


async def test_what_is_found_comes_without_what_it_was_found_by(kings: Database) -> None:
    (row,) = (await contacts_found(kings, ContactSearch("cleo"), ALL)).rows
    assert set(SEARCH_FIELDS) & set(row) == {"searchPlace"}


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        pytest.param({"kinds": ("IDENTIFIED",)}, ["cleo", "ann"], id="kind"),
        pytest.param({"kinds": ("CANONICAL", "CURATED")}, ["bob"], id="kinds"),
        pytest.param({"kinds": ()}, [], id="no kind"),
        pytest.param({"types": ("CURATED",)}, ["bob"], id="type"),
        pytest.param({"created_after": NOON + timedelta(minutes=2)}, ["bob", "cleo"], id="created then or later"),
        pytest.param({"created_before": NOON + timedelta(minutes=2)}, ["ann"], id="created before then"),
    ],
)
async def test_filters_narrow_a_search(wanted: Mapping[str, object], ids: list[str], kings: Database) -> None:
    assert await found(kings, "king", ALL, **wanted) == ids
    assert await found(kings, "", ALL, **wanted) == ids


async def test_a_visitor_nobody_knows_is_found_by_the_cookie_when_asked_for(kings: Database) -> None:
    eve = contact_id_of("cookie", "eve")
    assert await found(kings, " eve ", kinds=("EPHEMERAL",)) == [eve]
    assert await found(kings, "king", kinds=("EPHEMERAL",)) == []
    assert await found(kings, kinds=("EPHEMERAL",)) == [eve]
    assert await found(kings, "eve", kinds=("EPHEMERAL",), created_before=NOON) == []
    row = await kings["contacts"].find_one({"_id": eve})
    assert row is not None
    assert not set(SEARCH_FIELDS) & row.keys()
    assert order_of(ContactSearch(kinds=("EPHEMERAL",))) == NEWEST_FIRST


async def test_an_alias_leads_to_its_root_once_and_is_found_by_itself_when_set_free(kings: Database) -> None:
    await kings["contacts"].update_one({"_id": "ann"}, {"$set": {"ancestors": ["cleo"]}})
    await refresh_search_keys(kings, ["cleo"])
    for text in ("ann", "cleo", "king graz ann", "ann@a.example", "+41791234567"):
        assert await found(kings, text) == ["cleo"], text
    assert await found(kings, "king") == ["bob", "cleo"]
    await kings["contacts"].update_one({"_id": "ann"}, {"$unset": {"ancestors": ""}})
    await refresh_search_keys(kings, ["cleo", "ann"])
    assert await found(kings, "ann") == ["ann"]
    assert await found(kings, "king") == ["bob", "cleo", "ann"]


async def test_the_head_of_a_merge_in_force_comes_first(kings: Database) -> None:
    await kings["contacts"].update_one({"_id": "ann"}, {"$set": {"ancestors": ["cleo"]}})
    edge = {"_id": "edge", "kind": "MERGE", "childId": "ann", "parentId": "cleo"}
    await kings["identityEdges"].insert_one(edge)
    await refresh_search_keys(kings, ["cleo"])
    assert await found(kings, "king") == ["cleo", "bob"]
    assert await found(kings, "king", kinds=("CANONICAL",)) == ["cleo"]
    await kings["identityEdges"].update_one({"_id": "edge"}, {"$set": {"undoneDate": NOON}})
    await refresh_search_keys(kings, ["cleo"])
    assert await found(kings, "king") == ["bob", "cleo"]


async def test_last_seen_is_that_of_everything_merged_into_it(kings: Database) -> None:
    await kings["contacts"].update_one({"_id": "ann"}, {"$set": {"ancestors": ["cleo"]}})
    await kings["sessions"].insert_many([session("ann", 30), session("ann", 60), session("bob", 20)])
    await refresh_search_keys(kings, ["cleo", "bob"])
    later = NOON + timedelta(minutes=40)
    assert await found(kings, "king", seen_after=later) == ["cleo"]
    assert await found(kings, "king", seen_before=later) == ["bob"]
    assert await found(kings, seen_after=NOON, seen_before=later) == ["bob"]


async def test_refreshing_again_writes_nothing(kings: Database, mongodb_url: str) -> None:
    commands = Commands()
    async with AsyncMongoClient[Row](mongodb_url, tz_aware=True, tzinfo=UTC, event_listeners=[commands]) as client:
        await refresh_search_keys(client[kings.name], ["ann", "bob", "cleo", contact_id_of("cookie", "eve"), "gone"])
    assert [name for command in commands.take() for name in ("update", "insert", "delete") if name in command] == []


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
