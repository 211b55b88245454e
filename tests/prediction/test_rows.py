from math import isnan, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.event import Visit
from gateway.journey.feature_state import FeatureState, advance_features, begin
from gateway.journey.features import DECAY, FeatureSchema
from gateway.journey.page_group import PageGroups
from gateway.prediction.rows import rows_of
from tests.journey.visits import NOON, happened, visit_of

SCHEMA = FeatureSchema(
    PageGroups(("/a", "/p/*")),
    event_names=("search_performed",),
    numbers=("price",),
    categories=(("brand", ("x", "y")), ("device", ("desktop", "mobile"))),
)


def told(state: FeatureState, schema: FeatureSchema = SCHEMA) -> dict[str, float]:
    (row,) = rows_of([state], schema).tolist()
    return dict(zip((column.name for column in schema.columns), row, strict=True))


def after(*what: str, every: float = 10) -> FeatureState:
    events = visit_of(*what, every=every)
    state = begin(events[0], visits=3)
    for event in events:
        state = advance_features(state, event)
    return state


def test_every_column_has_a_name_of_its_own() -> None:
    assert len({column.name for column in SCHEMA.columns}) == len(SCHEMA.columns)


def test_pages_of_one_group_are_one_place() -> None:
    numbers = told(after("/p/one", "/a", "/p/two", "/p/two"))
    assert [numbers[f"{kind} /p/*"] for kind in ("count", "steps since", "first step at")] == [3, 0, 1]
    assert [numbers[f"{kind} /a"] for kind in ("count", "steps since", "seconds since", "seconds at")] == [1, 2, 20, 10]
    assert numbers["lately at /p/*"] == pytest.approx(1 + DECAY + DECAY**3)
    assert numbers["seconds at /p/*"] == 20


def test_what_nobody_had_seen_in_training_is_another_place() -> None:
    numbers = told(after("/never", "newly_tracked", "/a"))
    assert (numbers["count other"], numbers["count /a"]) == (2, 1)


def test_where_nobody_has_been_times_are_unknown_and_counts_are_nothing() -> None:
    numbers = told(after("/a"))
    assert (numbers["count /p/*"], numbers["seconds at /p/*"], numbers["lately at /p/*"]) == (0, 0, 0)
    assert all(isnan(numbers[f"{kind} /p/*"]) for kind in ("steps since", "seconds since", "first step at"))


def test_the_newest_steps_and_pauses_come_newest_first() -> None:
    numbers = told(after("/a", "?", "/p/1"))
    assert [numbers[f"step before {back}"] for back in range(4)] == [1, 2, 0, -1]
    assert [numbers[f"gap before {back}"] for back in range(2)] == [10, 10]
    assert isnan(numbers["gap before 2"])


def test_figures_of_the_whole_session_are_those_of_statistics() -> None:
    events = [happened("/a", 0), happened("/a", 10), happened("/p/1", 40)]
    state = begin(events[0], visits=1)
    for event in events:
        state = advance_features(state, event)
    numbers = told(state)
    assert numbers["mean gap"] == numbers["newest gaps"] == numbers["median gap"] == 20
    assert numbers["spread of gaps"] == pytest.approx(sqrt((10**2 + 30**2) / 2 - 20**2))
    assert numbers["entropy of places"] == pytest.approx(-(2 / 3 * log(2 / 3) + 1 / 3 * log(1 / 3)))
    assert [numbers[name] for name in ("steps", "pages", "seconds", "kinds of places", "switches")] == [3, 3, 40, 2, 1]


def test_time_is_told_in_utc_by_hour_and_weekday() -> None:
    numbers = told(after("/a"))
    assert (numbers["hour"], numbers["weekday"], numbers["visits"]) == (NOON.hour, NOON.weekday(), 3)


def test_attributes_are_numbers_as_they_are_and_names_by_their_place() -> None:
    event = happened("/a", 0, {"price": 5, "brand": "y"}, Visit())
    state = advance_features(begin(event), event, Visit(device={"category": "watch"}))
    numbers = told(state)
    assert [numbers[f"{kind} price"] for kind in ("newest", "mean", "highest")] == [5, 5, 5]
    assert (numbers["category brand"], numbers["category device"]) == (1, -1)
    assert isnan(numbers["visits"])


def test_an_attribute_of_another_kind_than_in_training_is_unknown() -> None:
    event = happened("/a", 0, {"price": "cheap", "brand": 7})
    numbers = told(advance_features(begin(event), event))
    assert isnan(numbers["newest price"])
    assert numbers["category brand"] == -1


steps = st.lists(st.tuples(st.sampled_from(["/a", "/p/1", "/q", "?", "!"]), st.integers(0, 10**5)), min_size=1)


@given(st.lists(steps, max_size=5))
def test_a_row_is_the_same_whatever_stands_beside_it(sessions: list[list[tuple[str, int]]]) -> None:
    states = []
    for taken in sessions:
        state = begin(happened("/a", 0))
        for what, seconds in taken:
            state = advance_features(state, happened(what, seconds))
        states.append(state)
    rows = rows_of(states, SCHEMA)
    assert rows.shape == (len(states), len(SCHEMA.columns))
    assert rows.dtype == np.float32
    for state, row in zip(states, rows, strict=True):
        np.testing.assert_array_equal(rows_of([state], SCHEMA)[0], row)
