"""Contacts: the customer behind one or more visitors. A visitor nobody knows yet is an ephemeral contact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache

from gateway.journey.consent import Consent, newest
from gateway.journey.division import Divisions, opened_in, with_division
from gateway.journey.event import Event, Identifier
from gateway.journey.identifier import DEFAULT_REGION, IdentifierType, normalised
from gateway.journey.ids import derive_id
from gateway.journey.segment import SegmentAssignment
from gateway.journey.watch import NO_PROGRESS, AllProgress

EXPIRY_STEP = timedelta(hours=1)
"""Expiry is rounded up to the next full step, so that most events of a visit need not write the contact."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_IDENTIFIERS = 100
"""Identifiers that one visitor's own calls may claim; beyond it the newest are ignored (a script gone wild)."""

CONTACT_FIELDS = (
    "firstName",
    "middleName",
    "lastName",
    "salutation",
    "title",
    "address",
    "externalOrganizationId",
    "surveyOptOut",
    "externalSystemUrl",
    "customFields",
)
"""What a contact's record may hold beside its identifiers."""
NAMES_OF_TRAITS: Mapping[str, str] = {
    "firstName": "firstName",
    "givenName": "firstName",
    "lastName": "lastName",
    "familyName": "lastName",
    "middleName": "middleName",
    "salutation": "salutation",
    "title": "title",
    "jobTitle": "title",
}
"""Traits of identify calls that name a person, and the contact's field for each."""
MAX_NAME_LENGTH = 1000
_COOKIE = IdentifierType.COOKIE.value
_TYPES_OF_CUSTOMER_IDS = {"cookie": _COOKIE, "externalId": IdentifierType.EXTERNAL_ID.value}


class ContactType(Enum):
    """What kind of contact it is, by how it came to be."""

    EPHEMERAL = "EPHEMERAL"
    IDENTIFIED = "IDENTIFIED"
    CURATED = "CURATED"


@dataclass(frozen=True, slots=True)
class HeldIdentifier:
    """An identifier as a contact holds it.

    `value` is its normal form, or with `is_normalised` False what was typed, which never matches. `source` is who told
    it, or who proved it once it is verified. `created_date` is when it was first seen; `last_seen_date` moves on at
    most once an EXPIRY_STEP.
    """

    type: str
    value: str
    is_normalised: bool
    is_verified: bool
    source: str
    created_date: datetime
    last_seen_date: datetime

    @property
    def key(self) -> tuple[str, str]:
        """Type and value."""
        return self.type, self.value


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer. `fields` holds those of CONTACT_FIELDS that are known.

    `expires_date` is None for contacts that never expire. `ancestors` are the contacts that it was merged into, from
    its parent up to the root. `successor_id` is the contact that uses this one's cookie now, on a shared device.
    `last_seen_date` of a root that somebody knows is the newest interaction of its merge set, to the EXPIRY_STEP.
    Without `has_had_edges` nobody was ever joined to it, nor is it to anybody. `division_ids` are the divisions in
    which it was seen, or that people gave to it; none stand for the home division. `division_sessions` are those of its
    sessions that are of other divisions than the home division, by division.
    """

    id: str
    created_date: datetime
    modified_date: datetime
    expires_date: datetime | None
    type: ContactType = ContactType.EPHEMERAL
    identifiers: tuple[HeldIdentifier, ...] = ()
    fields: Mapping[str, object] = field(default_factory=dict)
    session_count: int = 0
    division_sessions: Mapping[str, int] = field(default_factory=dict)
    ancestors: tuple[str, ...] = ()
    successor_id: str | None = None
    consent: Consent | None = None
    last_seen_date: datetime | None = None
    has_had_edges: bool = False
    division_ids: Divisions = ()
    segment_assignments: tuple[SegmentAssignment, ...] = ()
    progress: AllProgress = field(default_factory=lambda: NO_PROGRESS)

    def assigned(self, assignments: tuple[SegmentAssignment, ...], progress: AllProgress) -> "Contact":
        """Return the contact with these assignments to segments of customers, and the progress of the others."""
        return replace(self, segment_assignments=assignments, progress=progress)

    def sessions_in(self, division_id: str | None) -> int:
        """Return how many of its sessions are of one division; None stands for HOME."""
        if division_id is None:
            return self.session_count - sum(self.division_sessions.values())
        return self.division_sessions.get(division_id, 0)

    @property
    def root_id(self) -> str:
        """The id of the contact that stands for everything merged with this one."""
        return self.ancestors[-1] if self.ancestors else self.id


@lru_cache(maxsize=8_192)  # asked for several times an event, and visitors come back
def contact_id_of(customer_id_type: str, customer_id: str) -> str:
    """Return the id of the contact that stands for a visitor nobody has identified."""
    return derive_id("contact", customer_id_type, customer_id)


def open_contact(event: Event, contact_id: str | None = None) -> Contact:
    """Return the ephemeral contact of the visitor who caused this event; apply the event next.

    `contact_id` is another than the visitor's first contact where a device is shared.
    """
    return Contact(
        id=contact_id or contact_id_of(event.customer_id_type, event.customer_id),
        created_date=event.created_date,
        modified_date=event.created_date,
        expires_date=event.created_date,
        division_ids=opened_in(event.division_id),
    )


def tells_of_person(event: Event) -> bool:
    """Tell whether the event says more about who it is than the cookie that every event carries."""
    if event.traits:
        return True
    own_type, own_value = _TYPES_OF_CUSTOMER_IDS[event.customer_id_type], event.customer_id
    for claim in event.identifiers:  # noqa: SIM110 - a generator takes three times as long, and every event comes here
        if claim.value != own_value or claim.type != own_type:
            return True
    return False


def claims_of(event: Event, region: str = DEFAULT_REGION) -> tuple[Identifier, ...]:
    """Return the event's claims by which a contact can be found, in normal form: no cookies, nothing without a form."""
    claims = [claim for claim in event.identifiers if claim.type != _COOKIE]
    if not claims:
        return ()
    told = ((claim, normalised(*claim.key, region)) for claim in claims)
    return tuple(dict.fromkeys(claim._replace(value=value) for claim, value in told if value is not None))


def news_among(claims: Sequence[Identifier], contact: Contact) -> tuple[Identifier, ...]:
    """Return the claims, given in normal form, that the contact has not made, or not proved, before."""
    if not claims:
        return ()
    proved = {held.key: held.is_verified for held in contact.identifiers}
    return tuple(claim for claim in claims if claim.key not in proved or claim.verified > proved[claim.key])


def same_step(one: datetime, other: datetime) -> bool:
    """Tell whether two interactions lead to the same expiry, which is rounded up to full steps."""
    return (_EPOCH - one) // EXPIRY_STEP == (_EPOCH - other) // EXPIRY_STEP


def meet(
    contact: Contact, event: Event, expiry: timedelta, *, new_session: bool, region: str = DEFAULT_REGION
) -> Contact:
    """Return the contact after an interaction: renewed, counted, and with what the event tells of the person.

    The very same contact comes back when nothing about it has changed.
    """
    told = (held_identifier(claim, event.created_date, region) for claim in event.identifiers)
    identifiers = with_identifiers(contact.identifiers, told)
    names = _names_told(event.traits)
    changes: dict[str, object] = {
        "consent": newest(contact.consent, event.consent),
        "created_date": min(contact.created_date, event.created_date),
        "expires_date": _renewed(contact.expires_date, event.created_date, expiry),
        "identifiers": identifiers,
        "fields": {**contact.fields, **names} if names else contact.fields,
        "session_count": contact.session_count + new_session,
        "division_ids": with_division(contact.division_ids, event.division_id) if new_session else contact.division_ids,
        "type": _type_of(contact.type, identifiers),
    }
    if new_session and event.division_id is not None:
        seen = contact.sessions_in(event.division_id) + 1
        changes["division_sessions"] = {**contact.division_sessions, event.division_id: seen}
    if all(getattr(contact, name) == value for name, value in changes.items()):
        return contact
    return replace(contact, modified_date=max(contact.modified_date, event.created_date), **changes)  # type: ignore[arg-type]  # names and types are those above


def held_identifier(claim: Identifier, seen: datetime, region: str = DEFAULT_REGION) -> HeldIdentifier:
    """Return what a contact holds after this claim."""
    form = normalised(claim.type, claim.value, region)
    value = claim.value if form is None else form
    return HeldIdentifier(claim.type, value, form is not None, claim.verified, claim.source, seen, seen)


def with_identifiers(
    held: tuple[HeldIdentifier, ...], told: Iterable[HeldIdentifier], limit: int = MAX_IDENTIFIERS
) -> tuple[HeldIdentifier, ...]:
    """Return the identifiers held after these were told, each once, up to the limit; the very same if nothing changes.

    An identifier told again is seen again; one that was claimed and is now proved becomes verified, for good.
    """
    now = {identifier.key: identifier for identifier in held}
    for identifier in told:
        before = now.get(identifier.key)
        if before is not None:
            now[identifier.key] = _seen_again(before, identifier)
        elif len(now) < limit:
            now[identifier.key] = identifier
    after = tuple(now.values())
    return held if after == held else after


def display_name(fields: Mapping[str, object]) -> str | None:
    """Return the name to show for a contact, or None while nobody knows it."""
    return " ".join(str(fields[part]) for part in ("firstName", "middleName", "lastName") if fields.get(part)) or None


def _seen_again(held: HeldIdentifier, told: HeldIdentifier) -> HeldIdentifier:
    is_proved = told.is_verified and not held.is_verified
    is_earlier = told.created_date < held.created_date
    is_later = told.last_seen_date > held.last_seen_date and not same_step(held.last_seen_date, told.last_seen_date)
    if not (is_proved or is_earlier or is_later):
        return held
    return replace(
        held,
        is_verified=held.is_verified or told.is_verified,
        source=told.source if is_proved else held.source,
        created_date=min(held.created_date, told.created_date),
        last_seen_date=told.last_seen_date if is_later else held.last_seen_date,
    )


def _renewed(expires: datetime | None, interaction: datetime, expiry: timedelta) -> datetime | None:
    if expires is None:
        return None
    return max(expires, _full_step(interaction + expiry))


def _full_step(date: datetime) -> datetime:
    full = date.replace(minute=0, second=0, microsecond=0)
    return full if full == date else full + EXPIRY_STEP


def _type_of(current: ContactType, identifiers: tuple[HeldIdentifier, ...]) -> ContactType:
    if current is not ContactType.EPHEMERAL:
        return current
    is_known = any(identifier.is_normalised and identifier.type != _COOKIE for identifier in identifiers)
    return ContactType.IDENTIFIED if is_known else current


def _names_told(traits: Mapping[str, object]) -> dict[str, str]:
    if not traits:
        return {}
    told = {NAMES_OF_TRAITS[key]: value for key, value in traits.items() if key in NAMES_OF_TRAITS}
    names = {name: value.strip()[:MAX_NAME_LENGTH] for name, value in told.items() if isinstance(value, str)}
    full = traits.get("name")
    if isinstance(full, str) and not {"firstName", "lastName"} & names.keys():
        first, _, last = full.strip().partition(" ")
        names |= {"firstName": first[:MAX_NAME_LENGTH], "lastName": last.strip()[:MAX_NAME_LENGTH]}
    return {name: value for name, value in names.items() if value}
