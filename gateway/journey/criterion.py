"""Criteria: one question about a visit or an event, such as whether the address of the page contains a word.

Keys and operators are those of the product whose definitions we import. What is not told, as the search query of a page
view, fits no operator but the negative ones.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

Holds = Callable[[object], bool]
"""Whether a criterion holds for a value of its key; None is a value that was not told."""


class Operator(Enum):
    """How the value of a key is compared with the values of a criterion."""

    CONTAINS_ALL = "containsAll"
    CONTAINS_ANY = "containsAny"
    NOT_CONTAINS_ALL = "notContainsAll"
    NOT_CONTAINS_ANY = "notContainsAny"
    EQUAL = "equal"
    NOT_EQUAL = "notEqual"
    GREATER_THAN = "greaterThan"
    GREATER_THAN_OR_EQUAL = "greaterThanOrEqual"
    LESS_THAN = "lessThan"
    LESS_THAN_OR_EQUAL = "lessThanOrEqual"
    STARTS_WITH = "startsWith"
    ENDS_WITH = "endsWith"


NUMERIC = frozenset(
    {
        Operator.GREATER_THAN,
        Operator.GREATER_THAN_OR_EQUAL,
        Operator.LESS_THAN,
        Operator.LESS_THAN_OR_EQUAL,
    }
)
"""Operators that compare numbers, with the first value alone; what is no number is neither greater nor less."""

NEGATIVE = frozenset({Operator.NOT_CONTAINS_ALL, Operator.NOT_CONTAINS_ANY, Operator.NOT_EQUAL})
"""Operators that hold for what is not told."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question. `values` has at least one; which of them must fit, one or all, lies in the operator."""

    key: str
    values: tuple[str, ...]
    operator: Operator = Operator.EQUAL
    should_ignore_case: bool = False


def holds(criterion: Criterion) -> Holds:
    """Return the function that answers the criterion for a value."""
    if criterion.operator in NUMERIC:
        return _numeric(criterion)
    fold = str.casefold if criterion.should_ignore_case else str
    wanted = tuple(fold(value) for value in criterion.values)
    compare = _COMPARISONS[criterion.operator]
    if_not_told = criterion.operator in NEGATIVE

    def answer(value: object) -> bool:
        return if_not_told if value is None else compare(fold(text_of(value)), wanted)

    return answer


def text_of(value: object) -> str:
    """Return a value as it is compared: true and false as JSON writes them, whole numbers without a point."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, Sequence):
        return ", ".join(map(text_of, value))
    return str(value)


def number_of(value: object) -> float | None:
    """Return a value as a number, also when it is written in a text, or None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if number == number else None  # noqa: PLR0124 - NaN alone differs from itself, and compares with nothing


def _numeric(criterion: Criterion) -> Holds:
    bound = number_of(criterion.values[0])
    compare = _NUMERIC_COMPARISONS[criterion.operator]

    def answer(value: object) -> bool:
        number = number_of(value)
        return number is not None and bound is not None and compare(number, bound)

    return answer


_COMPARISONS: Mapping[Operator, Callable[[str, tuple[str, ...]], bool]] = {
    Operator.CONTAINS_ALL: lambda text, wanted: all(one in text for one in wanted),
    Operator.CONTAINS_ANY: lambda text, wanted: any(one in text for one in wanted),
    Operator.NOT_CONTAINS_ALL: lambda text, wanted: not all(one in text for one in wanted),
    Operator.NOT_CONTAINS_ANY: lambda text, wanted: not any(one in text for one in wanted),
    Operator.EQUAL: lambda text, wanted: text in wanted,
    Operator.NOT_EQUAL: lambda text, wanted: text not in wanted,
    Operator.STARTS_WITH: lambda text, wanted: text.startswith(wanted),
    Operator.ENDS_WITH: lambda text, wanted: text.endswith(wanted),
}
_NUMERIC_COMPARISONS: Mapping[Operator, Callable[[float, float], bool]] = {
    Operator.GREATER_THAN: lambda number, bound: number > bound,
    Operator.GREATER_THAN_OR_EQUAL: lambda number, bound: number >= bound,
    Operator.LESS_THAN: lambda number, bound: number < bound,
    Operator.LESS_THAN_OR_EQUAL: lambda number, bound: number <= bound,
}
