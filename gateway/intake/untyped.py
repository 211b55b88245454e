"""Reading mappings in which a sender may have put anything: what is of the wrong type counts as not told."""

from collections.abc import Mapping
from typing import TypeGuard

from gateway.journey.event import NOTHING

MAX_TEXT_LENGTH = 1000
_SIZES = range(1, 1_000_000)


def part_of(mapping: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return the mapping of this name, or an empty one."""
    value = mapping.get(name)
    return value if isinstance(value, dict) else NOTHING


def text_of(mapping: Mapping[str, object], name: str, limit: int | None = MAX_TEXT_LENGTH) -> str | None:
    """Return the text of this name, trimmed and cut at the limit of characters, or None when there is none."""
    value = mapping.get(name)
    return value.strip()[:limit] or None if isinstance(value, str) else None


def size_of(mapping: Mapping[str, object], name: str) -> int | None:
    """Return the number of this name as a positive whole one, or None."""
    value = mapping.get(name)
    return int(value) if is_number(value) and int(value) in _SIZES else None


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell whether it is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def texts_of(mapping: Mapping[str, object], names: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of a mapping under our names; `names` leads from ours to the sender's."""
    if not mapping:
        return {}
    told = ((ours, text_of(mapping, theirs)) for ours, theirs in names.items())
    return {ours: text for ours, text in told if text is not None}
