from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.live.cursor import LiveCursor, decode_cursor
from gateway.live.errors import BadLiveCursor

moments = st.integers(0, 10**13).map(lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms))


@given(st.text("0123456789ABCDEF", min_size=1), st.integers(-1, 99), moments, st.text("abcXYZ019-_", max_size=20))
def test_a_cursor_comes_back_as_it_was_given_out(token: str, told: int, date: datetime, timers_id: str) -> None:
    cursor = LiveCursor(token, told, date, timers_id)
    assert decode_cursor(cursor.encode()) == cursor
    assert set(cursor.encode()).isdisjoint("=+/")


def packed(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("nonsense", id="no cursor"),
        pytest.param("ü", id="no base64"),
        pytest.param(packed("82AB"), id="a token alone"),
        pytest.param(packed(".0.0.0"), id="no token"),
        pytest.param(packed("xyz.0.0.0"), id="no hexadecimal"),
        pytest.param(packed("82AB.a.0.0"), id="no number"),
        pytest.param(packed("82AB.0.99999999999999999999.0"), id="a date that no calendar has"),
    ],
)
def test_what_no_subscription_gave_out_is_refused(text: str) -> None:
    with pytest.raises(BadLiveCursor, match="pass the `cursor` of a message, unchanged"):
        decode_cursor(text)


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    for candidate in (text, packed(text)):
        try:
            decode_cursor(candidate)
        except BadLiveCursor as error:
            assert repr(candidate) in str(error)  # noqa: PT017 - either outcome is right
