"""Sessions: the events of one visitor without a long pause between them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple, cast

from gateway.journey.event import PAGE_VIEWED, SCREEN_VIEWED, CustomerIdType, Event, Visit
from gateway.journey.feature_state import FeatureState, advance_features, begin
from gateway.journey.ids import derive_id
from gateway.journey.outcome import OutcomeAchievement
from gateway.journey.segment import SegmentAssignment
from gateway.journey.watch import NO_PROGRESS, AllProgress

WEB = "web"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ACTIVE_STEP = timedelta(minutes=5)
"""Indexes hold the last event's date rounded up to full steps, so that an event seldom moves an entry of theirs."""
MAX_SEARCH_TERMS = 100
"""The newest search terms that a session keeps, so that a robot's thousands do not grow the document without limit."""


UNKNOWN_VISIT = Visit()


class LastEvent(NamedTuple):
    """The newest event of a session by its own time."""

    id: str
    event_name: str
    created_date: datetime


class Session(NamedTuple):
    """One visit, as it stands after the events applied so far.

    `visit` is what is known of the visit; an empty one is unknown, and adds nothing to what is stored.
    `created_date` is the time of its earliest event, `previous_event_date` the time of the event before the last one
    (None while there is only one): what presence was in between can be told from the two. `authenticated` once one of
    its events carried an identity that the site vouches for. `former_contact_id` is the visitor's own contact, of a
    session that somebody has linked to another one. `division_id` is that of its events, None for the home division.
    `predictions`, and what they are `predicted_by`, are packed as they are stored: no rule asks for them, and they are
    the most of a session. `progress` is how far the definitions have come that are not fulfilled yet, those with the
    number `checked_for`; `awaits_end` if one of them may be fulfilled once the session is over. `feature_state` is what
    predictions are told from, None while nothing is to be predicted.
    """

    id: str
    contact_id: str
    customer_id: str
    customer_id_type: CustomerIdType
    created_date: datetime
    last_event: LastEvent
    type: str = WEB
    previous_event_date: datetime | None = None
    event_count: int = 0
    pageview_count: int = 0
    screenview_count: int = 0
    search_terms: tuple[str, ...] = ()
    last_page: Mapping[str, object] | None = None
    visit: Visit = UNKNOWN_VISIT
    authenticated: bool = False
    predicted_by: bytes = b""
    predictions: bytes = b""
    outcome_achievements: tuple[OutcomeAchievement, ...] = ()
    former_contact_id: str | None = None
    division_id: str | None = None
    segment_assignments: tuple[SegmentAssignment, ...] = ()
    progress: AllProgress = NO_PROGRESS
    awaits_end: bool = False
    checked_for: int = 0
    feature_state: FeatureState | None = None

    @property
    def visitor_contact_id(self) -> str:
        """The id of the visitor's own contact, whose events belong here."""
        return self.former_contact_id or self.contact_id


def session_of(sessions: Iterable[Session], event: Event, timeout: timedelta) -> Session | None:
    """Return the session that an event belongs to, or None when it opens a new one.

    It belongs to a session of its division when it is less than the time-out away from it, before or after; the latest
    such one wins.
    """
    return latest_of(near_sessions(sessions, event, timeout), event.created_date)


def near_sessions(sessions: Iterable[Session], event: Event, timeout: timedelta) -> list[Session]:
    """Return the sessions of the event's division that are less than the time-out away from it."""
    at, division_id = event.created_date, event.division_id
    return [
        s
        for s in sessions
        if s.division_id == division_id and s.created_date - timeout < at < s.last_event.created_date + timeout
    ]


def latest_of(near: Sequence[Session], at: datetime) -> Session | None:
    """Return the one of several near sessions that an event of this time belongs to."""
    if len(near) <= 1:
        return near[0] if near else None
    return max(near, key=lambda s: (s.created_date <= at, s.created_date))


def last_used(near: Sequence[Session]) -> Session | None:
    """Return the near session in which something happened last: that of whoever sits at a shared device."""
    if len(near) <= 1:
        return near[0] if near else None
    return max(near, key=lambda s: s.last_event.created_date)


def active_date(last_event_date: datetime) -> datetime:
    """Return the date of the last event, rounded up to the next full step: what indexes are made of."""
    over = (last_event_date - _EPOCH) % ACTIVE_STEP
    return last_event_date - over + ACTIVE_STEP if over else last_event_date


def open_session(event: Event, contact_id: str) -> Session:
    """Return the empty session that this event opens; apply the event next."""
    return Session(
        id=derive_id("session", event.id),
        contact_id=contact_id,
        customer_id=event.customer_id,
        customer_id_type=event.customer_id_type,
        created_date=event.created_date,
        last_event=LastEvent(event.id, event.event_name, event.created_date),
        division_id=event.division_id,
    )


def apply_event(session: Session, event: Event) -> Session:
    """Return the session with this event counted in, also when the event is late and lies before others.

    What the event fulfils is another question: see `fulfilment`.
    """
    newest = event.created_date >= session.last_event.created_date
    # Spelt out, as dataclasses.replace takes twice the time, and this is done for every event
    return Session(
        id=session.id,
        contact_id=session.contact_id,
        customer_id=session.customer_id,
        customer_id_type=session.customer_id_type,
        type=session.type,
        authenticated=session.authenticated or any(identifier.verified for identifier in event.identifiers),
        predicted_by=session.predicted_by,
        predictions=session.predictions,
        created_date=min(session.created_date, event.created_date),
        last_event=LastEvent(event.id, event.event_name, event.created_date) if newest else session.last_event,
        previous_event_date=_previous_event_date(session, event),
        event_count=session.event_count + 1,
        pageview_count=session.pageview_count + (event.event_name == PAGE_VIEWED),
        screenview_count=session.screenview_count + (event.event_name == SCREEN_VIEWED),
        search_terms=_search_terms(session, event),
        last_page=event.page if event.page and newest else session.last_page or event.page,
        visit=_visit(session, event),
        outcome_achievements=session.outcome_achievements,
        former_contact_id=session.former_contact_id,
        division_id=session.division_id,
        segment_assignments=session.segment_assignments,
        progress=session.progress,
        awaits_end=session.awaits_end,
        checked_for=session.checked_for,
        feature_state=session.feature_state,
    )


def with_features(before: Session | None, session: Session, event: Event, visits: int) -> Session:
    """Return the session, to which the event is applied already, with the event in what predictions are told from.

    `before` is the session before the event, None where the event has opened it; `visits` is then the session's number
    among those of its contact, 0 where that is unknown.
    """
    state = session.feature_state or begin(event, visits)
    visit = session.visit if before is None or before.visit is not session.visit else None
    return _session((*session[:-1], advance_features(state, event, visit)))


def with_progress(session: Session, progress: AllProgress, *, awaits_end: bool, checked_for: int) -> Session:
    """Return the session with this progress of the definitions; see `Session` for the words."""
    return _session((*session[:_PROGRESS], progress, awaits_end, checked_for, session.feature_state))


def with_predictions(session: Session, predicted_by: bytes, predictions: bytes) -> Session:
    """Return the session with these predictions, packed as they are stored."""
    return _session((*session[:_PREDICTED_BY], predicted_by, predictions, *session[_PREDICTED_BY + 2 :]))


_PREDICTED_BY = Session._fields.index("predicted_by")
_PROGRESS = Session._fields.index("progress")
_session = cast("Callable[[tuple[object, ...]], Session]", partial(tuple.__new__, Session))
"""Makes a session of its fields in a quarter of the time that replacing some takes: `predictions` come after
`predicted_by`, and the last four are `progress`, `awaits_end`, `checked_for` and `feature_state`."""


def _visit(session: Session, event: Event) -> Visit:
    """Return what is known of the visit: what its first page view tells, and before it what opened the session.

    Later page views are not asked: their referrer is the page before.
    """
    if session.event_count == 0:
        return event.visit
    if session.pageview_count or event.event_name != PAGE_VIEWED:
        return session.visit
    told = event.visit
    news = {name: getattr(told, name) for name in _VISIT_PARTS if getattr(told, name) is not None}
    return replace(session.visit, **news)


_VISIT_PARTS = tuple(part.name for part in fields(Visit))


def _previous_event_date(session: Session, event: Event) -> datetime | None:
    if session.event_count == 0:
        return None
    earlier = min(event.created_date, session.last_event.created_date)
    return max(earlier, session.previous_event_date or earlier)


def _search_terms(session: Session, event: Event) -> tuple[str, ...]:
    if event.search_query is None:
        return session.search_terms
    others = tuple(term for term in session.search_terms if term != event.search_query)
    return (*others, event.search_query)[-MAX_SEARCH_TERMS:]
