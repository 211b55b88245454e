"""What models look at in a feature state: the columns, by what a schema tells apart. See `gateway.prediction.rows`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, repeat
from operator import mul
from typing import NamedTuple

from gateway.journey.feature_state import RECENT_STEPS, FeatureState, Place
from gateway.journey.page_group import PageGroups

DECAY = 0.7
"""Weight of a step against the step after it, in the column that tells what the session is about lately."""
WEIGHTS = tuple(accumulate(repeat(DECAY, RECENT_STEPS - 1), mul, initial=1.0))
"""Of the newest step and those before it."""
SHOWN_STEPS, SHOWN_GAPS, NEWEST_GAPS = 6, 5, 5
OTHER_PLACE = "other"
UNKNOWN_CATEGORY = -1.0
"""A category that was not there in training; LightGBM takes negative categories as missing."""

OF_PLACE = ("count", "steps since", "seconds since", "seconds at", "lately at", "first step at")
OF_SESSION = (
    "steps",
    "pages",
    "seconds",
    "mean gap",
    "longest gap",
    "newest gaps",
    "spread of gaps",
    "median gap",
    "short gaps",
    "long gaps",
    "kinds of places",
    "entropy of places",
    "switches",
    "steps in a row",
)
OF_NUMBER = ("newest", "mean", "highest")
OF_TIME = ("hour", "weekday", "visits")
STEP, GAP, CATEGORY = "step before", "gap before", "category"


class Column(NamedTuple):
    """One number: its `kind`, and the place, the attribute or the distance in steps that it is of."""

    kind: str
    of: str = ""

    @property
    def name(self) -> str:
        """Kind and object in words."""
        return f"{self.kind} {self.of}".strip()

    @property
    def is_category(self) -> bool:
        """Whether the number only stands for one of several names."""
        return self.kind in {CATEGORY, STEP}

    @property
    def is_of_visit(self) -> bool:
        """Whether it tells of who comes and when, rather than of what is done."""
        return self.kind == CATEGORY or self.kind in OF_NUMBER or self.kind in OF_TIME


PAGES = Column("pages")


@dataclass(frozen=True)
class FeatureSchema:
    """What is told apart: groups of pages, names of events, and custom attributes by name, as found in past sessions.

    `categories` maps attributes and circumstances to the values that were common enough to be known by themselves.
    """

    page_groups: PageGroups
    event_names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    categories: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __hash__(self) -> int:
        """Return the hash, worked out once: models are looked up by their schema, for every batch."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.page_groups, self.event_names, self.numbers, self.categories))

    @cached_property
    def places(self) -> tuple[str, ...]:
        """Everything that a step can be to."""
        return (*self.page_groups.patterns, *self.event_names, OTHER_PLACE)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """What each number of a row is, in order."""
        return (
            *(Column(kind) for kind in OF_SESSION),
            *(Column(STEP, str(back)) for back in range(SHOWN_STEPS)),
            *(Column(GAP, str(back)) for back in range(SHOWN_GAPS)),
            *(Column(kind) for kind in OF_TIME),
            *(Column(kind, name) for name in self.numbers for kind in OF_NUMBER),
            *(Column(CATEGORY, name) for name, _ in self.categories),
            *(Column(kind, place) for place in self.places for kind in OF_PLACE),
        )

    def place_of(self, key: str) -> int:
        """Return the number of the place that a key of the feature state stands for."""
        found = self._remembered.get(key)
        if found is None:
            found = self._numbers[self._name_of(key)]
            if len(self._remembered) < _MAX_REMEMBERED:
                self._remembered[key] = found
        return found

    def places_of(self, keys: Iterable[str]) -> list[int]:
        """Return the same for several keys."""
        remembered = self._remembered
        return [remembered[key] if key in remembered else self.place_of(key) for key in keys]

    def _name_of(self, key: str) -> str:
        if key.startswith("/"):
            return self.page_groups.group_of(key) or OTHER_PLACE
        return key if key in self._numbers else OTHER_PLACE

    @cached_property
    def _remembered(self) -> dict[str, int]:
        return {}

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {name: number for number, name in enumerate(self.places)}

    @cached_property
    def category_numbers(self) -> tuple[tuple[str, Mapping[str, float]], ...]:
        """The attributes that are categories, each with the number of each known value."""
        return tuple(
            (name, {value: float(number) for number, value in enumerate(values)}) for name, values in self.categories
        )


_MAX_REMEMBERED = 16_384


def joined_places(places: Mapping[str, Place], schema: FeatureSchema) -> dict[int, Place]:
    """Return the places by the number of their group."""
    joined: dict[int, Place] = {}
    for number, place in zip(schema.places_of(places), places.values(), strict=True):
        known = joined.get(number)
        joined[number] = _both(known, place) if known else place
    return joined


def _both(one: Place, other: Place) -> Place:
    return Place(
        one.times + other.times,
        min(one.first, other.first),
        max(one.last, other.last),
        max(one.last_ms, other.last_ms),
        one.dwell_ms + other.dwell_ms,
    )


def category_of(state: FeatureState, name: str) -> str | None:
    """Return what a session tells of an attribute, or of a circumstance of the visit, in words."""
    value = state.context.get(name) or state.attributes.get(name)
    return value if isinstance(value, str) else None
