"""The numbers that a model looks at: read from a session's feature state by what a schema tells apart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, repeat
from math import isnan, log, nan, sqrt
from operator import mul
from statistics import median
from typing import NamedTuple

from gateway.journey.feature_state import RECENT_STEPS, FeatureState, Number, Place
from gateway.journey.page_group import PageGroups

DECAY = 0.7
"""Weight of a step against the step after it, in the column that tells what the session is about lately."""
SHOWN_STEPS, SHOWN_GAPS, NEWEST_GAPS = 6, 5, 5
OTHER_PLACE = "other"
UNKNOWN_CATEGORY = -1.0
"""A category that was not there in training; LightGBM takes negative categories as missing."""
_HOUR_MS, _DAYS, _FIRST_WEEKDAY = 3_600_000, 7, 3  # 1 January 1970 was a Thursday; Monday is 0

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
        """What each number of `features_of` is, in order."""
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

    @cached_property
    def untouched(self) -> tuple[float, ...]:
        """The numbers of places where nobody has been, in the order of `OF_PLACE`."""
        return (0.0, nan, nan, 0.0, 0.0, nan) * len(self.places)


_MAX_REMEMBERED = 16_384


def features_of(state: FeatureState, schema: FeatureSchema, places: Mapping[int, Place] | None = None) -> list[float]:
    """Return the numbers of the schema's columns; what is unknown is NaN. The state must have a step.

    `places` are its joined places, where they are known already.
    """
    numbers = schema.places_of(state.places)
    if places is None:
        places = _joined(numbers, state.places.values())
    recent = [numbers[at] for at in reversed(state.recent)]
    told = list(_of_session(state, places.values()))
    told += _padded([float(place) for place in recent[:SHOWN_STEPS]], SHOWN_STEPS, UNKNOWN_CATEGORY)
    told += _padded([gap / 1000 for gap in _gaps(state)[: -1 - SHOWN_GAPS : -1]], SHOWN_GAPS, nan)
    told += _of_time(state)
    _add_attributes(told, state, schema)
    _add_places(told, state, places, recent, schema)
    return told


def joined_places(places: Mapping[str, Place], schema: FeatureSchema) -> dict[int, Place]:
    """Return the places by the number of their group."""
    return _joined(schema.places_of(places), places.values())


def _joined(numbers: Sequence[int], places: Iterable[Place]) -> dict[int, Place]:
    joined: dict[int, Place] = {}
    for number, place in zip(numbers, places, strict=True):
        known = joined.get(number)
        joined[number] = _both(known, place) if known else place
    return joined


def _gaps(state: FeatureState) -> tuple[int, ...]:
    """Return the known pauses between steps; before the first step of a session there is none."""
    return state.gaps[1:] if state.steps == len(state.gaps) else state.gaps


def _both(one: Place, other: Place) -> Place:
    return Place(
        one.times + other.times,
        min(one.first, other.first),
        max(one.last, other.last),
        max(one.last_ms, other.last_ms),
        one.dwell_ms + other.dwell_ms,
    )


def _of_session(state: FeatureState, places: Iterable[Place]) -> tuple[float, ...]:
    shares = [place.times / state.steps for place in places]
    gaps = _gaps(state)
    pauses = state.steps - 1
    newest = gaps[-NEWEST_GAPS:]
    mean = state.last_ms / pauses / 1000 if pauses else nan
    return (
        float(state.steps),
        float(state.pages),
        state.last_ms / 1000,
        mean,
        state.longest_gap / 1000 if pauses else nan,
        sum(newest) / len(newest) / 1000 if newest else nan,
        sqrt(max(state.squared_gaps / pauses - mean * mean, 0.0)) if pauses else nan,
        median(gaps) / 1000 if gaps else nan,
        float(state.short_gaps),
        float(state.long_gaps),
        float(len(shares)),
        -sum(share * log(share) for share in shares),
        float(state.switches),
        float(state.run),
    )


def _of_time(state: FeatureState) -> tuple[float, ...]:
    hours = (state.begun + state.last_ms) // _HOUR_MS
    days, hour = divmod(hours, 24)
    return float(hour), float((days + _FIRST_WEEKDAY) % _DAYS), float(state.visits) if state.visits else nan


def _add_attributes(told: list[float], state: FeatureState, schema: FeatureSchema) -> None:
    for name in schema.numbers:
        value = state.attributes.get(name)
        told += (value.last, value.sum / value.told, value.highest) if isinstance(value, Number) else _NO_NUMBER
    for name, known in schema.category_numbers:
        category = category_of(state, name)
        told.append(UNKNOWN_CATEGORY if category is None else known.get(category, UNKNOWN_CATEGORY))


_NO_NUMBER = (nan, nan, nan)


def category_of(state: FeatureState, name: str) -> str | None:
    """Return what a session tells of an attribute, or of a circumstance of the visit, in words."""
    value = state.context.get(name) or state.attributes.get(name)
    return value if isinstance(value, str) else None


def _add_places(
    told: list[float], state: FeatureState, places: Mapping[int, Place], recent: list[int], schema: FeatureSchema
) -> None:
    begin, width = len(told), len(OF_PLACE)
    told += schema.untouched
    steps, last_ms = state.steps, state.last_ms
    for number, place in places.items():
        at = begin + number * width
        told[at : at + width] = (
            float(place.times),
            float(steps - place.last),
            (last_ms - place.last_ms) / 1000,
            place.dwell_ms / 1000,
            0.0,
            float(place.first),
        )
    begin += _LATELY
    for number, weight in zip(recent, _WEIGHTS, strict=False):
        told[begin + number * width] += weight


_LATELY = OF_PLACE.index("lately at")
_WEIGHTS = tuple(accumulate(repeat(DECAY, RECENT_STEPS - 1), mul, initial=1.0))
"""Of the newest step and those before it."""


def _padded(values: list[float], length: int, filler: float) -> list[float]:
    return values + [filler] * (length - len(values))


def is_known(value: float) -> bool:
    """Tell whether a number of `features_of` says something."""
    return not isnan(value)
