from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.presence import away_date, idle_date
from gateway.live.presence_timers import PresenceTimers

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_a_session_turns_away_at_45_and_inactive_at_60_seconds_and_is_then_forgotten() -> None:
    timers = PresenceTimers()
    timers.note("s", at(0), at(0))
    assert timers.next_due() == at(45)
    assert timers.run_out(at(44.999)) == []
    assert timers.run_out(at(45)) == [(at(45), "s")]
    assert timers.run_out(at(59.999)) == []
    assert timers.run_out(at(60)) == [(at(60), "s")]
    assert (len(timers), timers.next_due()) == (0, None)


def test_a_new_event_starts_the_timer_anew() -> None:
    timers = PresenceTimers()
    timers.note("s", at(0), at(0))
    timers.note("s", at(30), at(30))
    assert timers.run_out(at(74)) == []
    assert timers.run_out(at(75)) == [(at(75), "s")]


def test_a_late_event_does_not_stop_the_timer_of_a_newer_one() -> None:
    timers = PresenceTimers()
    timers.note("s", at(30), at(30))
    timers.note("s", at(0), at(31))
    assert timers.run_out(at(74)) == []
    assert timers.run_out(at(75)) == [(at(75), "s")]


def test_an_event_of_long_ago_starts_no_timer() -> None:
    timers = PresenceTimers()
    timers.note("s", at(-60), at(0))
    assert (len(timers), timers.next_due()) == (0, None)


def test_after_a_pause_of_the_server_both_changes_are_told_with_their_own_dates() -> None:
    timers = PresenceTimers()
    timers.note("b", at(1), at(1))
    timers.note("a", at(0), at(1))
    assert timers.run_out(at(100)) == [(at(45), "a"), (at(46), "b"), (at(60), "a"), (at(61), "b")]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30)), max_size=25))
def test_timers_do_what_a_look_at_every_session_every_second_would(steps: list[tuple[str, int]]) -> None:
    timers, last, now = PresenceTimers(), dict[str, datetime](), NOON
    for session_id, pause in steps:
        then, now = now, now + timedelta(seconds=pause)
        expected = [
            (date, id_)
            for id_, event in last.items()
            for date in (away_date(event), idle_date(event))
            if then < date <= now
        ]
        assert sorted(timers.run_out(now)) == sorted(expected)
        timers.note(session_id, now, now)
        last[session_id] = now
        assert len(timers) == sum(idle_date(event) > now for event in last.values())
