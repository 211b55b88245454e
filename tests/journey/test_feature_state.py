from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.event import Event, Visit
from gateway.journey.feature_state import (
    MAX_ATTRIBUTES,
    MAX_PLACES,
    OTHER,
    RECENT_STEPS,
    FeatureState,
    Number,
    Place,
    advance_features,
    begin,
)
from tests.journey.visits import happened, visit_of


def after(events: Sequence[Event]) -> FeatureState:
    state = begin(events[0])
    for event in events:
        state = advance_features(state, event)
    return state


def test_each_kind_of_page_and_event_is_counted_with_its_first_and_last_time_and_how_long_was_spent() -> None:
    state = after(visit_of("/a", "/b", "/a", "?"))
    assert state.places == {
        "/a": Place(times=2, first=1, last=3, last_ms=20_000, dwell_ms=20_000),
        "/b": Place(times=1, first=2, last=2, last_ms=10_000, dwell_ms=10_000),
        "search_performed": Place(times=1, first=4, last=4, last_ms=30_000, dwell_ms=0),
    }
    assert (state.steps, state.pages, state.switches, state.run) == (4, 3, 3, 1)
    assert (state.recent, state.gaps) == ((0, 1, 0, 2), (0, 10_000, 10_000, 10_000))


def test_short_and_long_pauses_are_counted_but_not_before_the_first_step() -> None:
    state = after([happened("/a", 0), happened("/a", 1), happened("/b", 400)])
    assert (state.short_gaps, state.long_gaps, state.longest_gap) == (1, 1, 399_000)
    assert state.squared_gaps == 1 + 399**2


def test_a_late_event_counts_as_if_it_came_last() -> None:
    state = after([happened("/a", 60), happened("/b", 0)])
    assert (state.last_ms, state.gaps, state.recent) == (0, (0, 0), (0, 1))


def test_numbers_keep_their_newest_value_their_mean_and_the_highest_and_texts_only_the_newest() -> None:
    told: list[dict[str, object]] = [{"price": 10, "brand": "x"}, {"price": 40.0, "brand": "y"}, {"price": 1}, {}]
    state = after([happened("/p", number, attributes) for number, attributes in enumerate(told)])
    assert state.attributes == {"price": Number(1.0, 51.0, 3, 40.0), "brand": "y"}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        pytest.param(True, Number(1.0, 1.0, 1, 1.0), id="yes"),
        pytest.param(float("inf"), Number(0.0, 0.0, 1, 0.0), id="infinite"),
        pytest.param(float("nan"), Number(0.0, 0.0, 1, 0.0), id="no number"),
        pytest.param(10**400, Number(0.0, 0.0, 1, 0.0), id="too large for a float"),
        pytest.param("x" * 1_000, "x" * 60, id="prose"),
        pytest.param(["x"], None, id="a list"),
        pytest.param({"x": 1}, None, id="an object"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_any_value_of_an_attribute_is_kept_small_or_left_out(value: object, kept: object) -> None:
    assert after([happened("/p", 0, {"told": value})]).attributes.get("told") == kept


def test_an_attribute_may_become_a_number_or_a_text() -> None:
    assert after([happened("/", 0, {"a": "x", "b": 1}), happened("/", 1, {"a": 1, "b": "x"})]).attributes == {
        "a": Number(1.0, 1.0, 1, 1.0),
        "b": "x",
    }


def test_the_circumstances_of_the_visit_are_kept_as_they_become_known() -> None:
    event = happened("/", 0)
    first = advance_features(begin(event), event, Visit(device={"category": "mobile", "isMobile": True}))
    later = advance_features(first, event, Visit(referrer={"medium": "search"}, browser={"family": 7}))
    assert later.context == {"device": "mobile", "referrer": "search"}


def test_a_session_without_end_stays_small() -> None:
    many = [happened(f"/x{'y' * number}z", number, {f"a{number}": 1}) for number in range(MAX_PLACES + 50)]
    many = [event._replace(event_name=f"event_{number}") for number, event in enumerate(many)]
    state = after(many)
    assert len(state.places) == MAX_PLACES + 1
    assert state.places[OTHER].times == 50
    assert len(state.attributes) == MAX_ATTRIBUTES
    assert len(state.recent) == len(state.gaps) == RECENT_STEPS


@given(st.lists(st.tuples(st.sampled_from(["/", "/a", "/b", "?", "!"]), st.integers(0, 10**6)), min_size=1))
def test_what_is_counted_adds_up(steps: list[tuple[str, int]]) -> None:
    events = [happened(what, seconds) for what, seconds in steps]
    state = after(events)
    places = state.places.values()
    assert sum(place.times for place in places) == state.steps == len(events)
    assert sum(place.dwell_ms for place in places) == state.last_ms
    assert max(place.last for place in places) == state.steps
    assert state.switches == sum(one != other for one, other in pairwise(what for what, _ in steps))
    assert sum(state.gaps) == state.last_ms or state.steps > RECENT_STEPS
