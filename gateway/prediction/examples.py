"""Examples to learn from: what was known after each step of past sessions, and what came of them.

A past session comes as its states, one a step, as `gateway.journey.replay` gives them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gateway.journey.feature_state import FeatureState, Number
from gateway.journey.features import PAGES, FeatureSchema
from gateway.journey.page_group import learn_page_groups
from gateway.journey.session import Session
from gateway.prediction.boosting import Sample
from gateway.prediction.forest import Rows
from gateway.prediction.quality import Floats
from gateway.prediction.rows import rows_of

MAX_STEPS = 200
"""Steps of a session that are learned from; a robot's thousands would teach how robots go on."""
MAX_PAGE_GROUPS, MAX_EVENT_NAMES, MAX_NUMBERS, MAX_CATEGORIES, MAX_VALUES = 40, 30, 20, 30, 30
COMMON_SESSIONS = 20
"""Sessions in which something must occur to be told apart."""
COMPARED_SESSIONS = 5_000
"""The newest sessions on which models with other schemas are compared."""

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows of one schema, in order of sessions and steps.

    `session` is the number of the row's session, `step` that of the step in it, from 0. By session: when it `begun`
    (seconds since 1970) and by outcome id, after how many steps the outcome was `reached`, -1 where it never was.
    """

    schema: FeatureSchema
    rows: Rows
    session: Whole
    step: Whole
    begun: Floats
    reached: dict[str, Whole]
    others: Mapping[FeatureSchema, Rows] = field(default_factory=dict)

    @property
    def pages_column(self) -> int:
        """The place of the column that counts page views."""
        return self.schema.columns.index(PAGES)

    def rows_of(self, schema: FeatureSchema) -> Rows:
        """Return the rows of a schema, of which there may be fewer than of the examples' own: the first ones."""
        return self.rows if schema == self.schema else self.others.get(schema, self.rows[:0])

    def taken(self, outcome_id: str, sessions: NDArray[np.bool_]) -> Whole:
        """Return the numbers of the rows of these sessions up to where they reached the outcome."""
        reached = self.reached[outcome_id][self.session]
        return np.flatnonzero(sessions[self.session] & ((reached < 0) | (self.step < reached)))

    def sample(self, outcome_id: str, taken: Whole, columns: Sequence[int]) -> Sample:
        """Return these rows with what came of them; each session counts 1 in all."""
        of = self.session[taken]
        count = np.bincount(of, minlength=len(self.begun))
        return Sample(
            np.ascontiguousarray(self.rows[np.ix_(taken, np.asarray(columns))]),
            (self.reached[outcome_id][of] >= 0).astype(np.float64),
            1.0 / count[of],
        )


def learn_schema(last_states: Iterable[FeatureState]) -> FeatureSchema:
    """Return what to tell apart, from the last states of past sessions: all that is common enough among them."""
    paths, names, numbers, values = Counter[str](), Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    for state in last_states:
        for key in state.places:
            (paths if key.startswith("/") else names)[key] += 1
        for name, value in (*state.attributes.items(), *state.context.items()):
            if isinstance(value, Number):
                numbers[name] += 1
            else:
                values[name, value] += 1
    return FeatureSchema(
        learn_page_groups(paths, MAX_PAGE_GROUPS),
        _common(names, MAX_EVENT_NAMES),
        _common(numbers, MAX_NUMBERS),
        _categories(values),
    )


class ExampleCollector:
    """Takes past sessions in, newest first, each as its states in order and once more as its end left it.

    Of the newest ones it also makes rows of other schemas, so that the models that ask about them can be compared.
    """

    def __init__(self, schema: FeatureSchema, outcome_ids: Sequence[str], others: Iterable[FeatureSchema] = ()) -> None:
        self._schema = schema
        self._tables = {one: _Table(one) for one in (schema, *others)}
        self._lengths: list[int] = []
        self._begun: list[float] = []
        self._reached: dict[str, list[int]] = {id_: [] for id_ in outcome_ids}

    @property
    def session_count(self) -> int:
        """How many sessions were taken in."""
        return len(self._lengths)

    def add(self, states: Sequence[Session]) -> None:
        """Take in one session."""
        known = [session.feature_state for session in states[:-1][:MAX_STEPS] if session.feature_state]
        if not known:
            return
        for schema, table in self._tables.items():
            if schema == self._schema or self.session_count < COMPARED_SESSIONS:
                table.add(known)
        self._lengths.append(len(known))
        self._begun.append(known[0].begun / 1000)
        for id_, steps in self._reached.items():
            steps.append(_steps_until(id_, states))

    def examples(self) -> Examples:
        """Return everything taken in."""
        rows = {schema: table.rows() for schema, table in self._tables.items()}
        lengths = np.asarray(self._lengths, dtype=np.int64)
        first = np.cumsum(lengths) - lengths
        return Examples(
            self._schema,
            rows.pop(self._schema),
            np.repeat(np.arange(len(lengths)), lengths),
            np.arange(int(lengths.sum())) - np.repeat(first, lengths),
            np.asarray(self._begun, dtype=np.float64),
            {id_: np.asarray(steps, dtype=np.int64) for id_, steps in self._reached.items()},
            rows,
        )


class _Table:
    """Rows of one schema, made of many states at a time."""

    def __init__(self, schema: FeatureSchema) -> None:
        self._schema = schema
        self._blocks: list[Rows] = []
        self._waiting: list[FeatureState] = []

    def add(self, states: Iterable[FeatureState]) -> None:
        """Add a row a state."""
        self._waiting += states
        if len(self._waiting) >= _AT_ONCE:
            self._blocks.append(rows_of(self._waiting, self._schema))
            self._waiting = []

    def rows(self) -> Rows:
        """Return all rows."""
        return np.concatenate([*self._blocks, rows_of(self._waiting, self._schema)])


_AT_ONCE = 1_000


def _steps_until(outcome_id: str, states: Sequence[Session]) -> int:
    """Return after how many steps the outcome was reached; that of the end comes after all of them."""
    for number, session in enumerate(states):
        if any(achievement.outcome_id == outcome_id for achievement in session.outcome_achievements):
            return number
    return -1


def _common(seen: Counter[str], at_most: int) -> tuple[str, ...]:
    most = sorted((name for name, sessions in seen.items() if sessions >= COMMON_SESSIONS), key=lambda n: (-seen[n], n))
    return tuple(sorted(most[:at_most]))


def _categories(seen: Counter[tuple[str, str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    by_name: dict[str, Counter[str]] = {}
    for (name, value), sessions in seen.items():
        by_name.setdefault(name, Counter())[value] = sessions
    names = _common(Counter({name: values.total() for name, values in by_name.items()}), MAX_CATEGORIES)
    told = ((name, _common(by_name[name], MAX_VALUES)) for name in names)
    return tuple((name, values) for name, values in told if len(values) > 1)
