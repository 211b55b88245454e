"""What somebody sees, asked of MongoDB and of one row: the two answers are the same."""

from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.storage.connection import Connection
from gateway.storage.database import Row
from gateway.storage.sight import EVERYTHING, NOTHING, Sight, both, of_divisions, with_divisions

HOME, A, B = "home", "a", "b"
divisions = st.frozensets(st.sampled_from([HOME, A, B]))


@pytest.mark.parametrize(
    ("ids", "condition"),
    [
        pytest.param([A], {"divisionId": A}, id="one"),
        pytest.param([HOME], {"divisionId": None}, id="the home division, which is not stored"),
        pytest.param([B, HOME], {"divisionId": {"$in": [B, None]}}, id="the home division and another"),
        pytest.param([], {"divisionId": {"$in": []}}, id="none"),
    ],
)
def test_a_condition_for_rows_of_one_division_each(ids: Iterable[str], condition: Row) -> None:
    assert of_divisions(ids) == condition


@pytest.mark.parametrize(
    ("ids", "condition"),
    [
        pytest.param([A], {"divisionIds": A}, id="one"),
        pytest.param(
            [HOME], {"divisionIds": {"$in": [HOME, None]}}, id="the home division, among others or not stored"
        ),
        pytest.param([A, B], {"divisionIds": {"$in": [A, B]}}, id="two"),
    ],
)
def test_a_condition_for_contacts_of_several_divisions(ids: Iterable[str], condition: Row) -> None:
    assert with_divisions(ids) == condition


def test_who_sees_everything_is_asked_no_condition() -> None:
    for collection in ("sessions", "events", "rejectedEvents", "contacts"):
        assert EVERYTHING.of(collection) == {} == Sight(contacts_apart=True).of(collection)
    assert EVERYTHING.sees({"divisionId": A})
    assert EVERYTHING.sees_contact({"divisionIds": [A]})


def test_contacts_and_what_has_no_division_are_seen_by_all_unless_they_are_kept_apart() -> None:
    sight = Sight(frozenset({A}))
    assert sight.of("contacts") == sight.of("outcomes") == {}
    assert sight.sees_contact({"divisionIds": [B]})
    assert not Sight(frozenset({A}), contacts_apart=True).sees_contact({"divisionIds": [B]})


def test_who_sees_no_division_sees_nothing() -> None:
    nothing = Sight(frozenset(), contacts_apart=True)
    assert not any(nothing.sees(row) for row in ({}, {"divisionId": A}))
    assert not any(nothing.sees_contact(row) for row in ({}, {"divisionIds": [A]}))
    assert nothing.seen_of([HOME, A]) == []


def test_two_conditions_about_the_same_field_both_hold() -> None:
    assert both({"type": "web"}, {"divisionId": A}) == {"type": "web", "divisionId": A}
    assert both({"divisionId": B}, {"divisionId": A}) == {"$and": [{"divisionId": B}, {"divisionId": A}]}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(seen=divisions, of_rows=st.lists(st.sampled_from([HOME, A, B])), of_contacts=st.lists(divisions))
async def test_mongodb_finds_what_the_question_to_one_row_says(
    seen: frozenset[str], of_rows: list[str], of_contacts: list[frozenset[str]], connection: Connection
) -> None:
    database, sight = connection.database, Sight(seen, contacts_apart=True)
    sessions: list[Row] = [
        {"_id": number} | ({} if id_ == HOME else {"divisionId": id_}) for number, id_ in enumerate(of_rows)
    ]
    contacts: list[Row] = [
        {"_id": number} | ({"divisionIds": sorted(ids)} if ids else {}) for number, ids in enumerate(of_contacts)
    ]
    for collection, rows, is_seen in (("sessions", sessions, sight.sees), ("contacts", contacts, sight.sees_contact)):
        await database[collection].delete_many({})
        if rows:
            await database[collection].insert_many(rows)
        found = await database[collection].find(sight.of(collection)).sort("_id", 1).to_list()
        assert found == [row for row in rows if is_seen(row)]
        assert await database[collection].find_one(both(sight.of(collection), NOTHING)) is None
