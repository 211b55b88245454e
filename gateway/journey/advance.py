"""The heart: one event moves a visitor's journey on. Serving, importing, training and recovery replay this function."""

from dataclasses import dataclass, replace

from gateway.journey.contact import Contact, meet, open_contact
from gateway.journey.definitions import Definitions
from gateway.journey.event import Event
from gateway.journey.session import Session, apply_event, open_session, session_of


@dataclass(frozen=True, slots=True)
class Visitor:
    """What is known of one visitor: the contact, and the sessions that an event may still join."""

    contact: Contact | None = None
    sessions: tuple[Session, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What one event did: the session it belongs to and the contact, both as they stand right after it."""

    event: Event
    session: Session
    contact: Contact
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
    contact = visitor.contact or open_contact(event)
    joined = session_of(visitor.sessions, event.created_date, definitions.session_timeout)
    session = apply_event(joined or open_session(event, contact.id), event, definitions)
    contact = meet(contact, event, definitions.contact_expiry, new_session=joined is None)
    step = Step(event, session, contact, opened_session=joined is None)
    return with_session(replace(visitor, contact=contact), session), step


def with_session(visitor: Visitor, session: Session) -> Visitor:
    """Return the visitor with this session put in the place of its former state, or added."""
    others = tuple(known for known in visitor.sessions if known.id != session.id)
    return replace(visitor, sessions=(*others, session))
