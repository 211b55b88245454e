"""The numbers that models look at: a row for each feature state, by what a schema tells apart.

Training and serving both read them here, for many states at once: one by one it takes twice the time.
"""

from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from gateway.journey.feature_state import RECENT_STEPS, FeatureState, Number
from gateway.journey.features import (
    NEWEST_GAPS,
    OF_PLACE,
    SHOWN_GAPS,
    SHOWN_STEPS,
    UNKNOWN_CATEGORY,
    WEIGHTS,
    FeatureSchema,
)
from gateway.prediction.forest import Rows
from gateway.prediction.quality import Floats

_COUNTS = FeatureState._fields.index("recent")
"""So many fields of a state are numbers; they come first."""
_HOUR_MS, _DAYS, _FIRST_WEEKDAY = 3_600_000, 7, 3  # 1 January 1970 was a Thursday; Monday is 0
_WEIGHTS = np.asarray(WEIGHTS)
_NO_NUMBER = (np.nan,) * 3
Whole = NDArray[np.int64]


def rows_of(states: Sequence[FeatureState], schema: FeatureSchema) -> Rows:
    """Return a row a state, of the numbers of the schema's columns; NaN is unknown. Each state must have a step."""
    if not states:
        return np.zeros((0, len(schema.columns)), dtype=np.float32)
    seen = _Seen(states, schema)
    with np.errstate(divide="ignore", invalid="ignore"):  # of what there is none of, the mean is unknown
        parts = [part(seen) for part in _PARTS]
    return np.concatenate(parts, axis=1, dtype=np.float32, casting="same_kind")


class _Seen:
    """States as arrays, by state.

    `counts` are by field. `recent` places and `pauses` come with the newest first. The others are by place, as
    `feature_state.Place` has them, and `lately` is the sum of its recent steps' weights.
    """

    def __init__(self, states: Sequence[FeatureState], schema: FeatureSchema) -> None:
        self.states, self.schema = states, schema
        counts = np.asarray([one[:_COUNTS] for one in states], dtype=np.float64)
        self.counts = dict(zip(FeatureState._fields, counts.T, strict=False))
        self.pauses = _pauses([one.gaps for one in states], self.counts["steps"])
        numbers = np.asarray([number for one in states for number in schema.places_of(one.places)], dtype=np.int64)
        self._shape = len(states), len(schema.places)
        owner, begins = _owners([len(one.places) for one in states])
        self._see_places(self._at(owner, numbers))
        owner, back, recent = _newest_first([one.recent for one in states])
        self._see_steps(owner, back, numbers[begins[owner] + recent])

    def _see_places(self, at: Whole) -> None:
        told = np.asarray([place for one in self.states for place in one.places.values()], dtype=np.float64)
        times, first, last, last_ms, dwell_ms = told.T
        self.times, self.dwell_ms = self._added_up(at, times), self._added_up(at, dwell_ms)
        self.first, self.last = self._most(np.fmin, at, first), self._most(np.fmax, at, last)
        self.last_ms = self._most(np.fmax, at, last_ms)

    def _see_steps(self, owner: Whole, back: Whole, numbers: Whole) -> None:
        self.recent = np.full((len(self.states), RECENT_STEPS), UNKNOWN_CATEGORY)
        self.recent[owner, back] = numbers
        self.lately = self._added_up(self._at(owner, numbers), _WEIGHTS[back])

    def _at(self, owner: Whole, numbers: Whole) -> Whole:
        """Return the places of these in a table by state and place."""
        at: Whole = owner * self._shape[1] + numbers
        return at

    def _added_up(self, at: Whole, values: Floats) -> Floats:
        count = self._shape[0] * self._shape[1]
        return np.bincount(at, values, count).reshape(self._shape).astype(np.float64, copy=False)

    def _most(self, most: np.ufunc, at: Whole, values: Floats) -> Floats:
        found = np.full(self._shape[0] * self._shape[1], np.nan)
        most.at(found, at, values)
        return found.reshape(self._shape)


def _owners(lengths: Sequence[int]) -> tuple[Whole, Whole]:
    """Return whose each item is, of items that come one owner after the other, and where those of each begin."""
    counted = np.asarray(lengths, dtype=np.int64)
    return np.repeat(np.arange(len(counted)), counted), np.cumsum(counted) - counted


def _newest_first(told: Sequence[tuple[int, ...]]) -> tuple[Whole, Whole, Whole]:
    """Return of each number whose it is, how many came after it, and the number itself."""
    owner, at = _owners([len(one) for one in told])
    numbers = np.fromiter(chain.from_iterable(told), dtype=np.int64, count=len(owner))
    ends = np.append(at[1:], len(owner))
    return owner, ends[owner] - 1 - np.arange(len(owner)), numbers


def _pauses(gaps: Sequence[tuple[int, ...]], steps: Floats) -> Floats:
    """Return the known pauses between steps, in milliseconds; before the first step of a session there is none."""
    owner, back, numbers = _newest_first(gaps)
    pauses = np.full((len(gaps), RECENT_STEPS), np.nan)
    pauses[owner, back] = numbers
    is_whole = steps <= RECENT_STEPS
    pauses[is_whole, steps[is_whole].astype(np.int64) - 1] = np.nan
    return pauses


def _of_session(seen: _Seen) -> Floats:
    """Return the columns of `features.OF_SESSION`."""
    counts = seen.counts
    steps = counts["steps"]
    shares = seen.times / steps[:, None]
    pauses = np.where(steps > 1, steps - 1, np.nan)
    mean = counts["last_ms"] / pauses / 1000
    return np.stack(
        [
            steps,
            counts["pages"],
            counts["last_ms"] / 1000,
            mean,
            np.where(steps > 1, counts["longest_gap"], np.nan) / 1000,
            _mean(seen.pauses[:, :NEWEST_GAPS]) / 1000,
            np.sqrt(np.maximum(counts["squared_gaps"] / pauses - mean * mean, 0.0)),
            _median(seen.pauses) / 1000,
            counts["short_gaps"],
            counts["long_gaps"],
            (shares > 0).sum(axis=1),
            -np.sum(shares * np.log(np.where(shares > 0, shares, 1.0)), axis=1),
            counts["switches"],
            counts["run"],
        ],
        axis=1,
    )


def _mean(numbers: Floats) -> Floats:
    """Return the mean of each row, of what is known."""
    known = np.isfinite(numbers)
    mean: Floats = np.where(known, numbers, 0.0).sum(axis=1) / known.sum(axis=1)
    return mean


def _median(numbers: Floats) -> Floats:
    """Return the median of each row, of what is known."""
    ordered, count = np.sort(numbers, axis=1), np.isfinite(numbers).sum(axis=1)
    row = np.arange(len(numbers))
    median: Floats = (ordered[row, np.maximum(count - 1, 0) // 2] + ordered[row, count // 2]) / 2
    return median


def _of_steps(seen: _Seen) -> Floats:
    return seen.recent[:, :SHOWN_STEPS]


def _of_gaps(seen: _Seen) -> Floats:
    return seen.pauses[:, :SHOWN_GAPS] / 1000


def _of_time(seen: _Seen) -> Floats:
    """Return the columns of `features.OF_TIME`."""
    hours = (seen.counts["begun"] + seen.counts["last_ms"]) // _HOUR_MS
    visits = seen.counts["visits"]
    weekday = (hours // 24 + _FIRST_WEEKDAY) % _DAYS
    return np.stack([hours % 24, weekday, np.where(visits > 0, visits, np.nan)], axis=1)


def _of_attributes(seen: _Seen) -> Floats:
    """Return the columns of attributes: numbers, and then names by their place among the known ones."""
    told = [_attributes(state, seen.schema) for state in seen.states]
    return np.asarray(told, dtype=np.float64).reshape(len(told), -1)


def _attributes(state: FeatureState, schema: FeatureSchema) -> list[float]:
    attributes, context = state.attributes, state.context
    told: list[float] = []
    for name in schema.numbers:
        value = attributes.get(name)
        told += (value.last, value.sum / value.told, value.highest) if isinstance(value, Number) else _NO_NUMBER
    for name, known in schema.category_numbers:
        category = context.get(name) or attributes.get(name)
        told.append(known.get(category, UNKNOWN_CATEGORY) if isinstance(category, str) else UNKNOWN_CATEGORY)
    return told


def _of_places(seen: _Seen) -> Floats:
    """Return the columns of `features.OF_PLACE`, place by place."""
    columns = [
        seen.times,
        seen.counts["steps"][:, None] - seen.last,
        (seen.counts["last_ms"][:, None] - seen.last_ms) / 1000,
        seen.dwell_ms / 1000,
        seen.lately,
        seen.first,
    ]
    return np.stack(columns, axis=2).reshape(len(seen.states), len(seen.schema.places) * len(OF_PLACE))


_PARTS: Sequence[Callable[[_Seen], Floats]] = (_of_session, _of_steps, _of_gaps, _of_time, _of_attributes, _of_places)
"""What makes the columns, in their order."""
