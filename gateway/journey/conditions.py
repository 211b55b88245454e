"""Conditions: what must be true of a visit, and happen in it, before a definition is met.

The criteria of the context ask about the visit, those of the journey's patterns about its events. All criteria of a
pattern, and all of the context, must hold. Patterns are looked for one after the other, each as often as its count
says; an event counts for one pattern alone. A pattern with the count 0 must never occur: such conditions are met when
the visit is over.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.journey.criterion import NUMERIC, Criterion, number_of
from gateway.journey.criterion_keys import is_context_key, is_journey_key
from gateway.journey.errors import InvalidValue

NEVER = 0
"""The count of a pattern that must not occur."""
MAX_PATTERNS, MAX_CRITERIA, MAX_VALUES = 20, 20, 100
MAX_COUNT = 1_000
MAX_CHARACTERS = 1_000
"""Of a value, a key or the name of an event."""
STREAM_TYPES = {"Web": "web", "App": "app"}
"""Streams of events that a pattern may look at, and the session type of each; the old product accepts no others."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Events of one kind. `event_name` None stands for every name; `stream_type` is told for its import alone."""

    criteria: tuple[Criterion, ...] = ()
    count: int = 1
    event_name: str | None = None
    stream_type: str = "Web"
    session_type: str = "web"

    @property
    def is_never(self) -> bool:
        """Whether it must not occur."""
        return self.count == NEVER


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a segment or an outcome asks for."""

    context: tuple[tuple[Criterion, ...], ...] = ()
    journey: tuple[Pattern, ...] = ()

    @property
    def about_visit(self) -> tuple[Criterion, ...]:
        """Every criterion about the visit."""
        return tuple(criterion for pattern in self.context for criterion in pattern)

    @property
    def sequence(self) -> tuple[Pattern, ...]:
        """The patterns that must occur, in order."""
        return tuple(pattern for pattern in self.journey if not pattern.is_never)

    @property
    def nevers(self) -> tuple[Pattern, ...]:
        """The patterns that must not occur."""
        return tuple(pattern for pattern in self.journey if pattern.is_never)


def check_conditions(conditions: Conditions) -> Conditions:
    """Return conditions that can be evaluated.

    Raises:
        InvalidValue: there are none, too many, or one has a key, a value or a count that makes no sense.
    """
    if not conditions.about_visit and not conditions.journey:
        raise InvalidValue("journey", None, "at least one pattern, unless the context has a criterion")
    _check_number("context.patterns", conditions.context, MAX_PATTERNS)
    _check_number("journey.patterns", conditions.journey, MAX_PATTERNS)
    for place, criteria in enumerate(conditions.context):
        _check_criteria(f"context.patterns[{place}]", criteria, is_context_key, A_CONTEXT_KEY)
    for place, pattern in enumerate(conditions.journey):
        _check_pattern(f"journey.patterns[{place}]", pattern)
    return conditions


def _check_pattern(name: str, pattern: Pattern) -> None:
    if not NEVER <= pattern.count <= MAX_COUNT:
        raise InvalidValue(f"{name}.count", pattern.count, f"from {NEVER}, which means never, to {MAX_COUNT}")
    if pattern.stream_type not in STREAM_TYPES:
        raise InvalidValue(f"{name}.streamType", pattern.stream_type, f"one of {', '.join(STREAM_TYPES)}")
    if pattern.session_type != STREAM_TYPES[pattern.stream_type]:
        allowed = f"{STREAM_TYPES[pattern.stream_type]} with the streamType {pattern.stream_type}"
        raise InvalidValue(f"{name}.sessionType", pattern.session_type, allowed)
    if not pattern.criteria and pattern.event_name is None:
        raise InvalidValue(f"{name}.criteria", None, "at least one criterion where there is no eventName")
    _check_length(f"{name}.eventName", pattern.event_name or "")
    _check_criteria(name, pattern.criteria, is_journey_key, A_JOURNEY_KEY)


def _check_criteria(name: str, criteria: Sequence[Criterion], is_key: Callable[[str], bool], allowed: str) -> None:
    _check_number(f"{name}.criteria", criteria, MAX_CRITERIA)
    for place, criterion in enumerate(criteria):
        _check_criterion(f"{name}.criteria[{place}]", criterion, is_key, allowed)


def _check_criterion(name: str, criterion: Criterion, is_key: Callable[[str], bool], allowed: str) -> None:
    if not is_key(criterion.key):
        raise InvalidValue(f"{name}.key", criterion.key, allowed)
    if not criterion.values or not all(criterion.values):
        raise InvalidValue(f"{name}.values", list(criterion.values), "at least one text, none of them empty")
    _check_number(f"{name}.values", criterion.values, MAX_VALUES)
    for told in (criterion.key, *criterion.values):
        _check_length(name, told)
    if criterion.operator in NUMERIC and number_of(criterion.values[0]) is None:
        raise InvalidValue(f"{name}.values", criterion.values[0], f"a number, as {criterion.operator.value} compares")


def _check_number(name: str, listed: Sequence[object], most: int) -> None:
    if len(listed) > most:
        raise InvalidValue(name, f"{len(listed)} entries", f"at most {most}")


def _check_length(name: str, told: str) -> None:
    if len(told) > MAX_CHARACTERS or any("\ud800" <= character <= "\udfff" for character in told):
        raise InvalidValue(name, told, f"texts of at most {MAX_CHARACTERS:,} characters of Unicode")


A_CONTEXT_KEY = "a key of visits, such as device.category or mktCampaign.source"
A_JOURNEY_KEY = "a key of events, such as eventName, page.url, searchQuery or attributes.<name>.value"
