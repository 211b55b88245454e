from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.definitions import SESSION_TIMEOUT
from gateway.journey.event import Event, Identifier, Visit
from gateway.journey.session import (
    ACTIVE_STEP,
    MAX_SEARCH_TERMS,
    LastEvent,
    Session,
    active_date,
    apply_event,
    open_session,
    session_of,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def telling(**parts: object) -> Callable[[], Visit]:
    return lambda: Visit(**parts)  # type: ignore[arg-type]  # parts are fields of Visit


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def event(minutes: float = 0, name: str = "page_viewed", **parts: Any) -> Event:  # parts are fields of Event
    parts = {"id": f"e{minutes}-{name}", "customer_id": "v", "customer_id_type": "cookie", **parts}
    return Event(message_id=parts["id"], event_name=name, created_date=at(minutes), received_date=at(minutes), **parts)


def session_from_to(first: float, last: float, id_: str = "s") -> Session:
    return Session(id_, "c", "v", "cookie", at(first), LastEvent("e", "page_viewed", at(last)))


def visited(*events: Event) -> Session:
    session = open_session(events[0], "c")
    for happened in events:
        session = apply_event(session, happened)
    return session


@pytest.mark.parametrize(
    ("minutes", "joins"),
    [
        pytest.param(0, True, id="its first moment"),
        pytest.param(5, True, id="in its midst"),
        pytest.param(10, True, id="its last moment"),
        pytest.param(29.999, True, id="just within the time-out"),
        pytest.param(30, False, id="at the time-out"),
        pytest.param(31, False, id="after the time-out"),
        pytest.param(-19.999, True, id="late, just within the time-out before it"),
        pytest.param(-20, False, id="late, at the time-out before it"),
        pytest.param(-60, False, id="late, long before it"),
    ],
)
def test_an_event_joins_a_session_less_than_20_minutes_away(minutes: float, joins: bool) -> None:
    session = session_from_to(0, 10)
    assert session_of([session], event(minutes), SESSION_TIMEOUT) == (session if joins else None)


@pytest.mark.parametrize(
    ("minutes", "joined"),
    [
        pytest.param(3, "morning", id="in the midst of the first"),
        pytest.param(60, "noon", id="at the start of the second"),
        pytest.param(45, "noon", id="before the second"),
        pytest.param(25, "morning", id="after the first"),
        pytest.param(35, "morning", id="between both, within reach of either: the one that had begun"),
    ],
)
def test_a_late_event_joins_the_session_of_its_own_time(minutes: float, joined: str) -> None:
    end = 20 if joined == "morning" else 10
    sessions = [session_from_to(0, end, "morning"), session_from_to(50, 70, "noon")]
    found = session_of(sessions, event(minutes), SESSION_TIMEOUT)
    assert found is not None
    assert found.id == joined


def test_a_visitor_without_sessions_opens_one() -> None:
    assert session_of([], event(), SESSION_TIMEOUT) is None


@pytest.mark.parametrize(
    ("of_session", "of_event", "joins"),
    [
        pytest.param(None, None, True, id="both of the home division"),
        pytest.param("swiss", "swiss", True, id="both of another one"),
        pytest.param("swiss", None, False, id="an event at home, a session elsewhere"),
        pytest.param("swiss", "german", False, id="two other divisions"),
    ],
)
def test_an_event_joins_a_session_of_its_own_division_alone(
    of_session: str | None, of_event: str | None, joins: bool
) -> None:
    session = session_from_to(0, 10)._replace(division_id=of_session)
    found = session_of([session], event(5, division_id=of_event), SESSION_TIMEOUT)
    assert found == (session if joins else None)


def test_a_session_is_of_the_division_of_the_event_that_opened_it() -> None:
    assert visited(event(0, division_id="swiss"), event(1, division_id="swiss")).division_id == "swiss"


def test_a_session_counts_its_events_pages_and_screens() -> None:
    session = visited(event(0), event(1), event(2, "screen_viewed"), event(3, "order_completed"))
    assert (session.event_count, session.pageview_count, session.screenview_count) == (4, 2, 1)
    assert (session.created_date, session.last_event) == (
        at(0),
        LastEvent("e3-order_completed", "order_completed", at(3)),
    )


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=20))
def test_dates_of_a_session_are_those_of_its_events_in_whatever_order_they_arrive(minutes: list[int]) -> None:
    session = visited(*(event(minute, id=f"e{place}") for place, minute in enumerate(minutes)))
    dates = sorted(at(minute) for minute in minutes)
    assert session.created_date == dates[0]
    assert session.last_event.created_date == dates[-1]
    assert session.previous_event_date == (dates[-2] if len(dates) > 1 else None)
    assert session.event_count == len(dates)


def test_a_session_is_authenticated_once_an_event_of_it_carried_a_verified_identity() -> None:
    claimed = event(0, identifiers=(Identifier("Cookie", "v"), Identifier("Email", "jo@example.com")))
    verified = event(1, identifiers=(Identifier("Email", "jo@example.com", verified=True),))
    assert not visited(claimed).authenticated
    assert visited(claimed, verified).authenticated
    assert visited(verified, claimed).authenticated


def test_the_last_page_is_that_of_the_newest_event_that_has_one() -> None:
    session = visited(event(0, page={"url": "a"}), event(5, page={"url": "b"}), event(6, "tick"))
    assert session.last_page == {"url": "b"}
    assert apply_event(session, event(1, page={"url": "late"})).last_page == {"url": "b"}


def test_a_late_page_is_the_last_page_while_there_is_no_other() -> None:
    assert visited(event(5, "tick"), event(1, page={"url": "late"})).last_page == {"url": "late"}


def test_a_session_keeps_each_search_term_once_the_newest_last() -> None:
    searches = [event(n, "search_performed", search_query=term) for n, term in enumerate(["red", "blue", "red"])]
    assert visited(*searches, event(9)).search_terms == ("blue", "red")


def test_a_session_keeps_a_hundred_search_terms_the_newest() -> None:
    searches = [event(n, "search_performed", search_query=f"term {n}") for n in range(MAX_SEARCH_TERMS + 5)]
    terms = visited(*searches).search_terms
    assert len(terms) == MAX_SEARCH_TERMS
    assert (terms[0], terms[-1]) == ("term 5", "term 104")


FROM_SEARCH = telling(referrer={"medium": "search"}, mkt_campaign={"source": "newsletter"})
FROM_INSIDE = telling(referrer={"medium": "internal"}, mkt_campaign={"source": "other"})


def test_only_the_first_page_tells_what_led_to_the_visit() -> None:
    session = visited(event(0, tell_visit=FROM_SEARCH), event(1, tell_visit=FROM_INSIDE))
    assert session.visit.referrer == {"medium": "search"}
    assert session.visit.mkt_campaign == {"source": "newsletter"}


def test_a_first_page_without_referrer_leaves_the_visit_without_one() -> None:
    session = visited(event(0), event(1, tell_visit=FROM_INSIDE))
    assert (session.visit.referrer, session.visit.mkt_campaign) == (None, None)


def test_a_call_before_the_first_page_leaves_it_to_the_page_to_tell_what_led_there() -> None:
    opening = event(0, "consent_given", tell_visit=telling(ip_address="192.0.2.1"))
    session = visited(opening, event(1, tell_visit=FROM_SEARCH), event(2, tell_visit=FROM_INSIDE))
    assert session.visit.referrer == {"medium": "search"}
    assert session.visit.ip_address == "192.0.2.1"


@given(st.integers(-(10**9), 10**9))
def test_the_active_date_is_the_last_event_rounded_up_to_five_minutes(milliseconds: int) -> None:
    last = NOON + timedelta(milliseconds=milliseconds)
    assert timedelta() <= active_date(last) - last < ACTIVE_STEP
    assert (active_date(last) - NOON) % ACTIVE_STEP == timedelta()
