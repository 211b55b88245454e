"""Conditions as they are written: in the database, in exports, and in the exports of the product that we import from.

{"context": {"patterns": [{"criteria": [{"key", "values", "operator", "shouldIgnoreCase", "entityType": "visit"}]}]},
 "journey": {"patterns": [{"criteria": [...], "count", "streamType", "sessionType", "eventName"}]}}
"""

from collections.abc import Mapping, Sequence

from gateway.journey.conditions import Conditions, Pattern
from gateway.journey.criterion import Criterion, Operator
from gateway.journey.errors import InvalidValue

VISIT = "visit"
"""The entity that every criterion of a context is about."""
FORMER_OPERATORS = {"like": Operator.CONTAINS_ANY, "notLike": Operator.NOT_CONTAINS_ANY}
"""Operators of older exports, and what they have become."""
_OPERATORS = {operator.value: operator for operator in Operator} | FORMER_OPERATORS


def conditions_from(written: Mapping[str, object]) -> Conditions:
    """Return the conditions of a definition; use `check_conditions` on those that come from outside.

    Raises:
        InvalidValue: a part is of another kind than it must be.
    """
    context = _list_of(_mapping(written.get("context"), "context"), "patterns", "context")
    journey = _list_of(_mapping(written.get("journey"), "journey"), "patterns", "journey")
    return Conditions(
        tuple(_criteria(_mapping(one, name), name) for name, one in context.items()),
        tuple(_pattern(_mapping(one, name), name) for name, one in journey.items()),
    )


def written_conditions(conditions: Conditions) -> dict[str, object]:
    """Return conditions as they are stored and exported; reading them gives the same again."""
    return {
        "context": {
            "patterns": [
                {"criteria": [{**_written(one), "entityType": VISIT} for one in criteria]}
                for criteria in conditions.context
            ]
        },
        "journey": {"patterns": [_written_pattern(pattern) for pattern in conditions.journey]},
    }


def _written_pattern(pattern: Pattern) -> dict[str, object]:
    written: dict[str, object] = {
        "criteria": [_written(criterion) for criterion in pattern.criteria],
        "count": pattern.count,
        "streamType": pattern.stream_type,
        "sessionType": pattern.session_type,
    }
    return written if pattern.event_name is None else {**written, "eventName": pattern.event_name}


def _written(criterion: Criterion) -> dict[str, object]:
    return {
        "key": criterion.key,
        "values": list(criterion.values),
        "operator": criterion.operator.value,
        "shouldIgnoreCase": criterion.should_ignore_case,
    }


def _pattern(written: Mapping[str, object], name: str) -> Pattern:
    count = written.get("count", 1)
    event_name = written.get("eventName")
    if isinstance(count, bool) or not isinstance(count, int):
        raise InvalidValue(f"{name}.count", count, "a whole number")
    if event_name is not None and not isinstance(event_name, str):
        raise InvalidValue(f"{name}.eventName", event_name, "a text")
    return Pattern(
        _criteria(written, name),
        count,
        event_name or None,
        _text(written.get("streamType", "Web"), f"{name}.streamType"),
        _text(written.get("sessionType", "web"), f"{name}.sessionType"),
    )


def _criteria(written: Mapping[str, object], name: str) -> tuple[Criterion, ...]:
    listed = _list_of(written, "criteria", name)
    return tuple(_criterion(_mapping(one, place), place) for place, one in listed.items())


def _criterion(written: Mapping[str, object], name: str) -> Criterion:
    operator = written.get("operator", Operator.EQUAL.value)
    if not isinstance(operator, str) or operator not in _OPERATORS:
        raise InvalidValue(f"{name}.operator", operator, f"one of {', '.join(one.value for one in Operator)}")
    ignores_case = written.get("shouldIgnoreCase") or False
    if not isinstance(ignores_case, bool):
        raise InvalidValue(f"{name}.shouldIgnoreCase", ignores_case, "true or false")
    values = _list_of(written, "values", name)
    return Criterion(
        key=_text(written.get("key"), f"{name}.key"),
        values=tuple(_text(value, place) for place, value in values.items()),
        operator=_OPERATORS[operator],
        should_ignore_case=ignores_case,
    )


def _list_of(written: Mapping[str, object], part: str, name: str) -> dict[str, object]:
    """Return the entries of a list by their names, such as journey.patterns[0]; a list that is absent is empty."""
    listed = written.get(part)
    if listed is None:
        return {}
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise InvalidValue(f"{name}.{part}", listed, "a list")
    return {f"{name}.{part}[{place}]": one for place, one in enumerate(listed)}


def _mapping(value: object, name: str) -> Mapping[str, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidValue(name, value, "an object")
    return value


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise InvalidValue(name, value, "a text")
    return value
