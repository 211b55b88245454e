"""Write keys: what can be set of them, each with its check."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from gateway.journey.errors import InvalidValue
from gateway.journey.field_limits import Check, list_of, text, truth

MAX_NAME = 200
MAX_ENTRIES = 100
MAX_PARAMETER = 100
MAX_HOST = 253
EVERYWHERE = "*"
_DOMAIN = re.compile(r"(\*\.)?[^\s/:@?#*]+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")


def origin(field: str, value: object) -> str:
    """Return an origin as browsers send it, in lower case and without a slash at its end, or `*` for all.

    Raises:
        InvalidValue: it is something else, such as the address of a page.
    """
    allowed = "scheme and host, such as https://shop.example, or *"
    told = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(told)
        is_origin = bool(_SCHEME.fullmatch(parts.scheme) and parts.hostname) and parts.username is None
        port_is_number = parts.port is None or parts.port >= 0
    except ValueError:
        raise InvalidValue(field, value, allowed) from None
    beyond = parts.path.removeprefix("/") + parts.query + parts.fragment
    if told == EVERYWHERE or (is_origin and port_is_number and not beyond and len(told) <= 2 * MAX_HOST):
        return told.lower().rstrip("/")
    raise InvalidValue(field, value, allowed)


def domain(field: str, value: object) -> str:
    """Return a domain in lower case.

    Raises:
        InvalidValue: it is something else, such as a URL.
    """
    told = value.strip() if isinstance(value, str) else ""
    if len(told) <= MAX_HOST and _DOMAIN.fullmatch(told):
        return told.lower()
    raise InvalidValue(field, value, "a host without scheme and path, such as shop.example")


WRITE_KEY_FIELDS: Mapping[str, Check] = {
    "name": text(MAX_NAME),
    "allowedOrigins": list_of(origin, MAX_ENTRIES),
    "allowedDomains": list_of(domain, MAX_ENTRIES),
    "searchParameters": list_of(text(MAX_PARAMETER), MAX_ENTRIES),
    "excludedQueryParameters": list_of(text(MAX_PARAMETER), MAX_ENTRIES),
    "keepFragment": truth,
    "acceptRobots": truth,
}
"""What can be set of a write key, and the check of each. An empty list is a value of its own: nothing of the kind."""


def write_key_settings(told: Mapping[str, object]) -> dict[str, object]:
    """Return what is told of a write key, as it is kept.

    Raises:
        InvalidValue: a field has a value that it cannot have.
    """
    for name, value in told.items():
        if value is None:
            raise InvalidValue(name, None, "left out, or given")
    return {name: WRITE_KEY_FIELDS[name](name, value) for name, value in told.items()}
