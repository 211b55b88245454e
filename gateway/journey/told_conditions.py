"""Conditions as people and files tell them: checked on their way in, with the names of events as they are stored."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from gateway.journey.anchor_index import EVENT_NAME
from gateway.journey.conditions import NEVER, Conditions, Pattern, check_conditions
from gateway.journey.criterion import NUMERIC, Criterion, Operator
from gateway.journey.errors import InvalidValue
from gateway.journey.event_name import asked_name, asked_part
from gateway.journey.segment import SegmentScope

A_NAME = "a name with at least one letter or digit, such as order_completed"
_OF_WHOLE_NAMES = frozenset({Operator.EQUAL, Operator.NOT_EQUAL})
"""Operators that compare the name of an event as a whole; the others look for a part of it."""


def told_conditions(conditions: Conditions, scope: SegmentScope = SegmentScope.SESSION) -> Conditions:
    """Return conditions that come from outside as they are kept; of outcomes the scope is that of sessions.

    Raises:
        InvalidValue: there are none, too many, or one cannot be evaluated, or never met.
    """
    check_conditions(conditions)
    if scope is SegmentScope.CUSTOMER:
        _check_can_be_met(conditions)
    patterns = enumerate(conditions.journey)
    return replace(conditions, journey=tuple(_pattern(one, f"journey.patterns[{place}]") for place, one in patterns))


def told_event_name(name: str, field: str = "eventName") -> str:
    """Return the name under which the events that somebody names so are stored: Order Completed is order_completed.

    Raises:
        InvalidValue: nothing of it can be spelled.
    """
    return _spelled(asked_name, name, field)


def _check_can_be_met(conditions: Conditions) -> None:
    """Refuse what must never occur, which is known when a visit is over: those of a customer never are."""
    for place, pattern in enumerate(conditions.journey):
        if pattern.count == NEVER:
            allowed = (
                "at least 1 in a segment of customers: 0, never, is only known at the end of a session (use Session)"
            )
            raise InvalidValue(f"journey.patterns[{place}].count", NEVER, allowed)


def _pattern(pattern: Pattern, field: str) -> Pattern:
    criteria = enumerate(pattern.criteria)
    return replace(
        pattern,
        event_name=pattern.event_name and told_event_name(pattern.event_name, f"{field}.eventName"),
        criteria=tuple(_criterion(one, f"{field}.criteria[{place}].values") for place, one in criteria),
    )


def _criterion(criterion: Criterion, field: str) -> Criterion:
    if criterion.key != EVENT_NAME or criterion.operator in NUMERIC:
        return criterion
    spell = asked_name if criterion.operator in _OF_WHOLE_NAMES else asked_part
    return replace(criterion, values=_all_spelled(spell, criterion.values, field))


def _all_spelled(spell: Callable[[str], str | None], values: Sequence[str], field: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_spelled(spell, value, field) for value in values))


def _spelled(spell: Callable[[str], str | None], value: str, field: str) -> str:
    spelled = spell(value)
    if spelled is None:
        raise InvalidValue(field, value, A_NAME)
    return spelled
