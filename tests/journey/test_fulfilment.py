"""What events fulfil: outcomes and segments of a session, and segments of a customer over all sessions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gateway.journey.advance import Visitor, advance
from gateway.journey.conditions import NEVER, Conditions, Pattern
from gateway.journey.contact import contact_id_of
from gateway.journey.criterion import Criterion
from gateway.journey.definitions import Definitions, definitions_of
from gateway.journey.event import Event, Identifier, Visit
from gateway.journey.fulfilment import fulfilled_at_the_end
from gateway.journey.outcome import Outcome
from gateway.journey.segment import Segment, SegmentAssignment, SegmentScope

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ORDER = Outcome("o-1", "Order", "order_completed")
FIREFOX = Conditions(((Criterion("browser.family", ("Firefox",)),),))
TWO_ORDERS = Conditions(journey=(Pattern(event_name="order_completed", count=2),))
LEFT_CART = Conditions(
    journey=(Pattern(event_name="product_added"), Pattern(count=NEVER, event_name="order_completed"))
)


def event(minutes: float, name: str = "page_viewed", browser: str | None = None) -> Event:
    at, id_ = NOON + timedelta(minutes=minutes), f"e{minutes:g}"
    visit = Visit(browser={"family": browser} if browser else None)
    cookie = (Identifier("Cookie", "v"),)
    return Event(id_, id_, "v", "cookie", name, at, at, identifiers=cookie, tell_visit=lambda: visit)


def after(events: Sequence[Event], definitions: Definitions, visitor: Visitor | None = None) -> Visitor:
    now = visitor or Visitor(contact_id_of("cookie", "v"))
    for one in events:
        now, _ = advance(now, one, definitions)
    return now


def test_an_outcome_is_reached_once_by_the_first_event_that_fits() -> None:
    events = [event(0), event(1), event(2, "order_completed"), event(3), event(4, "order_completed")]
    (session,) = after(events, definitions_of([ORDER])).sessions
    (achieved,) = session.outcome_achievements
    assert (achieved.outcome_id, achieved.achieved_date, achieved.pageview_count) == ("o-1", events[2].created_date, 2)
    assert achieved.event_id == "e2"


def test_the_page_that_reaches_an_outcome_counts_among_those_viewed_by_then() -> None:
    (session,) = after([event(0)], definitions_of([Outcome("o-2", "Any page", "page_viewed")])).sessions
    assert session.outcome_achievements[0].pageview_count == 1


def test_an_inactive_outcome_is_not_reached() -> None:
    off = Outcome("o-2", "Any page", "page_viewed", is_active=False)
    assert not after([event(0)], definitions_of([off])).sessions[0].outcome_achievements


def test_a_segment_is_of_the_session_that_came_into_it_and_by_which_event() -> None:
    definitions = definitions_of([], [Segment("s-1", "Firefox", 1, FIREFOX, assignment_expiration_days=2)])
    first, second = after([event(0, browser="Firefox"), event(1), event(60, browser="Chrome")], definitions).sessions
    (assigned,) = first.segment_assignments
    assert (assigned.segment_id, assigned.event_id, assigned.assigned_date) == ("s-1", "e0", NOON)
    assert assigned.expires_date == NOON + timedelta(days=2)
    assert not second.segment_assignments


def test_segments_stand_in_the_order_in_which_they_were_assigned() -> None:
    ordered = Segment("s-2", "Ordered", 1, Conditions(journey=(Pattern(event_name="order_completed"),)))
    definitions = definitions_of([], [ordered, Segment("s-1", "Firefox", 1, FIREFOX)])
    (session,) = after([event(0, browser="Firefox"), event(1, "order_completed")], definitions).sessions
    assert [one.segment_id for one in session.segment_assignments] == ["s-1", "s-2"]


def test_a_definition_that_is_new_takes_hold_of_running_sessions() -> None:
    before = after([event(0, browser="Firefox")], definitions_of([]))
    now = after([event(1)], definitions_of([], [Segment("s-1", "Firefox", 1, FIREFOX)], number=1), before)
    assert [one.event_id for one in now.sessions[0].segment_assignments] == ["e1"]


def test_what_never_occurred_is_told_when_the_session_is_over() -> None:
    definitions = definitions_of([], [Segment("s-1", "Left the cart", 1, LEFT_CART)])
    (left,) = after([event(0), event(1, "product_added")], definitions).sessions
    (bought,) = after([event(0), event(1, "product_added"), event(2, "order_completed")], definitions).sessions
    assert (left.awaits_end, bought.awaits_end) == (True, False)
    over = fulfilled_at_the_end(left, NOON + timedelta(hours=1), definitions)
    (assigned,) = over.segment_assignments
    assert (assigned.assigned_date, assigned.event_id) == (NOON + timedelta(hours=1), None)
    assert not over.awaits_end
    assert fulfilled_at_the_end(bought, NOON + timedelta(hours=1), definitions) == bought


CUSTOMERS = definitions_of(
    [], [Segment("s-1", "Regulars", 1, TWO_ORDERS, SegmentScope.CUSTOMER, assignment_expiration_days=1)]
)


def test_a_segment_of_customers_looks_over_all_sessions() -> None:
    visitor = after([event(0, "order_completed"), event(60, "order_completed")], CUSTOMERS)
    assert visitor.first is not None
    assert [(one.segment_id, one.event_id) for one in visitor.first.segment_assignments] == [("s-1", "e60")]
    assert not any(session.segment_assignments for session in visitor.sessions)


def test_an_assignment_of_a_customer_that_has_expired_can_come_again() -> None:
    day = 24 * 60
    orders = [event(minutes, "order_completed") for minutes in (0, 1, 2, 3, 2 * day, 2 * day + 1)]
    visitor = after(orders, CUSTOMERS)
    assert visitor.first is not None
    assert [one.event_id for one in visitor.first.segment_assignments] == [f"e{2 * day + 1}"]


def test_each_division_counts_a_customer_for_itself() -> None:
    """What is done on the site of one division neither helps nor hinders what is done on that of another."""
    definitions = definitions_of([], [Segment("s-1", "Buyers", 1, TWO_ORDERS, SegmentScope.CUSTOMER)])
    orders = [
        event(minutes, "order_completed")._replace(division_id=division)
        for minutes, division in enumerate(["south", None, "north", "south", "south", None, "north", "south"])
    ]
    came: dict[str, Sequence[str | None]] = {}
    visitor = None
    for one in orders:
        visitor = after([one], definitions, visitor)
        (contact,) = visitor.contacts.values()
        came[one.id] = [assigned.division_id for assigned in contact.segment_assignments]
    assert list(came.values()) == [
        *([], [], [], ["south"], ["south"]),
        *(["south", None], ["south", None, "north"], ["south", None, "north"]),
    ]


def test_what_was_told_for_everybody_holds_in_every_division() -> None:
    segment = Segment("s-1", "Buyers", 1, TWO_ORDERS, SegmentScope.CUSTOMER)
    told = SegmentAssignment("s-1", NOON)
    assert (told.is_seen_in(None), told.is_seen_in("north")) == (True, True)
    visitor = after([event(0)._replace(division_id="north")], definitions_of([], [segment]))
    (contact,) = visitor.contacts.values()
    known = Visitor(visitor.contact_id, {contact.id: replace(contact, segment_assignments=(told,))}, visitor.sessions)
    orders = [event(minutes, "order_completed")._replace(division_id="north") for minutes in (1, 2)]
    (contact,) = after(orders, definitions_of([], [segment]), known).contacts.values()
    assert contact.segment_assignments == (told,)
