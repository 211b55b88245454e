from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.consent import read_consent
from gateway.journey.consent import Consent, ConsentState

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
EARLIER = "2026-05-01T11:00:00.1239Z"
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["state", "date"]), inner),
)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(
            {"state": "granted", "date": EARLIER},
            Consent(ConsentState.GRANTED, NOON - timedelta(minutes=59, seconds=59, milliseconds=877)),
            id="granted",
        ),
        pytest.param({"state": "denied"}, Consent(ConsentState.DENIED, NOON), id="denied, no date"),
        pytest.param({"state": "denied", "date": "soon"}, Consent(ConsentState.DENIED, NOON), id="a date in words"),
        pytest.param({"state": "denied", "date": 7}, Consent(ConsentState.DENIED, NOON), id="a date that is a number"),
        pytest.param(
            {"state": "granted", "date": "2027-01-01"}, Consent(ConsentState.GRANTED, NOON), id="a date in the future"
        ),
        pytest.param({"state": "granted", "date": "0001-01-01"}, Consent(ConsentState.GRANTED, NOON), id="before 1970"),
        pytest.param({"state": "GRANTED"}, None, id="another word"),
        pytest.param({"state": ["granted"]}, None, id="a list"),
        pytest.param("granted", None, id="no object"),
        pytest.param(None, None, id="null"),
    ],
)
def test_consent_is_read_from_the_context(told: object, expected: Consent | None) -> None:
    assert read_consent({"consent": told}, NOON) == expected


def test_most_calls_tell_none() -> None:
    assert read_consent({}, NOON) is None


@given(JSON)
def test_whatever_is_sent_can_be_read(told: object) -> None:
    consent = read_consent({"consent": told}, NOON)
    assert consent is None or consent.date <= NOON
