"""Previews: what a segment or an outcome would have matched, told by playing past sessions through what serves.

A session counts on the day (UTC) on which it began. When in a session something happened is not asked: only whether it
matches at all, and what is known of a visit is what was known of it at its end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from gateway.journey.anchor_index import all_hold
from gateway.journey.conditions import Conditions
from gateway.journey.contact import Contact
from gateway.journey.criterion_keys import reader_of_visit
from gateway.journey.definitions import Definitions, definitions_of
from gateway.journey.errors import InvalidValue
from gateway.journey.event import NOTHING, Event, Visit
from gateway.journey.fulfilment import fulfilled, fulfilled_at_the_end, fulfilled_by_customer
from gateway.journey.segment import Segment, SegmentScope
from gateway.journey.session import LastEvent, Session

MAX_EXAMPLES = 10
DEFAULT_DAYS, MAX_DAYS = 7, 60
_ID = "preview"
_NOBODY = ""


class PastSession(NamedTuple):
    """A stored session, with those of its events that can matter, in the order in which they arrived; see `past_event`.

    `visitor_contact_id` is the visitor's own contact, `contact_id` the one that the session was linked to, or the same.
    `event_count` is how many events it has. With `is_cut` not all of them were read that should have been.
    `division_id` None is the home division.
    """

    id: str
    contact_id: str
    visitor_contact_id: str
    created_date: datetime
    last_event_date: datetime
    visit: Visit
    authenticated: bool
    event_count: int
    events: Sequence[Event] = ()
    is_cut: bool = False
    division_id: str | None = None


def past_event(
    at: datetime,
    event_name: str = "",
    page: Mapping[str, object] | None = None,
    search_query: str | None = None,
    attributes: Mapping[str, object] = NOTHING,
) -> Event:
    """Return an event as far as conditions ask for it; nobody asks when it was, so any time of its session will do."""
    return Event(_ID, _NOBODY, _NOBODY, "cookie", event_name, at, at, page, None, search_query, attributes)


@dataclass(frozen=True, slots=True)
class PreviewDay:
    """The sessions that began on a day, in UTC, and how many of them match."""

    date: date
    session_count: int
    matched_session_count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """How much would match, of how much. With `is_complete` False it was cut short, and the last days lack sessions."""

    days: list[PreviewDay]
    session_count: int
    matched_session_count: int
    contact_count: int
    matched_contact_count: int
    event_count: int
    is_complete: bool
    example_ids: list[str]


def days_until(today: date, number: int) -> list[date]:
    """Return so many days, in order, the last of them today.

    Raises:
        InvalidValue: it is less than a day, or too many.
    """
    if not 1 <= number <= MAX_DAYS:
        raise InvalidValue("days", number, f"from 1 to {MAX_DAYS}")
    return [today - timedelta(days=ago) for ago in reversed(range(number))]


class Previewing:
    """Plays past sessions and counts; give them in the order in which they began.

    A session matches that comes into the segment, or reaches the outcome; with the scope of the customer, the session
    by which a customer comes into it. `now` tells which sessions are over.
    """

    def __init__(
        self, conditions: Conditions, scope: SegmentScope, days: Sequence[date], now: datetime, timeout: timedelta
    ) -> None:
        rules = Definitions(session_timeout=timeout)
        segment = Segment(_ID, _ID, 1, conditions, scope)
        self._definitions = definitions_of([], [segment], 1, rules)
        self._is_of_customer = scope is SegmentScope.CUSTOMER
        self._asks_for_events = bool(conditions.sequence)
        self._fits_visit = all_hold(conditions.about_visit, reader_of_visit)
        self._watch = self._definitions.of_customer if self._is_of_customer else self._definitions.of_session
        self._matches = self._matches_as_customer if self._is_of_customer else self._matches_as_session
        self._now = now
        self._sessions = dict.fromkeys(days, 0)
        self._matched = dict.fromkeys(days, 0)
        self._contacts: set[str] = set()
        self._matched_contacts: set[str] = set()
        #: Those for whom something has begun, each by division: divisions count for themselves.
        self._customers: dict[tuple[str, str | None], Contact] = {}
        self._examples: list[str] = []
        self._events = 0
        self._has_gaps = False

    def may_match(self, past: PastSession) -> bool:
        """Tell whether a session may match by its events, which need not be there yet; if not, they need not be read.

        What is known of its visit may rule it out. A customer's sessions count together, so none of them is.
        """
        return self._is_of_customer or self._fits_visit(past)

    def may_concern(self, event: Event) -> bool:
        """Tell whether an event may matter."""
        return self._watch.may_concern(event)

    @property
    def needs_some_event(self) -> bool:
        """Whether a session may match without any event that may matter: what is known of its visit is looked at then.

        It may where nothing is asked to occur, and where it has occurred in earlier sessions of the customer.
        """
        return self._is_of_customer or not self._asks_for_events

    def play(self, past: PastSession) -> None:
        """Play a session."""
        day = past.created_date.date()
        self._events += past.event_count
        self._has_gaps |= past.is_cut
        self._sessions[day] += 1
        self._contacts.add(past.contact_id)
        if self._matches(past):
            self._matched[day] += 1
            self._matched_contacts.add(past.contact_id)
            if len(self._examples) < MAX_EXAMPLES:
                self._examples.append(past.id)

    def counted(self, *, is_complete: bool) -> Preview:
        """Return what there was."""
        days = [PreviewDay(day, number, self._matched[day]) for day, number in self._sessions.items()]
        return Preview(
            days=days,
            session_count=sum(self._sessions.values()),
            matched_session_count=sum(self._matched.values()),
            contact_count=len(self._contacts),
            matched_contact_count=len(self._matched_contacts),
            event_count=self._events,
            is_complete=is_complete and not self._has_gaps,
            example_ids=self._examples,
        )

    def _matches_as_session(self, past: PastSession) -> bool:
        if not past.events:
            return False
        session, before = _opened(past), None
        for event in past.events:
            session = before = fulfilled(before, session, event, self._definitions)
            if session.segment_assignments:
                return True
        over = past.last_event_date + self._definitions.session_timeout
        if not session.awaits_end or over > self._now:
            return False
        return bool(fulfilled_at_the_end(session, over, self._definitions).segment_assignments)

    def _matches_as_customer(self, past: PastSession) -> bool:
        key = past.visitor_contact_id, past.division_id
        customer = known = self._customers.get(key, _stranger(past))
        if known.segment_assignments:
            return False
        session = _opened(past)._replace(event_count=1)
        for event in past.events:
            customer = fulfilled_by_customer(customer, session, event, self._definitions)
            if customer.segment_assignments:
                break
            session = session if session.event_count > 1 else session._replace(event_count=2)
        if customer is not known:
            self._customers[key] = customer
        return bool(customer.segment_assignments)


def _opened(past: PastSession) -> Session:
    last = LastEvent(past.id, "", past.last_event_date)
    return Session(
        past.id,
        past.contact_id,
        _NOBODY,
        "cookie",
        past.created_date,
        last,
        visit=past.visit,
        authenticated=past.authenticated,
    )


_NOBODY_YET = Contact(_NOBODY, datetime.min, datetime.min, None)  # noqa: DTZ901 - never compared with a date


def _stranger(past: PastSession) -> Contact:
    return replace(_NOBODY_YET, id=past.visitor_contact_id)
