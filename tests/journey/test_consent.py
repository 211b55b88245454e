from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.consent import Consent, ConsentState, newest

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
GRANTED = Consent(ConsentState.GRANTED, NOON)
DENIED = Consent(ConsentState.DENIED, NOON)
LATER = Consent(ConsentState.GRANTED, NOON + timedelta(milliseconds=1))

consents = st.none() | st.builds(
    Consent, st.sampled_from(ConsentState), st.integers(0, 3).map(lambda seconds: NOON + timedelta(seconds=seconds))
)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(None, None, None, id="nothing known"),
        pytest.param(GRANTED, None, GRANTED, id="the only one"),
        pytest.param(DENIED, LATER, LATER, id="the later one"),
        pytest.param(GRANTED, DENIED, DENIED, id="the refusal of two at the same moment"),
    ],
)
def test_the_newest_decision_counts(one: Consent | None, other: Consent | None, expected: Consent | None) -> None:
    assert newest(one, other) == newest(other, one) == expected


@given(consents, consents, consents)
def test_the_order_in_which_decisions_come_in_does_not_matter(
    one: Consent | None, other: Consent | None, third: Consent | None
) -> None:
    assert newest(newest(one, other), third) == newest(one, newest(third, other))
    assert newest(one, one) == one
