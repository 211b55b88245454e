"""Paging: whatever comes and goes between two pages, no row is skipped or told twice."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.storage.connection import Connection
from gateway.storage.database import Database, Row
from gateway.storage.keyset import AS_IT_HAPPENED, NEWEST_FIRST, BadCursor, Order, behind, cursor_of
from gateway.storage.pages import Listing, Window, page_of, pages_by_key

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ROWS = Listing("rows", NEWEST_FIRST)
OF_PARENT = Listing("rows", NEWEST_FIRST, key="parent")


def row(id_: str, milliseconds: int, parent: str = "p") -> Row:
    return {"_id": id_, "createdDate": NOON + timedelta(milliseconds=milliseconds), "parent": parent}


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda one: (one["createdDate"], one["_id"]), reverse=True)


def matches(filter_: Row, one: Row) -> bool:
    """Tell whether MongoDB would find the row: as much of its language as `behind` uses."""
    comparisons: dict[str, Callable[[Any, Any], bool]] = {
        "$gt": lambda value, bound: value > bound,
        "$lt": lambda value, bound: value < bound,
        "$gte": lambda value, bound: value >= bound,
        "$lte": lambda value, bound: value <= bound,
    }
    for path, wanted in filter_.items():
        if path == "$or":
            if not any(matches(branch, one) for branch in wanted):
                return False
        elif isinstance(wanted, dict):
            if not all(comparisons[name](one[path], bound) for name, bound in wanted.items()):
                return False
        elif one[path] != wanted:
            return False
    return True


ROWS_OF_ANY_KIND = st.builds(row, st.text("abc", min_size=1, max_size=3), st.integers(-3, 3))


@given(ROWS_OF_ANY_KIND, ROWS_OF_ANY_KIND, st.sampled_from([NEWEST_FIRST, NEWEST_FIRST.reversed()]))
def test_a_row_lies_behind_a_cursor_exactly_when_it_comes_later_in_the_order(
    one: Row, other: Row, order: Order
) -> None:
    listed = in_order([one, other])
    if order != NEWEST_FIRST:
        listed = listed[::-1]
    same = (one["_id"], one["createdDate"]) == (other["_id"], other["createdDate"])
    comes_later = not same and listed[1] is other
    assert matches(behind(cursor_of(one, order), order), other) is comes_later


@given(st.integers(-(10**13), 10**13), st.integers(0, 2**62))
def test_a_cursor_holds_dates_and_numbers_to_the_millisecond(milliseconds: int, sequence: int) -> None:
    one = {"createdDate": datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds), "sequence": sequence}
    branches = behind(cursor_of(one, AS_IT_HAPPENED), AS_IT_HAPPENED)["$or"]
    assert branches[1] == {"createdDate": one["createdDate"], "sequence": {"$gt": sequence}}


def forged(json: str) -> str:
    return urlsafe_b64encode(json.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("", id="empty"),
        pytest.param("nonsense", id="no cursor"),
        pytest.param("ü", id="no base64"),
        pytest.param("A", id="cut off"),
        pytest.param(forged("{}"), id="no list"),
        pytest.param(forged("[1]"), id="of another order"),
        pytest.param(forged('["yesterday", 1]'), id="no date"),
        pytest.param(forged("[99999999999999999, 1]"), id="a date that no calendar has"),
        pytest.param(forged("[0, 99999999999999999999]"), id="a number that BSON cannot hold"),
        pytest.param(forged("[0, null]"), id="nothing where a value should be"),
    ],
)
async def test_a_cursor_of_no_list_is_refused(cursor: str, database: Database) -> None:
    with pytest.raises(BadCursor, match="is none of this list: pass a cursor of the same field"):
        await page_of(database, Listing("rows", AS_IT_HAPPENED), Window(5, after=cursor))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(text=st.text(max_size=40), values=st.lists(st.integers() | st.text(), max_size=3))
async def test_a_forged_cursor_is_refused_or_a_place_and_never_another_error(
    text: str, values: list[int | str], database: Database
) -> None:
    json = "[" + ", ".join(str(v) if isinstance(v, int) else f'"{v}"' for v in values) + "]"
    for cursor in (text, urlsafe_b64encode(json.encode(errors="replace")).decode()):
        try:
            page = await page_of(database, ROWS, Window(5, after=cursor))
        except BadCursor:
            continue
        assert page.rows == []


@pytest.fixture
async def seven(connection: Connection) -> Database:
    """Seven rows, two of them of the same millisecond: g f e d c b a, the newest first."""
    places = {"a": 0, "b": 1, "c": 2, "d": 2, "e": 3, "f": 4, "g": 5}
    await connection.database["rows"].insert_many([row(id_, place) for id_, place in places.items()])
    return connection.database


def cursor(id_: str, milliseconds: int) -> str:
    return cursor_of(row(id_, milliseconds), NEWEST_FIRST)


@pytest.mark.parametrize(
    ("window", "ids", "more"),
    [
        pytest.param(Window(3), "gfe", (True, False), id="first"),
        pytest.param(Window(7), "gfedcba", (False, False), id="first, exactly all"),
        pytest.param(Window(9), "gfedcba", (False, False), id="first, more than there are"),
        pytest.param(Window(2, after=cursor("e", 3)), "dc", (True, True), id="first after"),
        pytest.param(Window(2, after=cursor("d", 2)), "cb", (True, True), id="first after one of a tie"),
        pytest.param(Window(2, after=cursor("a", 0)), "", (False, True), id="first after the end"),
        pytest.param(Window(2, after=cursor("dd", 2)), "dc", (True, True), id="first after a row that has gone"),
        pytest.param(Window(2, from_end=True), "ba", (False, True), id="last"),
        pytest.param(Window(7, from_end=True), "gfedcba", (False, False), id="last, exactly all"),
        pytest.param(Window(2, before=cursor("c", 2), from_end=True), "ed", (True, True), id="last before"),
        pytest.param(Window(2, before=cursor("g", 5), from_end=True), "", (True, False), id="last before the start"),
        pytest.param(
            Window(9, after=cursor("f", 4), before=cursor("b", 1)), "edc", (False, True), id="first, all between two"
        ),
        pytest.param(
            Window(2, after=cursor("f", 4), before=cursor("b", 1), from_end=True),
            "dc",
            (True, True),
            id="last between two",
        ),
        pytest.param(Window(2, before=cursor("c", 2)), "gf", (True, False), id="first before"),
    ],
)
async def test_a_window_cuts_its_part_out_of_the_list(
    seven: Database, window: Window, ids: str, more: tuple[bool, bool]
) -> None:
    page = await page_of(seven, ROWS, window)
    assert "".join(one["_id"] for one in page.rows) == ids
    assert (page.has_next, page.has_previous) == more
    by_key = await pages_by_key(seven, OF_PARENT, window, ["p", "nobody"])
    assert by_key["p"] == page
    assert by_key["nobody"].rows == []


async def test_pages_of_many_parents_hold_each_its_own(connection: Connection) -> None:
    rows = [row(f"{parent}{n}", n, parent) for parent in "xyz" for n in range(5)]
    await connection.database["rows"].insert_many(rows)
    pages = await pages_by_key(connection.database, OF_PARENT, Window(2), list("xyz"))
    assert {key: [one["_id"] for one in page.rows] for key, page in pages.items()} == {
        parent: [f"{parent}4", f"{parent}3"] for parent in "xyz"
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(
    staying=st.lists(st.integers(0, 5), max_size=12),
    passing=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 4)), max_size=8),
    limit=st.integers(1, 4),
    backwards=st.booleans(),
)
async def test_every_row_that_stays_is_seen_exactly_once(
    staying: list[int], passing: list[tuple[int, int, int]], limit: int, *, backwards: bool, connection: Connection
) -> None:
    rows = connection.database["rows"]
    await rows.delete_many({})
    stay = [row(f"s{n}", place) for n, place in enumerate(staying)]
    if stay:
        await rows.insert_many(stay)
    seen: list[Row] = []
    for turn in count():
        for n, (place, comes, goes) in enumerate(passing):
            if turn == comes:
                await rows.insert_one(row(f"{'az'[n % 2]}{n}", place))
            if turn == goes:
                await rows.delete_one({"_id": f"{'az'[n % 2]}{n}"})
        place_ = cursor_of(seen[-1], NEWEST_FIRST) if seen else None
        window = Window(limit, before=place_, from_end=True) if backwards else Window(limit, after=place_)
        page = await page_of(connection.database, ROWS, window)
        seen += page.rows[::-1] if backwards else page.rows
        if not (page.has_previous if backwards else page.has_next):
            break
    ids = [one["_id"] for one in seen]
    assert len(ids) == len(set(ids))
    expected = [one["_id"] for one in in_order(stay)]
    assert [id_ for id_ in ids if id_.startswith("s")] == (expected[::-1] if backwards else expected)


@pytest.mark.parametrize("from_end", [False, True], ids=["from the start", "from the end"])
async def test_what_is_under_several_parents_is_one_list_however_many_they_are(
    from_end: bool, connection: Connection
) -> None:
    parents = tuple(f"p{number}" for number in range(250))
    rows = [row(f"r{number}", number, parents[number % 250]) for number in range(500)]
    await connection.database["rows"].insert_many(rows)
    pages = await pages_by_key(connection.database, OF_PARENT, Window(300, from_end=from_end), [parents, "p7"])
    newest_first = rows[::-1]
    assert pages[parents].rows == (newest_first[-300:] if from_end else newest_first[:300])
    assert (pages[parents].has_previous, pages[parents].has_next) == (from_end, not from_end)
    assert [one["_id"] for one in pages["p7"].rows] == ["r257", "r7"]
