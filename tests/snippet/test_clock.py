from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippet.clock import EARLIEST, event_time, read_timestamp
from snippet.errors import RefusedEvent
from snippet.refusal import Refusal

RECEIVED = datetime(2026, 1, 31, 12, 0, 0, 123000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2026-01-31T09:30:00Z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC), id="Z"),
        pytest.param("2026-01-31t09:30:00z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC), id="lower case"),
        pytest.param("2026-01-31T09:30:00+05:30", datetime(2026, 1, 31, 4, 0, tzinfo=UTC), id="offset"),
        pytest.param("2026-01-31T09:30:00-0800", datetime(2026, 1, 31, 17, 30, tzinfo=UTC), id="offset without colon"),
        pytest.param("2026-01-31T09:30:00", datetime(2026, 1, 31, 9, 30, tzinfo=UTC), id="naive is UTC"),
        pytest.param("2026-01-31 09:30", datetime(2026, 1, 31, 9, 30, tzinfo=UTC), id="space, no seconds"),
        pytest.param("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC), id="day only"),
        pytest.param("2026-01-31T09:30:00.5Z", datetime(2026, 1, 31, 9, 30, 0, 500000, tzinfo=UTC), id="tenths"),
        pytest.param(
            "2026-01-31T09:30:00.123456789Z", datetime(2026, 1, 31, 9, 30, 0, 123456, tzinfo=UTC), id="nanoseconds"
        ),
    ],
)
def test_reads_the_spellings_of_iso_8601(text: str, expected: datetime) -> None:
    assert read_timestamp(text, "timestamp") == expected
    assert read_timestamp(text, "timestamp").tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("yesterday", id="words"),
        pytest.param("1769851800", id="seconds"),
        pytest.param("2026-02-30T00:00:00Z", id="no such day"),
        pytest.param("10000-01-01T00:00:00Z", id="year of five digits"),
        pytest.param("0001-01-01T00:00:00+14:00", id="before the first year, in UTC"),
        pytest.param("9999-12-31T23:59:59-14:00", id="after the last year, in UTC"),
        pytest.param("Sat Jan 31 2026 09:30:00 GMT+0100", id="what JavaScript prints"),
        pytest.param("2026-01-31T09:30:00\ud800", id="half a surrogate pair"),
        pytest.param("", id="empty"),
    ],
)
def test_refuses_what_is_no_time_and_names_the_field(text: str) -> None:
    with pytest.raises(RefusedEvent, match="sentAt") as refused:
        read_timestamp(text, "sentAt")
    assert refused.value.reason is Refusal.UNREADABLE_TIMESTAMP


def ago(**length: float) -> datetime:
    return RECEIVED - timedelta(**length)


@pytest.mark.parametrize(
    ("timestamp", "sent_at", "expected"),
    [
        pytest.param(None, None, RECEIVED, id="nothing known: the arrival"),
        pytest.param(None, ago(days=1), RECEIVED, id="only sentAt: the arrival"),
        pytest.param(ago(minutes=5), None, ago(minutes=5), id="no sentAt: the timestamp is believed"),
        pytest.param(ago(minutes=-5), None, RECEIVED, id="no sentAt, in the future: the arrival"),
        pytest.param(ago(hours=3, minutes=2), ago(hours=3), ago(minutes=2), id="clock three hours slow"),
        pytest.param(ago(hours=-3, minutes=2), ago(hours=-3), ago(minutes=2), id="clock three hours fast"),
        pytest.param(ago(hours=1), ago(hours=2), RECEIVED, id="sent before it happened: the arrival"),
        pytest.param(EARLIEST, EARLIEST + timedelta(seconds=9), ago(seconds=9), id="clock never set"),
        pytest.param(
            datetime(9999, 12, 31, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC), RECEIVED, id="as far apart as can be"
        ),
        pytest.param(
            datetime(2026, 1, 31, 11, 0, 0, 999999, tzinfo=UTC),
            None,
            datetime(2026, 1, 31, 11, 0, 0, 999000, tzinfo=UTC),
            id="whole milliseconds",
        ),
    ],
)
def test_corrects_the_clock_of_the_sender(
    timestamp: datetime | None, sent_at: datetime | None, expected: datetime
) -> None:
    assert event_time(timestamp, sent_at, RECEIVED) == expected


@pytest.mark.parametrize(
    ("timestamp", "sent_at"),
    [
        pytest.param(datetime(1969, 12, 31, tzinfo=UTC), None, id="before 1970"),
        pytest.param(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), id="queued for all of time"),
    ],
)
def test_refuses_what_would_lie_before_1970(timestamp: datetime, sent_at: datetime | None) -> None:
    with pytest.raises(RefusedEvent, match="before 1970"):
        event_time(timestamp, sent_at, RECEIVED)


MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))]))


@given(MOMENTS, st.none() | MOMENTS)
def test_no_event_is_later_than_its_arrival(timestamp: datetime, sent_at: datetime | None) -> None:
    try:
        moment = event_time(timestamp, sent_at, RECEIVED)
    except RefusedEvent:
        return
    assert EARLIEST <= moment <= RECEIVED
    assert moment.microsecond % 1000 == 0


@given(st.text())
def test_any_text_is_a_time_or_refused(text: str) -> None:
    try:
        moment = read_timestamp(text, "timestamp")
    except RefusedEvent:
        return
    assert moment.tzinfo is UTC
