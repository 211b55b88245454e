"""The heart: one event moves a visitor's journey on. Serving, importing, training and recovery replay this function."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.journey.contact import Contact, meet, open_contact, same_step, tells_of_person
from gateway.journey.definitions import Definitions
from gateway.journey.event import Event
from gateway.journey.session import Session, apply_event, open_session, session_of


@dataclass(frozen=True, slots=True)
class Visitor:
    """What is known of one visitor: the contact, and the sessions that an event may still join."""

    contact_id: str
    contact: Contact | None = None
    sessions: tuple[Session, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What one event did: the session that it belongs to, as it stands right after it."""

    event: Event
    session: Session
    opened_session: bool

    @property
    def sequence(self) -> int:
        """The event's place in its session by order of arrival, from 1."""
        return self.session.event_count

    @property
    def achieved_outcomes(self) -> tuple[str, ...]:
        """Ids of the outcomes that the session reached by exactly this event."""
        return tuple(a.outcome_id for a in self.session.outcome_achievements if a.event_id == self.event.id)


def advance(visitor: Visitor, event: Event, definitions: Definitions) -> tuple[Visitor, Step]:
    """Return the visitor after the event, and what the event did."""
    joined = session_of(visitor.sessions, event.created_date, definitions.session_timeout)
    contact = visitor.contact
    if touches_contact(joined, event):
        contact = meet(contact or open_contact(event), event, definitions.contact_expiry, new_session=joined is None)
    session = apply_event(joined or open_session(event, visitor.contact_id), event, definitions)
    return with_session(visitor, session, contact), Step(event, session, opened_session=joined is None)


def touches_contact(joined: Session | None, event: Event) -> bool:
    """Tell whether an event that joins this session may change the contact; if not, the contact need not be known.

    It may when it opens a session, tells of the person, lies before the session's first event, or comes in another hour
    than its last.
    """
    if joined is None or tells_of_person(event) or event.created_date < joined.created_date:
        return True
    return not same_step(event.created_date, joined.last_event.created_date)


def needs_contact(sessions: Iterable[Session], events: Iterable[Event], definitions: Definitions) -> bool:
    """Tell whether the contact must be known to apply these events of one visitor, in whatever order."""
    known = tuple(sessions)
    # With two sessions in reach, one event of the batch can draw the next one from the one session to the other.
    return len(known) > 1 or any(
        touches_contact(session_of(known, event.created_date, definitions.session_timeout), event) for event in events
    )


def with_session(visitor: Visitor, session: Session, contact: Contact | None) -> Visitor:
    """Return the visitor with this session put in the place of its former state, or added."""
    others = tuple(known for known in visitor.sessions if known.id != session.id)
    return Visitor(visitor.contact_id, contact, (*others, session))
