"""Divisions as people keep them: what can be told of one."""

import re
from collections.abc import Mapping
from datetime import datetime

from gateway.journey.division import HOME
from gateway.journey.errors import InvalidValue
from gateway.journey.field_limits import Check, text
from gateway.journey.record import changed_fields, new_record

MAX_NAME = 200
MAX_DESCRIPTION = 2_000
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_CHECKS: Mapping[str, Check] = {"name": text(MAX_NAME), "description": text(MAX_DESCRIPTION, shortest=0)}
_REQUIRED = ("name",)


def new_division(key: str, told: Mapping[str, object], now: datetime) -> dict[str, object]:
    """Return a new division as it is kept; its key, by which tokens and sign-ins name it, is its id.

    Raises:
        InvalidValue: something is told that cannot be, or the name is missing.
    """
    return {
        "id": division_key("key", key),
        **new_record(_CHECKS, _REQUIRED, told),
        "createdDate": now,
        "modifiedDate": now,
    }


def changed_division(told: Mapping[str, object], now: datetime) -> dict[str, object]:
    """Return what changes of a division; what is to be taken away is None.

    Raises:
        InvalidValue: something is told that cannot be, or the name would be taken away.
    """
    return {**changed_fields(_CHECKS, _REQUIRED, told), "modifiedDate": now}


def division_key(field: str, value: str) -> str:
    """Return the key of a division.

    Raises:
        InvalidValue: it has other characters, or is that of the home division, which is there already.
    """
    if _KEY.fullmatch(value) and value != HOME:
        return value
    allowed = f"1 to 63 small letters, digits, - and _, the first a letter or a digit, and not {HOME}"
    raise InvalidValue(field, value, allowed)
