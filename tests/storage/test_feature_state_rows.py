from collections.abc import Sequence

import bson
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.event import Visit
from gateway.journey.feature_state import FeatureState, advance_features, begin
from gateway.storage.documents.feature_state import feature_state_from, feature_state_row, visits_of
from tests.journey.visits import happened

values = st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5) | st.booleans() | st.none()
steps = st.lists(
    st.tuples(
        st.sampled_from(["/", "/a", "/p/1", "?", "!"]),
        st.integers(0, 10**7),
        st.dictionaries(st.sampled_from(["price", "brand", "a.b", "$x", ""]), values),
    ),
    max_size=30,
)


def after(taken: Sequence[tuple[str, int, dict[str, object]]]) -> FeatureState:
    state = begin(happened("/", 0), visits=7)
    for what, seconds, attributes in taken:
        state = advance_features(state, happened(what, seconds, attributes), Visit(device={"category": "mobile"}))
    return state


@given(steps)
def test_a_state_comes_back_from_mongodb_as_it_went_in(taken: list[tuple[str, int, dict[str, object]]]) -> None:
    state = after(taken)
    row = bson.decode(bson.encode({"featureState": feature_state_row(state)}))
    assert feature_state_from(row) == state
    assert visits_of(row) == 7


def test_a_session_without_a_state_has_none() -> None:
    assert feature_state_row(None) is None
    assert feature_state_from({}) is None
    assert visits_of({}) == 0


def test_a_long_session_takes_little_room() -> None:
    state = after([(f"/{'x' * (number % 30)}", number * 30, {"price": number}) for number in range(500)])
    assert len(bson.encode({"featureState": feature_state_row(state)})) < 2_000
