"""The heart: one event moves a visitor's journey on. Serving, importing, training and recovery replay this function."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from gateway.journey.contact import (
    Contact,
    HeldIdentifier,
    claims_of,
    meet,
    news_among,
    open_contact,
    same_step,
    tells_of_person,
)
from gateway.journey.definitions import Definitions
from gateway.journey.event import Event, Identifier
from gateway.journey.fulfilment import fulfilled, fulfilled_by_customer
from gateway.journey.identity_owner import Owner, in_use, owner_of
from gateway.journey.session import (
    Session,
    apply_event,
    last_used,
    latest_of,
    near_sessions,
    open_session,
    session_of,
    with_features,
)

_NOBODY: Mapping[str, Contact] = {}


class Visitor(NamedTuple):
    """What is known of one visitor: contacts by id, and the sessions that an event may still join.

    `contact_id` is the visitor's first contact; another one uses the cookie after it where people share a device.
    `set_identifiers` are what other members of the merge set hold, of the contact that uses the cookie now.
    """

    contact_id: str
    contacts: Mapping[str, Contact] = _NOBODY
    sessions: tuple[Session, ...] = ()
    set_identifiers: tuple[HeldIdentifier, ...] = ()

    @property
    def first(self) -> Contact | None:
        """The visitor's first contact, as far as it is known."""
        return self.contacts.get(self.contact_id)


class Step(NamedTuple):
    """What one event did: the session that it belongs to, as it stands right after it.

    `claims` are the identifiers that the contact had not claimed, or not proved, before; in normal form.
    """

    event: Event
    session: Session
    opened_session: bool
    claims: tuple[Identifier, ...] = ()

    @property
    def sequence(self) -> int:
        """The event's place in its session by order of arrival, from 1."""
        return self.session.event_count

    @property
    def achieved_outcomes(self) -> tuple[str, ...]:
        """Ids of the outcomes that the session reached by exactly this event: the last ones, as it is the newest."""
        achieved, by = self.session.outcome_achievements, self.event.id
        if not achieved or achieved[-1].event_id != by:
            return ()
        return tuple(one.outcome_id for one in achieved if one.event_id == by)

    @property
    def assigned_segments(self) -> tuple[str, ...]:
        """Ids of the segments that the session came into by exactly this event, likewise."""
        assigned, by = self.session.segment_assignments, self.event.id
        if not assigned or assigned[-1].event_id != by:
            return ()
        return tuple(one.segment_id for one in assigned if one.event_id == by)


def advance(visitor: Visitor, event: Event, definitions: Definitions) -> tuple[Visitor, Step]:
    """Return the visitor after the event, and what the event did."""
    near = near_sessions(visitor.sessions, event, definitions.session_timeout)
    owner = _owner(visitor, event, near, definitions)
    joined = latest_of([one for one in near if one.visitor_contact_id == owner.contact_id], event.created_date)
    contacts, claims, visits = visitor.contacts, tuple[Identifier, ...](), 0
    session = apply_event(joined or open_session(event, owner.contact_id), event)
    session = fulfilled(joined, session, event, definitions)
    if touches_contact(joined, event, definitions):
        contact = contacts.get(owner.contact_id)
        if contact is None or _meets(joined, event):
            before = contact or open_contact(event, owner.contact_id)
            claims = news_among(claims_of(event, definitions.default_region), before)
            contact = meet(
                before, event, definitions.contact_expiry, new_session=joined is None, region=definitions.default_region
            )
        contacts = _known(visitor, owner, fulfilled_by_customer(contact, session, event, definitions))
        visits = contact.sessions_in(event.division_id)
    if definitions.outcomes:
        session = with_features(joined, session, event, visits)
    others = tuple(known for known in visitor.sessions if known.id != session.id)
    after = Visitor(visitor.contact_id, contacts, (*others, session), visitor.set_identifiers)
    return after, Step(event, session, joined is None, claims)


def touches_contact(joined: Session | None, event: Event, definitions: Definitions) -> bool:
    """Tell whether an event that joins this session may change the contact; if not, the contact need not be known.

    It may when it opens a session, tells of the person or of consent, lies before the session's first event, comes in
    another hour than its last, or is one that a segment of customers waits for.
    """
    if _meets(joined, event):
        return True
    return not definitions.of_customer.is_empty and definitions.of_customer.may_concern(event)


def needs_contact(sessions: Iterable[Session], events: Iterable[Event], definitions: Definitions) -> bool:
    """Tell whether the contact must be known to apply these events of one visitor, in whatever order."""
    known = tuple(sessions)
    # With two sessions in reach, one event of the batch can draw the next one from the one session to the other.
    return len(known) > 1 or any(
        touches_contact(session_of(known, event, definitions.session_timeout), event, definitions) for event in events
    )


def _meets(joined: Session | None, event: Event) -> bool:
    """Tell whether the event says something of the contact itself, whatever is watched for."""
    if joined is None or event.consent is not None or tells_of_person(event):
        return True
    if event.created_date < joined.created_date:
        return True
    return not same_step(event.created_date, joined.last_event.created_date)


def _owner(visitor: Visitor, event: Event, near: Sequence[Session], definitions: Definitions) -> Owner:
    """Return whose event it is: by what it tells of the person, else by the session it joins, else by the cookie."""
    first = visitor.first
    if tells_of_person(event) and (claims := claims_of(event, definitions.default_region)):
        current = visitor.contacts.get(in_use(event.customer_id_type, event.customer_id, first))
        return owner_of(event.customer_id_type, event.customer_id, claims, first, current, visitor.set_identifiers)
    if (used := last_used(near)) is not None:
        return Owner(used.visitor_contact_id)
    return Owner(first.successor_id if first and first.successor_id else visitor.contact_id)


def _known(visitor: Visitor, owner: Owner, contact: Contact) -> Mapping[str, Contact]:
    """Return the visitor's contacts with this one among them, and with its name on the cookie if that changes hands."""
    if contact is visitor.contacts.get(contact.id) and not owner.changes_hands:
        return visitor.contacts
    contacts = {**visitor.contacts, contact.id: contact}
    if owner.changes_hands and (first := contacts.get(visitor.contact_id)):
        contacts[first.id] = replace(first, successor_id=contact.id)
    return contacts
