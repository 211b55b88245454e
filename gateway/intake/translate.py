"""From the wire to the domain: one tracking call becomes one event. It runs once per event, so it stays cheap."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from gateway.intake.consent import read_consent
from gateway.intake.untyped import part_of, text_of
from gateway.intake.verification import Claim, verified_claims
from gateway.intake.visit import read_visit
from gateway.journey.event import NOTHING, SEARCH_PERFORMED, SITE, VISITOR, CustomerIdType, Event, Identifier
from gateway.journey.event_name import event_name
from gateway.journey.ids import derive_id
from gateway.journey.page import split_url
from gateway.journey.search import search_query
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent

MAX_IDENTIFIER_LENGTH = 255
VERIFICATION = "verification"
"""Where in the context a site vouches for what the call claims; it is looked at here, and stored nowhere."""

IDENTIFYING_TRAITS: Mapping[str, str] = {
    "email": "Email",
    "phone": "Phone",
    "cellPhone": "Phone",
    "homePhone": "Phone",
    "workPhone": "Phone",
    "otherPhone": "Phone",
}
"""Traits by which a customer can be recognised, and the type of identifier that each is."""

FIELDS_OF_PAGE = frozenset(("keywords", "path", "referrer", "search", "title", "url"))
"""Properties of a page call that describe the page; the others are attributes of the event."""


class Place(NamedTuple):
    """Where in the site a call was made: the page as it is stored, its address and the address before it."""

    page: Mapping[str, object] | None
    url: str | None
    referrer_url: str | None


def translate(timed: TimedEvent, delivery: Delivery) -> Event:
    """Return the event that a tracking call of this delivery stands for.

    Raises:
        ValueError: the call names no visitor; the collector refuses such calls.
    """
    wire = timed.wire
    name = event_name(wire.type, wire.event or wire.name)
    customer_id, customer_id_type = _customer(wire)
    place = _place(wire)
    traits = _traits(wire)
    sender = (delivery.ip_address, delivery.user_agent)
    return Event(
        id=derive_id("event", delivery.write_key.id, wire.messageId),
        message_id=wire.messageId,
        customer_id=customer_id,
        customer_id_type=customer_id_type,
        event_name=name,
        created_date=timed.created_date,
        received_date=delivery.received_date,
        page=place.page,
        referrer_url=place.referrer_url,
        search_query=_search_query(wire, place, delivery) if name == SEARCH_PERFORMED else None,
        attributes=_attributes(wire),
        traits=traits,
        identifiers=_identifiers(wire, traits, delivery),
        consent=read_consent(wire.context, delivery.received_date) if "consent" in wire.context else None,
        tell_visit=lambda: read_visit(wire.context, place.url, place.referrer_url, sender),
        division_id=delivery.write_key.division_id,
    )


def _customer(wire: WireEvent) -> tuple[str, CustomerIdType]:
    if wire.anonymousId:
        return wire.anonymousId, "cookie"
    if wire.userId:
        return wire.userId, "externalId"
    raise ValueError(f"message {wire.messageId!r} names no visitor; send it with anonymousId or userId")


def _place(wire: WireEvent) -> Place:
    """Read the page from the context; a page call may tell it by its properties instead, as back ends do."""
    context = part_of(wire.context, "page")
    properties = wire.properties if wire.type == "page" else NOTHING
    url = text_of(context, "url", None) or text_of(properties, "url", None)
    page = {
        "url": url,
        "title": text_of(context, "title") or text_of(properties, "title"),
        "keywords": _keywords(context) or _keywords(properties),
        "lang": text_of(context, "lang"),
    }
    referrer_url = text_of(context, "referrer", None) or text_of(properties, "referrer", None)
    return Place({name: value for name, value in page.items() if value} or None, url, referrer_url)


def _keywords(page: Mapping[str, object]) -> str | None:
    listed = page.get("keywords")
    if isinstance(listed, list):
        return ", ".join(word for word in listed if isinstance(word, str)) or None
    return text_of(page, "keywords")


def _search_query(wire: WireEvent, place: Place, delivery: Delivery) -> str | None:
    query_string = split_url(place.url).query if place.url else ""
    return search_query(wire.properties, query_string, delivery.write_key.search_parameters)


def _attributes(wire: WireEvent) -> Mapping[str, object]:
    match wire.type:
        case "page" | "screen":
            return _attributes_of_page(wire)
        case "group":
            return {**wire.traits, **wire.properties} | _told("groupId", wire.groupId)
        case "alias":
            return wire.properties | _told("previousId", wire.previousId)
        case _:
            return wire.properties


def _attributes_of_page(wire: WireEvent) -> dict[str, object]:
    attributes = {name: value for name, value in wire.properties.items() if name not in FIELDS_OF_PAGE}
    return attributes | _told("name", wire.name)


def _told(name: str, value: str | None) -> dict[str, object]:
    return {name: value} if value else {}


def _traits(wire: WireEvent) -> Mapping[str, object]:
    """Return what is told of the person: traits of a group call describe the group instead."""
    known = part_of(wire.context, "traits")
    return {**known, **wire.traits} if wire.type == "identify" else known


def _identifiers(wire: WireEvent, traits: Mapping[str, object], delivery: Delivery) -> tuple[Identifier, ...]:
    claims = _claims(wire, traits)
    verified: Collection[Claim] = ()
    if VERIFICATION in wire.context:
        verified = verified_claims(wire.context[VERIFICATION], claims, delivery.write_key, delivery.received_date)
    return tuple(_identifier(claim, verified=claim in verified) for claim in claims)


def _identifier(claim: Claim, *, verified: bool) -> Identifier:
    return Identifier(*claim, verified=verified, source=SITE if verified else VISITOR)


def _claims(wire: WireEvent, traits: Mapping[str, object]) -> Collection[Claim]:
    """Return whom the call claims to be about, each claim once, in order."""
    told = [("Cookie", wire.anonymousId), ("ExternalId", wire.userId)]
    if traits:
        told += [(kind, text_of(traits, name)) for name, kind in IDENTIFYING_TRAITS.items()]
    return dict.fromkeys((kind, value) for kind, value in told if value and len(value) <= MAX_IDENTIFIER_LENGTH)
