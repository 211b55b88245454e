"""Records that people keep by hand: what is told of one is checked, field by field, before it is stored."""

from collections.abc import Mapping

from gateway.journey.errors import InvalidValue
from gateway.journey.field_limits import Check


def new_record(checks: Mapping[str, Check], required: tuple[str, ...], told: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of a new record as they are kept; what is null or empty is left out.

    Raises:
        InvalidValue: a value is outside of the limits, or a required one is missing.
    """
    for name in required:
        if told.get(name) is None:
            raise InvalidValue(name, None, "given")
    return {name: value for name, value in _checked(checks, told).items() if value not in _EMPTY}


def changed_fields(
    checks: Mapping[str, Check], required: tuple[str, ...], told: Mapping[str, object]
) -> dict[str, object]:
    """Return the fields to change as they are kept; one that is to be taken away is None.

    Raises:
        InvalidValue: a value is outside of the limits, or a required one would be taken away.
    """
    for name in required:
        if name in told and told[name] is None:
            raise InvalidValue(name, None, "left out, or given")
    return {name: None if value in _EMPTY else value for name, value in _checked(checks, told).items()}


def _checked(checks: Mapping[str, Check], told: Mapping[str, object]) -> dict[str, object]:
    return {name: None if value is None else checks[name](name, value) for name, value in told.items()}


_EMPTY: tuple[object, ...] = (None, [], {})
