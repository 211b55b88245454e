"""The enumerations of the domain, described for GraphQL; fields are annotated with the domain's own classes."""

from collections.abc import Mapping
from enum import Enum

import strawberry

from gateway.journey.contact import ContactType
from gateway.journey.identifier import IdentifierType
from gateway.journey.presence import Presence


def _describe(kind: type[Enum], description: str, values: Mapping[Enum, str]) -> None:
    strawberry.enum(kind, description=description)
    for value in kind.__strawberry_definition__.values:  # type: ignore[attr-defined]  # set by the line above
        value.description = values[kind[value.name]]


_describe(
    ContactType,
    "What kind of contact it is, by how it came to be.",
    {
        ContactType.EPHEMERAL: "A visitor nobody knows yet.",
        ContactType.IDENTIFIED: "Recognised by an identifier that was given.",
        ContactType.CURATED: "Kept by hand.",
    },
)
_describe(
    Presence,
    "Whether the customer is there, told by the time since the last event.",
    {
        Presence.LIVE: "An event in the last 45 s.",
        Presence.AWAY: "An event in the last 60 s, but none in the last 45 s.",
        Presence.INACTIVE: "No event in the last 60 s.",
    },
)
_describe(
    IdentifierType,
    "By what a customer can be recognised.",
    {
        IdentifierType.COOKIE: "The visitor id that the tag keeps in the browser: anonymousId.",
        IdentifierType.EMAIL: "An e-mail address.",
        IdentifierType.PHONE: "A telephone number.",
        IdentifierType.EXTERNAL_ID: "The id that the site itself gives its customer: userId.",
        IdentifierType.SOCIAL_LINE: "An account at LINE.",
        IdentifierType.SOCIAL_FACEBOOK: "An account at Facebook.",
        IdentifierType.SOCIAL_TWITTER: "An account at X, formerly Twitter.",
        IdentifierType.SOCIAL_WHATSAPP: "An account at WhatsApp.",
        IdentifierType.SOCIAL_INSTAGRAM: "An account at Instagram.",
        IdentifierType.APPLE_OPAQUE_ID: "The id by which Apple Messages for Business names a customer.",
    },
)

__all__ = ["ContactType", "IdentifierType", "Presence"]
