from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.presence import Presence, away_date, idle_date, next_change, presence_at

LAST = datetime(2026, 5, 1, 12, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def after(seconds: float) -> datetime:
    return LAST + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("now", "presence", "changes"),
    [
        pytest.param(after(-5), Presence.LIVE, after(45), id="an event by a clock ahead of ours"),
        pytest.param(after(0), Presence.LIVE, after(45), id="right now"),
        pytest.param(after(45) - MILLISECOND, Presence.LIVE, after(45), id="just before 45 s"),
        pytest.param(after(45), Presence.AWAY, after(60), id="at 45 s"),
        pytest.param(after(60) - MILLISECOND, Presence.AWAY, after(60), id="just before 60 s"),
        pytest.param(after(60), Presence.INACTIVE, None, id="at 60 s"),
        pytest.param(after(86_400), Presence.INACTIVE, None, id="a day later"),
    ],
)
def test_presence_follows_from_the_time_since_the_last_event(
    now: datetime, presence: Presence, changes: datetime | None
) -> None:
    assert presence_at(LAST, now) is presence
    assert next_change(LAST, now) == changes


def test_away_and_idle_are_45_and_60_seconds_after_the_last_event() -> None:
    assert (away_date(LAST), idle_date(LAST)) == (after(45), after(60))


@given(st.integers(-10_000, 100_000))
def test_the_next_change_is_the_first_moment_of_another_presence(milliseconds: int) -> None:
    now = LAST + milliseconds * MILLISECOND
    change = next_change(LAST, now)
    if change is None:
        assert presence_at(LAST, now) is Presence.INACTIVE
    else:
        assert presence_at(LAST, change - MILLISECOND) is presence_at(LAST, now)
        assert presence_at(LAST, change) is not presence_at(LAST, now)
