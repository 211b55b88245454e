"""Identifiers: by what a customer can be recognised, and the one form in which two of them can be compared."""

from collections.abc import Callable, Mapping
from enum import Enum
from functools import lru_cache

from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult, format_number
from phonenumbers import is_possible_number_with_reason as possibility
from phonenumbers import parse as parse_phone

DEFAULT_REGION = "US"
"""Where a telephone number without a country code is dialled (ISO 3166-1 alpha-2), unless the site says otherwise."""
MAX_IDENTIFIER_LENGTH = 255
"""Longer values are no identifiers: nobody can be recognised by them."""


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


def normalised(kind: str, value: str, region: str = DEFAULT_REGION) -> str | None:
    """Return the one form in which identifiers of this kind are compared, or None if the value has no such form.

    What has none is kept as it was typed, and never matches. The form of a form is itself, so that a value that has
    none is not met by looking for one that has. `region` is where a telephone number without country code is dialled.
    """
    form = _FORMS.get(kind, _stripped)(value, region)
    return form if form and len(form) <= MAX_IDENTIFIER_LENGTH else None


def _stripped(value: str, _region: str) -> str:
    return value.strip()


def _email(value: str, _region: str) -> str | None:
    # lower(), not casefold(): that would make one mailbox of strasse@ and straße@
    address = value.strip().lower()
    name, _, domain = address.partition("@")
    is_plausible = name and domain and "@" not in domain and not any(character.isspace() for character in address)
    return address if is_plausible else None


@lru_cache(maxsize=8_192)  # every event of a visit may tell the same number again
def _phone(value: str, region: str) -> str | None:
    """Return E.164, with the extension behind it where there is one (RFC 3966): colleagues are not one customer.

    A possible number is enough: whether it is in use changes with every numbering plan, and E.164 does not need it.
    """
    form = _e164(value, region)
    # a few that nobody has, such as +61000000, would be read as yet another number
    return form if form and _e164(form, region) == form else None


def _e164(value: str, region: str) -> str | None:
    try:
        number = parse_phone(value, region)
    except NumberParseException:
        return None
    if possibility(number) != ValidationResult.IS_POSSIBLE:  # such as a number that can be dialled in its town only
        return None
    extension = f";ext={number.extension}" if number.extension else ""
    return format_number(number, PhoneNumberFormat.E164) + extension


_FORMS: Mapping[str, Callable[[str, str], str | None]] = {
    IdentifierType.EMAIL.value: _email,
    IdentifierType.PHONE.value: _phone,
}
