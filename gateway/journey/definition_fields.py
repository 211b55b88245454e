"""The fields of segments and outcomes beside their conditions, and what each can have."""

import re
import unicodedata
from collections.abc import Mapping
from enum import Enum

from gateway.journey.errors import InvalidValue
from gateway.journey.field_limits import Check, record_of, text, truth
from gateway.journey.segment import ExternalSegmentSource, SegmentScope

DEFAULT_COLOR = "#4a90e2"
MAX_NAME, MAX_DESCRIPTION = 200, 2_000
MAX_EXPIRATION_DAYS = 3_650
"""Ten years; calendars end, and so does what a date can be added to."""
VALUE_TYPES = ("Number", "Integer")
"""Types of the attribute that an outcome's value is taken from."""

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_VALUE_NAME = re.compile(r"attributes\..{1,200}\.value")


class DefinitionKind(Enum):
    """What is defined."""

    SEGMENT = "segment"
    OUTCOME = "outcome"


def checked_name(value: object) -> str:
    """Return a display name without the space around it; it has no characters that would upset a terminal or a table.

    Raises:
        InvalidValue: it is none.
    """
    return _line("displayName", value)


def checked_fields(kind: DefinitionKind, told: Mapping[str, object]) -> dict[str, object]:
    """Return those of the fields of a definition that are told, as they are stored; None is not told.

    Raises:
        InvalidValue: one has a value that it cannot have.
    """
    return {name: check(name, told[name]) for name, (check, _) in FIELDS[kind].items() if told.get(name) is not None}


def with_defaults(kind: DefinitionKind, told: Mapping[str, object]) -> dict[str, object]:
    """Return the fields that are told of a new definition, with what stands for those that are not."""
    known = {name: value for name, value in told.items() if value is not None}
    defaults = {name: default for name, (_, default) in FIELDS[kind].items() if default is not None}
    if kind is DefinitionKind.SEGMENT and "externalSegment" in known:
        defaults["scope"] = SegmentScope.CUSTOMER.value  # other systems know customers, and nothing of their visits
    return defaults | known


def checked_id(value: object) -> str | None:
    """Return an id, or None where none is told.

    Raises:
        InvalidValue: it is none.
    """
    if value is None or (isinstance(value, str) and _ID.fullmatch(value)):
        return value
    raise InvalidValue("id", value, "1 to 100 letters, digits, hyphens and underscores")


def _without_controls(check: Check, but: str = "") -> Check:
    """Return a check that also refuses control characters, which would upset a terminal or a table, but for these."""

    def check_both(field: str, value: object) -> object:
        checked = check(field, value)
        if any(unicodedata.category(one) == "Cc" and one not in but for one in str(checked)):
            raise InvalidValue(field, value, "without control characters")
        return checked

    return check_both


def _line(field: str, value: object) -> str:
    return str(_without_controls(text(MAX_NAME))(field, value))


_prose = _without_controls(text(MAX_DESCRIPTION, 0), but="\n\r\t")


def _color(field: str, value: object) -> str:
    if not isinstance(value, str) or not _COLOR.fullmatch(value):
        raise InvalidValue(field, value, f"# and six hexadecimal digits, such as {DEFAULT_COLOR}")
    return value.lower()


def _days(field: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_EXPIRATION_DAYS:
        raise InvalidValue(field, value, f"a whole number of days, 0 to {MAX_EXPIRATION_DAYS:,}")
    return value


def _one_of(*allowed: str) -> Check:
    def check(field: str, value: object) -> object:
        if value not in allowed:
            raise InvalidValue(field, value, " or ".join(allowed))
        return value

    return check


def _value_name(field: str, value: object) -> str:
    if not isinstance(value, str) or not _VALUE_NAME.fullmatch(value):
        raise InvalidValue(field, value, "an attribute, such as attributes.total.value")
    return value


def _part(**checks: Check) -> Check:
    """Return the check for a part that must have these fields; others, such as `selfUri`, count for nothing."""
    check_known = record_of(checks, {})

    def check(field: str, value: object) -> object:
        known = {name: value[name] for name in checks if name in value} if isinstance(value, Mapping) else value
        return check_known(field, known)

    return check


FIELDS: Mapping[DefinitionKind, Mapping[str, tuple[Check, object]]] = {
    DefinitionKind.SEGMENT: {
        "displayName": (_line, None),
        "description": (_prose, None),
        "isActive": (truth, True),
        "color": (_color, DEFAULT_COLOR),
        "scope": (_one_of(*(one.value for one in SegmentScope)), SegmentScope.SESSION.value),
        "shouldDisplayToAgent": (truth, True),
        "externalSegment": (
            _part(id=_line, name=_line, source=_one_of(*(one.value for one in ExternalSegmentSource))),
            None,
        ),
        "assignmentExpirationDays": (_days, None),
    },
    DefinitionKind.OUTCOME: {
        "displayName": (_line, None),
        "description": (_prose, None),
        "isActive": (truth, True),
        "isPositive": (truth, True),
        "associatedValueField": (_part(dataType=_one_of(*VALUE_TYPES), name=_value_name), None),
    },
}
"""The fields of each kind, in order, with their checks and what stands for them where a file leaves them out."""
