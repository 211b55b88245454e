"""The record that people keep of a customer: what its fields and identifiers can be."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.journey.address import address
from gateway.journey.contact import MAX_IDENTIFIERS, MAX_NAME_LENGTH, Contact, ContactType, HeldIdentifier
from gateway.journey.contact import held_identifier as held
from gateway.journey.errors import InvalidValue
from gateway.journey.event import Identifier
from gateway.journey.field_limits import Check, custom_fields, text, web_address
from gateway.journey.identifier import DEFAULT_REGION, MAX_IDENTIFIER_LENGTH, IdentifierType
from gateway.journey.record import changed_fields, new_record

IDENTIFIERS = "identifiers"
MOST_OF_A_TYPE: Mapping[str, int] = {
    IdentifierType.SOCIAL_LINE.value: 1,
    IdentifierType.SOCIAL_FACEBOOK.value: 1,
    IdentifierType.SOCIAL_INSTAGRAM.value: 1,
    IdentifierType.APPLE_OPAQUE_ID.value: 10,
    IdentifierType.EXTERNAL_ID.value: 10,
}
"""How many identifiers of a type a contact may be given by hand; of all together, MAX_IDENTIFIERS."""
_COOKIE = IdentifierType.COOKIE.value


def truth(field: str, value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise InvalidValue(field, value, "true or false")
    return value


CONTACT_CHECKS: Mapping[str, Check] = {
    "firstName": text(MAX_NAME_LENGTH),
    "middleName": text(MAX_NAME_LENGTH),
    "lastName": text(MAX_NAME_LENGTH),
    "salutation": text(MAX_NAME_LENGTH),
    "title": text(MAX_NAME_LENGTH),
    "address": address,
    "externalOrganizationId": text(MAX_NAME_LENGTH),
    "surveyOptOut": truth,
    "externalSystemUrl": web_address,
    "customFields": custom_fields,
}
"""The fields of a contact, and the check of each."""


def contact_fields(told: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of a new contact as they are kept; what is null or empty is left out.

    Raises:
        InvalidValue: a field has a value that it cannot have.
    """
    return new_record(CONTACT_CHECKS, (), told)


def changed_contact_fields(told: Mapping[str, object]) -> dict[str, object]:
    """Return the fields to change as they are kept; one that is to be taken away is None.

    Raises:
        InvalidValue: a field has a value that it cannot have.
    """
    return changed_fields(CONTACT_CHECKS, (), told)


def told_identifier(field: str, told: Mapping[str, object], source: str, *, cookies: bool = False) -> Identifier:
    """Return an identifier as it was told: {type, value, verified?}.

    Raises:
        InvalidValue: it has no type or value that it can have; or it is a cookie, and those are not wanted.
    """
    kind = told.get("type")
    wanted = [type_.value for type_ in IdentifierType if cookies or type_ is not IdentifierType.COOKIE]
    if kind not in wanted:
        raise InvalidValue(f"{field}.type", kind, f"one of {', '.join(wanted)}")
    value = text(MAX_IDENTIFIER_LENGTH)(f"{field}.value", told.get("value"))
    verified = truth(f"{field}.verified", told.get("verified") or False)
    return Identifier(str(kind), str(value), verified, source)


def told_identifiers(field: str, told: object, source: str, *, cookies: bool = False) -> tuple[Identifier, ...]:
    """Return a list of identifiers as they were told.

    Raises:
        InvalidValue: it is no list of identifiers, or there are too many.
    """
    if not isinstance(told, Sequence) or isinstance(told, str) or len(told) > MAX_IDENTIFIERS:
        raise InvalidValue(field, told, f"a list of at most {MAX_IDENTIFIERS} identifiers")
    places = [(f"{field}[{number}]", one) for number, one in enumerate(told)]
    return tuple(told_identifier(place, _object(place, one), source, cookies=cookies) for place, one in places)


def with_held(
    before: Sequence[HeldIdentifier], claims: Iterable[Identifier], at: datetime, region: str = DEFAULT_REGION
) -> tuple[HeldIdentifier, ...]:
    """Return the identifiers of a contact after these were added by hand, each once; what is there stays as it is.

    One that is there, and now is told as verified, becomes verified.

    Raises:
        InvalidValue: there would be more than a contact may be given.
    """
    now = {one.key: one for one in before}
    for claim in claims:
        told = held(claim, at, region)
        known = now.setdefault(told.key, told)
        if told.is_verified and not known.is_verified:
            now[told.key] = replace(known, is_verified=True, source=told.source)
    after = tuple(now.values())
    _check_numbers(before, after)
    return after


def curated_contact(
    contact_id: str,
    fields: Mapping[str, object],
    claims: Iterable[Identifier],
    at: datetime,
    region: str = DEFAULT_REGION,
) -> Contact:
    """Return a new contact that is kept by hand; it never expires.

    Raises:
        InvalidValue: it is given too many identifiers.
    """
    identifiers = with_held((), claims, at, region)
    return Contact(contact_id, at, at, None, ContactType.CURATED, identifiers, fields)


def rewritten(
    contact: Contact,
    changes: Mapping[str, object],
    claims: Sequence[Identifier] | None,
    at: datetime,
    region: str = DEFAULT_REGION,
) -> Contact:
    """Return the contact after a person changed it: None takes a field away, claims take the place of its identifiers.

    Its cookies stay: they belong to its visits. The very same contact comes back when nothing changes.

    Raises:
        InvalidValue: it is given too many identifiers.
    """
    fields = {name: value for name, value in {**contact.fields, **changes}.items() if value is not None}
    identifiers = contact.identifiers
    if claims is not None:
        told = {held(claim, at, region).key for claim in claims}
        stay = [one for one in identifiers if one.type == _COOKIE or one.key in told]
        identifiers = with_held(stay, claims, at, region)
    if fields == contact.fields and identifiers == contact.identifiers:
        return contact
    return replace(contact, fields=fields, identifiers=identifiers, modified_date=at)


def matchable(identifiers: Iterable[HeldIdentifier]) -> set[tuple[str, str]]:
    """Return the keys by which a contact can be found in the register: no cookies, nothing without a normal form."""
    return {one.key for one in identifiers if one.is_normalised and one.type != _COOKIE}


def _check_numbers(before: Sequence[HeldIdentifier], after: Sequence[HeldIdentifier]) -> None:
    were, are = (Counter(one.type for one in some) for some in (before, after))
    for type_, most in MOST_OF_A_TYPE.items():
        if are[type_] > max(most, were[type_]):
            values = ", ".join(one.value for one in after if one.type == type_)
            raise InvalidValue(IDENTIFIERS, values, f"at most {most} of type {type_}")
    if are.total() > max(MAX_IDENTIFIERS, were.total()):
        raise InvalidValue(IDENTIFIERS, are.total(), f"at most {MAX_IDENTIFIERS} identifiers")


def _object(field: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise InvalidValue(field, value, "an object of type, value and verified")
    return value
