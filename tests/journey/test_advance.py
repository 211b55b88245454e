from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.advance import Step, Visitor, advance, needs_contact
from gateway.journey.contact import contact_id_of
from gateway.journey.definitions import definitions_of
from gateway.journey.event import Event, Identifier
from gateway.journey.outcome import Outcome

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
CONTACT_ID = contact_id_of("cookie", "v")
COOKIE = Identifier("Cookie", "v")
ORDER = Outcome("o-1", "Order", "order_completed")
DEFINITIONS = definitions_of([ORDER])


def event(id_: str, minutes: float, name: str = "page_viewed", query: str | None = None) -> Event:
    date = NOON + timedelta(minutes=minutes)
    return Event(id_, id_, "v", "cookie", name, date, date, search_query=query, identifiers=(COOKIE,))


def travelled(events: Sequence[Event]) -> tuple[Visitor, list[Step]]:
    visitor, steps = Visitor(CONTACT_ID), []
    for happened in events:
        visitor, step = advance(visitor, happened, DEFINITIONS)
        steps.append(step)
    return visitor, steps


NAMES = st.sampled_from(["page_viewed", "screen_viewed", "order_completed", "search_performed"])


@st.composite
def histories(draw: st.DrawFn, longest: int = 12 * 60) -> list[Event]:
    happened = draw(st.lists(st.tuples(st.integers(0, longest), NAMES), min_size=1, max_size=15))
    return [event(f"e{place}", minutes, name, name) for place, (minutes, name) in enumerate(happened)]


def test_the_first_event_makes_the_contact_and_the_session() -> None:
    visitor, (step,) = travelled([event("e1", 0)])
    assert step.opened_session
    assert step.sequence == 1
    assert visitor.sessions == (step.session,)
    assert visitor.first is not None
    assert visitor.first.id == step.session.contact_id == CONTACT_ID
    assert visitor.first.session_count == 1


def test_telephone_numbers_are_read_as_of_the_region_that_is_defined() -> None:
    told = event("e1", 0)._replace(identifiers=(Identifier("Phone", "044 668 18 00"),))
    visitor, _ = advance(Visitor(CONTACT_ID), told, replace(DEFINITIONS, default_region="CH"))
    assert visitor.first is not None
    assert (visitor.first.id, visitor.first.identifiers[0].value) == (CONTACT_ID, "+41446681800")


def test_a_pause_of_20_minutes_ends_a_session_and_a_shorter_one_does_not() -> None:
    visitor, steps = travelled([event("e1", 0), event("e2", 19.99), event("e3", 39.99)])
    assert [step.opened_session for step in steps] == [True, False, True]
    assert [step.sequence for step in steps] == [1, 2, 1]
    assert visitor.first is not None
    assert visitor.first.session_count == len(visitor.sessions) == 2


def test_a_late_event_joins_the_session_of_its_own_time() -> None:
    visitor, steps = travelled([event("e1", 0), event("e2", 60), event("late", 5)])
    assert steps[2].session.id == steps[0].session.id
    assert sorted(session.event_count for session in visitor.sessions) == [1, 2]


def test_a_late_event_far_from_every_session_opens_one_in_the_past() -> None:
    visitor, steps = travelled([event("e1", 0), event("e2", 300), event("late", 150)])
    assert steps[2].opened_session
    assert sorted(session.created_date for session in visitor.sessions) == [
        NOON + timedelta(minutes=minutes) for minutes in (0, 150, 300)
    ]


def test_a_step_tells_the_outcomes_that_exactly_this_event_reached() -> None:
    _, steps = travelled([event("e1", 0), event("e2", 1, "order_completed"), event("e3", 2, "order_completed")])
    assert [step.achieved_outcomes for step in steps] == [(), ("o-1",), ()]


def test_the_session_of_another_visit_reaches_the_outcome_again() -> None:
    _, steps = travelled([event("e1", 0, "order_completed"), event("e2", 60, "order_completed")])
    assert [step.achieved_outcomes for step in steps] == [("o-1",), ("o-1",)]


@given(histories(longest=19), st.randoms(use_true_random=False))
def test_one_visit_comes_to_the_same_totals_in_any_order_of_arrival(events: list[Event], random: Random) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)
    (one,), (other,) = travelled(events)[0].sessions, travelled(shuffled)[0].sessions
    assert one.event_count == other.event_count == len(events)
    assert one.pageview_count == other.pageview_count
    assert one.screenview_count == other.screenview_count
    assert one.created_date == other.created_date
    assert one.last_event.created_date == other.last_event.created_date
    assert one.previous_event_date == other.previous_event_date
    assert set(one.search_terms) == set(other.search_terms)
    assert {a.outcome_id for a in one.outcome_achievements} == {a.outcome_id for a in other.outcome_achievements}


@given(histories(), st.randoms(use_true_random=False))
def test_no_event_is_lost_or_counted_twice_in_any_order_of_arrival(events: list[Event], random: Random) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)
    visitor, steps = travelled(shuffled)
    assert visitor.first is not None
    assert sum(session.event_count for session in visitor.sessions) == len(events)
    assert sum(session.pageview_count for session in visitor.sessions) == sum(
        happened.event_name == "page_viewed" for happened in events
    )
    assert visitor.first.session_count == len(visitor.sessions) == sum(step.opened_session for step in steps)
    assert visitor.first.created_date == min(happened.created_date for happened in events)
    assert len({(step.session.id, step.sequence) for step in steps}) == len(events)


@given(histories())
def test_in_order_of_time_a_session_is_what_lies_between_two_pauses(events: list[Event]) -> None:
    in_order = sorted(events, key=lambda happened: happened.created_date)
    visitor, _ = travelled(in_order)
    pauses = [later.created_date - earlier.created_date for earlier, later in pairwise(in_order)]
    assert len(visitor.sessions) == 1 + sum(pause >= DEFINITIONS.session_timeout for pause in pauses)


@given(histories(longest=150), st.lists(st.booleans(), min_size=15, max_size=15))
def test_a_contact_that_need_not_be_known_is_not_changed(events: list[Event], early: list[bool]) -> None:
    before = [happened for happened, is_early in zip(events, early, strict=False) if is_early]
    batch = sorted((e for e in events if e not in before), key=lambda happened: happened.created_date)
    visitor, _ = travelled(before)
    if not needs_contact(visitor.sessions, batch, DEFINITIONS):
        known, unknown = visitor, visitor._replace(contacts={})
        for happened in batch:
            (known, step), (unknown, other) = (advance(one, happened, DEFINITIONS) for one in (known, unknown))
            assert step == other
        assert known.contacts == visitor.contacts
        assert unknown.contacts == {}


@given(histories())
def test_a_replay_of_the_same_events_gives_the_same_results(events: list[Event]) -> None:
    assert travelled(events) == travelled(events)
