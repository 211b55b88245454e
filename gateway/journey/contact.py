"""Contacts: the customer behind one or more visitors. A visitor nobody knows yet is an ephemeral contact."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache

from gateway.journey.event import Event, Identifier
from gateway.journey.identifier import normalised
from gateway.journey.ids import derive_id

EXPIRY_STEP = timedelta(hours=1)
"""Expiry is rounded up to the next full step, so that most events of a visit need not write the contact."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_IDENTIFIERS = 100
"""Identifiers that one visitor's own calls may claim; beyond it the newest are ignored (a script gone wild)."""

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
_TYPES_OF_CUSTOMER_IDS = {"cookie": "Cookie", "externalId": "ExternalId"}


class ContactType(Enum):
    """What kind of contact it is, by how it came to be."""

    EPHEMERAL = "EPHEMERAL"
    IDENTIFIED = "IDENTIFIED"
    CURATED = "CURATED"


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer. `names` holds firstName, lastName, middleName, salutation and title as far as they are known.

    `expires_date` is None for contacts that never expire.
    """

    id: str
    created_date: datetime
    modified_date: datetime
    expires_date: datetime | None
    type: ContactType = ContactType.EPHEMERAL
    identifiers: tuple[tuple[Identifier, datetime], ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    session_count: int = 0


@lru_cache(maxsize=8_192)  # asked for several times an event, and visitors come back
def contact_id_of(customer_id_type: str, customer_id: str) -> str:
    """Return the id of the contact that stands for a visitor nobody has identified."""
    return derive_id("contact", customer_id_type, customer_id)


def open_contact(event: Event) -> Contact:
    """Return the ephemeral contact of the visitor who caused this event; apply the event next."""
    return Contact(
        id=contact_id_of(event.customer_id_type, event.customer_id),
        created_date=event.created_date,
        modified_date=event.created_date,
        expires_date=event.created_date,
    )


def tells_of_person(event: Event) -> bool:
    """Tell whether the event says more about who it is than the cookie that every event carries."""
    own = (_TYPES_OF_CUSTOMER_IDS[event.customer_id_type], event.customer_id)
    return bool(event.traits) or any((claim.type, claim.value) != own for claim in event.identifiers)


def same_step(one: datetime, other: datetime) -> bool:
    """Tell whether two interactions lead to the same expiry, which is rounded up to full steps."""
    return (_EPOCH - one) // EXPIRY_STEP == (_EPOCH - other) // EXPIRY_STEP


def meet(contact: Contact, event: Event, expiry: timedelta, *, new_session: bool) -> Contact:
    """Return the contact after an interaction: renewed, counted, and with what the event tells of the person.

    The very same contact comes back when nothing about it has changed.
    """
    identifiers = _with_claims(contact, event)
    names = _names_told(event.traits)
    changes: dict[str, object] = {
        "created_date": min(contact.created_date, event.created_date),
        "expires_date": _renewed(contact.expires_date, event.created_date, expiry),
        "identifiers": identifiers,
        "names": {**contact.names, **names} if names else contact.names,
        "session_count": contact.session_count + new_session,
        "type": _type_of(contact.type, identifiers),
    }
    if all(getattr(contact, name) == value for name, value in changes.items()):
        return contact
    return replace(contact, modified_date=max(contact.modified_date, event.created_date), **changes)  # type: ignore[arg-type]  # names and types are those above


def display_name(names: Mapping[str, object]) -> str | None:
    """Return the name to show for a contact, or None while nobody knows it."""
    return " ".join(str(names[part]) for part in ("firstName", "middleName", "lastName") if names.get(part)) or None


def _renewed(expires: datetime | None, interaction: datetime, expiry: timedelta) -> datetime | None:
    if expires is None:
        return None
    return max(expires, _full_step(interaction + expiry))


def _full_step(date: datetime) -> datetime:
    full = date.replace(minute=0, second=0, microsecond=0)
    return full if full == date else full + EXPIRY_STEP


def _with_claims(contact: Contact, event: Event) -> tuple[tuple[Identifier, datetime], ...]:
    told = dict.fromkeys(replace(claim, value=normalised(claim.type, claim.value)) for claim in event.identifiers)
    held = {(identifier.type, identifier.value) for identifier, _ in contact.identifiers}
    claims = tuple((claim, event.created_date) for claim in told if (claim.type, claim.value) not in held)
    return (*contact.identifiers, *claims)[:MAX_IDENTIFIERS] if claims else contact.identifiers


def _type_of(current: ContactType, identifiers: tuple[tuple[Identifier, datetime], ...]) -> ContactType:
    told = any(identifier.type != "Cookie" for identifier, _ in identifiers)
    return ContactType.IDENTIFIED if current is ContactType.EPHEMERAL and told else current


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
