"""What an event fulfils: outcomes and segments of its session, and segments of its customer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.journey.contact import Contact
from gateway.journey.definitions import Definitions
from gateway.journey.event import Event
from gateway.journey.outcome import OutcomeAchievement
from gateway.journey.segment import SegmentAssignment, assignment_of
from gateway.journey.session import Session, with_progress
from gateway.journey.watch import progress_in_division, progress_of_contact


def fulfilled(before: Session | None, session: Session, event: Event, definitions: Definitions) -> Session:
    """Return the session with what the event, which is applied to it already, has fulfilled.

    `before` is the session before the event, None where the event has opened it.
    """
    if definitions.of_session.is_empty:
        return session
    is_news = before is None or _is_known_otherwise(before, session) or session.checked_for != definitions.number
    met = _met(session)
    progress, ids = definitions.of_session.moved(session.progress, event, session, met, visit_is_news=is_news)
    if progress is session.progress and not ids and session.checked_for == definitions.number:
        return session
    after = _with(session, ids, event.created_date, event.id, definitions)
    awaits_end = definitions.of_session.awaits_end(progress, _met(after) if ids else met)
    return with_progress(after, progress, awaits_end=awaits_end, checked_for=definitions.number)


def fulfilled_at_the_end(session: Session, at: datetime, definitions: Definitions) -> Session:
    """Return a session that is over, with what it has fulfilled by something that did not occur."""
    ids = definitions.of_session.met_at_the_end(session.progress, session, _met(session))
    return _with(session, ids, at, None, definitions)._replace(awaits_end=False)


def fulfilled_by_customer(contact: Contact, session: Session, event: Event, definitions: Definitions) -> Contact:
    """Return the contact with the segments that the event has brought its customer into.

    Each division counts for itself: what somebody does on the site of one is no business of another. An assignment that
    has expired can come again; the very same contact comes back when nothing has moved.
    """
    if definitions.of_customer.is_empty:
        return contact
    at, division_id = event.created_date, event.division_id
    seen = [one for one in contact.segment_assignments if one.is_seen_in(division_id)]
    in_force = {one.segment_id for one in seen if one.is_in_force(at)}
    before = progress_in_division(contact.progress, division_id)
    after, ids = definitions.of_customer.moved(before, event, session, in_force, visit_is_news=session.event_count == 1)
    if after is before and not ids:
        return contact
    over = [one for one in seen if one.segment_id in ids]
    kept = tuple(one for one in contact.segment_assignments if one not in over)
    assigned = [replace(one, division_id=division_id) for one in _assignments(ids, at, event.id, definitions)]
    return contact.assigned((*kept, *assigned), progress_of_contact(contact.progress, after, division_id))


def _with(
    session: Session, ids: Sequence[str], at: datetime, event_id: str | None, definitions: Definitions
) -> Session:
    if not ids:
        return session
    achieved = tuple(
        OutcomeAchievement(id_, at, event_id, session.pageview_count) for id_ in ids if id_ in definitions.outcomes
    )
    return session._replace(
        outcome_achievements=session.outcome_achievements + achieved,
        segment_assignments=session.segment_assignments + _assignments(ids, at, event_id, definitions),
    )


def _assignments(
    ids: Sequence[str], at: datetime, event_id: str | None, definitions: Definitions
) -> tuple[SegmentAssignment, ...]:
    segments = (definitions.segments.get(id_) for id_ in ids)
    return tuple(assignment_of(segment, at, event_id) for segment in segments if segment is not None)


def _met(session: Session) -> Mapping[str, None]:
    """Return the ids of what the session has fulfilled before; most have fulfilled nothing."""
    if not session.outcome_achievements and not session.segment_assignments:
        return _NOTHING
    outcomes = [one.outcome_id for one in session.outcome_achievements]
    return dict.fromkeys([*outcomes, *[one.segment_id for one in session.segment_assignments]])


_NOTHING: Mapping[str, None] = {}


def _is_known_otherwise(before: Session, after: Session) -> bool:
    return before.visit is not after.visit or before.authenticated is not after.authenticated
