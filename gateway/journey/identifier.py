"""Identifiers: by what a customer can be recognised."""

from collections.abc import Callable, Mapping
from enum import Enum


class IdentifierType(Enum):
    """Kinds of identifiers; the values are the names of the products that our users come from."""

    COOKIE = "Cookie"
    EMAIL = "Email"
    PHONE = "Phone"
    EXTERNAL_ID = "ExternalId"
    SOCIAL_LINE = "SocialLine"
    SOCIAL_FACEBOOK = "SocialFacebook"
    SOCIAL_TWITTER = "SocialTwitter"
    SOCIAL_WHATSAPP = "SocialWhatsapp"
    SOCIAL_INSTAGRAM = "SocialInstagram"
    APPLE_OPAQUE_ID = "AppleOpaqueId"


def normalised(kind: str, value: str) -> str:
    """Return the value in the one form in which identifiers of this kind are stored and looked for."""
    return _NORMALISERS.get(kind, str.strip)(value)


_NORMALISERS: Mapping[str, Callable[[str], str]] = {
    IdentifierType.EMAIL.value: lambda value: value.strip().casefold(),
}
