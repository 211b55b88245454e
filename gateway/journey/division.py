"""Divisions: parts of an organization that keep their journeys apart, such as brands or countries.

What is stored without a division is of HOME, so that whoever has but one pays nothing for there being several.
"""

from collections.abc import Collection, Iterable

from gateway.journey.errors import DifferentDivisions

HOME = "home"
"""The id of the division that is always there."""
Divisions = tuple[str, ...]
"""The divisions of a contact, as it is kept: none stand for HOME alone."""


def divisions_told(divisions: Divisions) -> frozenset[str]:
    """Return the ids of a contact's divisions, HOME by its name."""
    return frozenset(divisions or (HOME,))


def kept_divisions(ids: Iterable[str]) -> Divisions:
    """Return divisions, each once and in order, as they are kept of a contact."""
    divisions = tuple(dict.fromkeys(ids))
    return () if divisions == (HOME,) else divisions


def with_division(divisions: Divisions, division_id: str | None) -> Divisions:
    """Return the divisions of a contact that has been seen in this one; None stands for HOME."""
    if not divisions and division_id is None:
        return divisions
    told, seen = divisions or (HOME,), division_id or HOME
    return divisions if seen in told else (*told, seen)


def opened_in(division_id: str | None) -> Divisions:
    """Return the divisions of a contact that is seen for the first time, in this division."""
    return () if division_id is None else (division_id,)


def check_same(sides: Collection[Divisions]) -> None:
    """Make sure that contacts which are to be one customer are of the same divisions.

    Raises:
        DifferentDivisions: they are not.
    """
    if len({divisions_told(divisions) for divisions in sides}) > 1:
        raise DifferentDivisions
