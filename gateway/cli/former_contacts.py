"""Contacts as objects: those of our own export, and those of the product that our users come from (ExternalContact)."""

from collections.abc import Callable, Iterator, Mapping

from gateway.cli.contact_columns import IDENTIFIER_TYPES, Told
from gateway.journey.contact import CONTACT_FIELDS
from gateway.journey.errors import InvalidValue
from gateway.journey.identifier import DEFAULT_REGION, IdentifierType, normalised

Given = Mapping[str, object]
PHONES = ("workPhone", "cellPhone", "homePhone", "otherPhone")
EMAILS = ("workEmail", "personalEmail", "otherEmail")
ACCOUNTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "twitterId": (IdentifierType.SOCIAL_TWITTER.value, ("id", "screenName")),
    "lineId": (IdentifierType.SOCIAL_LINE.value, ("userId", "id")),
    "whatsAppId": (IdentifierType.SOCIAL_WHATSAPP.value, ("phoneNumber", "id")),
    "facebookId": (IdentifierType.SOCIAL_FACEBOOK.value, ("scopedId", "userId", "id")),
    "instagramId": (IdentifierType.SOCIAL_INSTAGRAM.value, ("scopedId", "userId", "id")),
    "appleOpaqueIds": (IdentifierType.APPLE_OPAQUE_ID.value, ("opaqueId", "id")),
}
"""Fields with accounts elsewhere: the type of identifier, and where its value stands in an account, best first."""


class ExternalIds:
    """Which external ids count: those of one source. Two sources may know two people by the same id."""

    def __init__(self, source: str | None) -> None:
        self._wanted = source
        self._seen: str | None = None

    def counts(self, source: str) -> bool:
        """Tell whether the ids of this source count.

        Raises:
            InvalidValue: nobody said which source counts, and this is a second one.
        """
        if self._wanted is not None or not source:
            return self._wanted in {None, source}
        if self._seen not in {None, source}:
            allowed = f"one source, such as {self._seen!r}: say which with --external-source"
            raise InvalidValue("externalIds.externalSource", source, allowed)
        self._seen = source
        return True


def told_by_object(given: Given, external_ids: ExternalIds, region: str = DEFAULT_REGION) -> Told:
    """Return what an object tells; what we keep nothing of, such as merge sets, dates and schemas, is passed over.

    Raises:
        InvalidValue: its external ids are of more than one source.
    """
    told: Told = {name: given[name] for name in (*CONTACT_FIELDS, "id", "type") if given.get(name) is not None}
    if isinstance(address := told.get("address"), Mapping):
        told["address"] = {name: value for name, value in address.items() if value not in _NOTHING}
    told |= _organization(given.get("externalOrganization"))
    identifiers = [one for read in _READERS for one in read(given, external_ids, region)]
    seen = {(one["type"], one["value"]): one for one in identifiers}
    told = {name: value for name, value in told.items() if value not in _NOTHING}
    return {**told, "identifiers": list(seen.values())} if seen else told


def _organization(given: object) -> Told:
    if not isinstance(given, Mapping):
        return {}
    names = {"organizationId": given.get("id"), "organization": given.get("name")}
    return {name: value for name, value in names.items() if value}


def _listed(given: Given, external_ids: ExternalIds, _region: str) -> Iterator[Told]:
    for one in _objects(given.get("identifiers")):
        if one.get("type") not in IDENTIFIER_TYPES and one.get("type") != IdentifierType.COOKIE.value:
            raise InvalidValue("identifiers.type", one.get("type"), f"one of {', '.join(IDENTIFIER_TYPES)}")
        if one["type"] in IDENTIFIER_TYPES and external_ids.counts(_source(one)):
            yield {name: one[name] for name in ("type", "value", "verified") if name in one}


def _emails(given: Given, _external_ids: ExternalIds, _region: str) -> Iterator[Told]:
    for name in EMAILS:
        if given.get(name):
            yield {"type": IdentifierType.EMAIL.value, "value": given[name]}


def _phones(given: Given, _external_ids: ExternalIds, region: str) -> Iterator[Told]:
    for name in PHONES:
        if number := _phone(given.get(name), region):
            yield {"type": IdentifierType.PHONE.value, "value": number}


def _accounts(given: Given, _external_ids: ExternalIds, region: str) -> Iterator[Told]:
    for name, (type_, places) in ACCOUNTS.items():
        for account in _objects(given.get(name)):
            inner = _objects(account.get("ids")) or [account]
            for one in inner:
                value = next((one[place] for place in places if one.get(place)), None)
                number = _phone(value, region) if isinstance(value, Mapping) else value
                if number:
                    yield {"type": type_, "value": number}


def _external(given: Given, external_ids: ExternalIds, _region: str) -> Iterator[Told]:
    for one in _objects(given.get("externalIds")):
        if external_ids.counts(_source(one)):
            yield {"type": IdentifierType.EXTERNAL_ID.value, "value": one.get("value")}


def _phone(given: object, region: str) -> object:
    """Return a number of the former product: E.164 or what was typed, in the country where it was."""
    if not isinstance(given, Mapping):
        return given
    extension = f";ext={given['extension']}" if given.get("extension") else ""
    if given.get("e164"):
        return f"{given['e164']}{extension}"
    typed = given.get("userInput") or given.get("display")
    if not isinstance(typed, str):
        return typed
    country = given.get("normalizationCountryCode") or region
    return normalised(IdentifierType.PHONE.value, typed + extension, str(country)) or typed


def _source(one: Given) -> str:
    source = one.get("externalSource")
    named = source.get("name") or source.get("id") if isinstance(source, Mapping) else source
    return str(named or "")


def _objects(given: object) -> list[Given]:
    listed = given if isinstance(given, list) else [given]
    return [one if isinstance(one, Mapping) else {"id": one} for one in listed if one]


_NOTHING: tuple[object, ...] = (None, "", {}, [])
_READERS: tuple[Callable[[Given, ExternalIds, str], Iterator[Told]], ...] = (
    _listed,
    _emails,
    _phones,
    _accounts,
    _external,
)
