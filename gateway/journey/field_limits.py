"""Checks of what people write into the fields of a record, shared by all kinds of records.

A check takes the name of the field and the value, returns the value as it is kept, and raises InvalidValue.
"""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from gateway.journey.errors import InvalidValue

Check = Callable[[str, object], object]

MAX_URL = 1000
MAX_CUSTOM_FIELDS = 100
MAX_CUSTOM_NAME = 100
MAX_CUSTOM_TEXT = 4000
MAX_NUMBER = 2**53
"""Beyond it a JavaScript client cannot read a number exactly."""


def text(longest: int, shortest: int = 1) -> Check:
    """Return the check for a text of so many characters, which is trimmed first."""
    allowed = f"{shortest:,} to {longest:,} characters of Unicode"

    def check(field: str, value: object) -> str:
        told = value.strip() if isinstance(value, str) else ""
        if not isinstance(value, str) or not shortest <= len(told) <= longest or not _can_be_stored(told):
            raise InvalidValue(field, value, allowed)
        return told

    return check


def web_address(field: str, value: object) -> str:
    """Return an http(s) address of up to 1,000 characters."""
    address = text(MAX_URL)(field, value)
    if not isinstance(address, str) or not has_host(address, ("http", "https")):
        raise InvalidValue(field, value, "a web address, such as https://shop.example/")
    return address


def has_host(address: str, schemes: Sequence[str]) -> bool:
    """Tell whether the text is an address of one of these schemes, with a host and without spaces."""
    try:
        parts = urlsplit(address)
        return parts.scheme in schemes and bool(parts.hostname) and not any(map(str.isspace, address))
    except ValueError:
        return False


def count(field: str, value: object) -> int:
    """Return a whole number that is not negative."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_NUMBER:
        raise InvalidValue(field, value, f"a whole number from 0 to {MAX_NUMBER:,}")
    return value


def amount(field: str, value: object) -> float:
    """Return a number that is not negative."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= MAX_NUMBER:
        raise InvalidValue(field, value, f"a number from 0 to {MAX_NUMBER:,}")
    return value


def truth(field: str, value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise InvalidValue(field, value, "true or false")
    return value


def list_of(check: Check, longest: int) -> Check:
    """Return the check for a list of so many entries at most; each is checked, and kept once."""

    def check_all(field: str, value: object) -> list[object]:
        if not isinstance(value, list) or len(value) > longest:
            raise InvalidValue(field, value, f"a list of at most {longest} entries")
        kept: list[object] = []
        for entry in value:
            checked = check(field, entry)
            if checked not in kept:
                kept.append(checked)
        return kept

    return check_all


def record_of(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    """Return the check for a part with these fields."""
    checks = {**required, **optional}

    def check(field: str, value: object) -> dict[str, object]:
        if not isinstance(value, Mapping) or set(value) - set(checks):
            raise InvalidValue(field, value, f"an object of {', '.join(checks)}")
        told = {name: given for name, given in value.items() if given is not None or name in required}
        return {name: checks[name](f"{field}.{name}", told.get(name)) for name in checks if name in {*told, *required}}

    return check


def custom_fields(field: str, value: object) -> dict[str, object]:
    """Return custom fields: up to 100 names, each with a text, a number or a truth value; null takes one away."""
    if not isinstance(value, Mapping) or len(value) > MAX_CUSTOM_FIELDS:
        raise InvalidValue(field, value, f"an object of at most {MAX_CUSTOM_FIELDS} names")
    return {_custom_name(field, name): _custom(f"{field}.{name}", v) for name, v in value.items() if v is not None}


def _custom_name(field: str, name: object) -> str:
    if not isinstance(name, str) or not 1 <= len(name) <= MAX_CUSTOM_NAME or not _can_be_stored(name):
        raise InvalidValue(field, name, f"an object whose names have 1 to {MAX_CUSTOM_NAME} characters")
    if "\0" in name or "." in name or name.startswith("$"):
        raise InvalidValue(field, name, "an object whose names have no dot, and no dollar sign at the start")
    return name


def _custom(field: str, value: object) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and abs(value) <= MAX_NUMBER:
        return value
    if isinstance(value, str) and len(value) <= MAX_CUSTOM_TEXT and _can_be_stored(value):
        return value
    raise InvalidValue(field, value, f"a text of at most {MAX_CUSTOM_TEXT:,} characters, a number, true or false")


def _can_be_stored(told: str) -> bool:
    """Tell whether it is Unicode: JSON can bring half a surrogate pair, which no database takes."""
    return not any("\ud800" <= character <= "\udfff" for character in told)
