"""Learning: from examples to a model that is calibrated, measured on sessions that it has not seen, and worth serving.

Sessions are split by time, as a model that serves knows only the past: the oldest are learned from, newer ones tell
when to stop, and the newest say how good it is. What serves is then grown from all of them. How far to trust it is
learned from predictions of trees that had not seen the session, one third of the sessions at a time: the newer ones
alone are too few for it, and taught a retailer's model to be further from the truth than it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.journey.features import Column
from gateway.prediction.boosting import MAX_TREES, Sample, Trees, grow
from gateway.prediction.calibration import Calibration, learn_calibration
from gateway.prediction.examples import Examples, Whole
from gateway.prediction.quality import Floats, Quality, quality_of

LEARN_SHARE, TUNE_SHARE = 0.7, 0.15
FOLDS = 3
LEAST_SESSIONS, LEAST_OF_EACH = 300, 60
"""Below it shares are as much as can be said. So many sessions must be there, with and without the outcome."""
HIGHEST_KEPT = 200
"""How many of the highest probabilities of past sessions are kept, to tell quantiles by."""
_BINS = 8
_TELLS_SOMETHING = 2.33
"""Standard deviations by which a column must beat chance: one in a hundred that say nothing gets through."""

Sessions = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Split:
    """Which sessions are learned from, which tell when to stop and which judge; by time, oldest first."""

    learn: Sessions
    tune: Sessions
    judge: Sessions


@dataclass(frozen=True, slots=True)
class Trial:
    """What trees that have learned from older sessions alone told of the newest ones: numbers of rows, and by row."""

    rows: Whole
    told: Floats
    came: Floats
    weight: Floats

    @property
    def quality(self) -> Quality:
        """How good it was."""
        return quality_of(self.told, self.came, self.weight)


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned of one outcome.

    `columns` are places among those of the schema; `highest` is what `LearnedModel` tells quantiles by, `importance`
    the share of each column in what was gained, highest first.
    """

    columns: tuple[int, ...]
    trees: Trees
    calibration: Calibration
    highest: tuple[float, ...]
    trial: Trial
    importance: tuple[tuple[str, float], ...]


def what_is_missing(examples: Examples, outcome_id: str) -> str | None:
    """Return in words what is missing to learn from, None where there is enough."""
    reached = examples.reached[outcome_id]
    return missing_of(int((reached != 0).sum()), int((reached > 0).sum()))


def missing_of(sessions: int, achieved: int) -> str | None:
    """Return the same where there are so many sessions, and so many of them have reached the outcome."""
    wanted = (
        (LEAST_SESSIONS, sessions, "sessions"),
        (LEAST_OF_EACH, achieved, "sessions that reached the outcome after their first step"),
        (LEAST_OF_EACH, sessions - achieved, "sessions that did not reach the outcome"),
    )
    missing = [f"{least} {what} are needed, there are {there}" for least, there, what in wanted if there < least]
    return "; ".join(missing) or None


def split_by_time(begun: Floats) -> Split:
    """Return the split of sessions that began at these times."""
    order = np.argsort(np.argsort(begun, kind="stable"), kind="stable") / max(len(begun), 1)
    learn = order < LEARN_SHARE
    tune = ~learn & (order < LEARN_SHARE + TUNE_SHARE)
    return Split(learn, tune, ~learn & ~tune)


def learn(examples: Examples, outcome_id: str) -> Learned:
    """Return what the examples teach of an outcome; there must be enough of them, see `what_is_missing`."""
    split = split_by_time(examples.begun)
    past, tune, judge = (examples.taken(outcome_id, part) for part in (split.learn, split.tune, split.judge))
    columns = differing_columns(examples, outcome_id, past)
    looks = _Looks(
        [at for at, column in enumerate(columns) if examples.schema.columns[column].is_category],
        doubted_among(columns, examples, outcome_id, past),
    )

    def sample(taken: Whole) -> Sample:
        return examples.sample(outcome_id, taken, columns)

    tried = looks.grown(sample(past), sample(tune))
    known = np.sort(np.concatenate([past, tune]))
    calibration = _calibration(sample(known), examples.session[known], looks, tried.count)
    trees = looks.grown(sample(np.sort(np.concatenate([known, judge]))), trees=tried.count)
    judged = sample(judge)
    trial = Trial(judge, calibration(tried.told(judged.rows)), judged.came, judged.weight)
    return Learned(
        columns,
        trees,
        calibration,
        # of what serves, as trees grown anew tell visits of one page, which are many, something a little different
        _highest(calibration(trees.told(judged.rows)), examples.session[judge]),
        trial,
        _importance(trees, [examples.schema.columns[column] for column in columns]),
    )


class _Looks(NamedTuple):
    """How columns are looked at: the places of those whose numbers are names, and of those that are doubted."""

    categories: Sequence[int]
    doubted: Sequence[int]

    def grown(self, sample: Sample, tune: Sample | None = None, trees: int = MAX_TREES) -> Trees:
        return grow(sample, self.categories, tune, trees, self.doubted)


def _calibration(known: Sample, session: Whole, looks: _Looks, trees: int) -> Calibration:
    """Return what predictions ask for that are told by trees which were grown without the row's session."""
    told = np.zeros(len(known.came))
    fold = session % FOLDS
    for number in range(FOLDS):
        apart = fold == number
        rest = Sample(known.rows[~apart], known.came[~apart], known.weight[~apart])
        told[apart] = looks.grown(rest, trees=trees).told(known.rows[apart])
    return learn_calibration(told, known.came, known.weight)


def differing_columns(examples: Examples, outcome_id: str, taken: Whole) -> tuple[int, ...]:
    """Return the places of the columns worth looking at: those that change, and do not repeat another one."""
    sample = examples.sample(outcome_id, taken, range(len(examples.schema.columns)))
    kept: list[int] = []
    seen: set[int] = set()
    for at in range(sample.rows.shape[1]):
        values = np.ascontiguousarray(sample.rows[:, at])
        pattern = hash(values.tobytes())
        if pattern not in seen and _changes(values):
            seen.add(pattern)
            kept.append(at)
    return tuple(kept)


def doubted_among(columns: Sequence[int], examples: Examples, outcome_id: str, taken: Whole) -> list[int]:
    """Return which of these columns, by number, are of who comes and when, and tell nothing of the outcome alone.

    To leave them out would be too much: visits that begin on the same page would be told the very same, whoever comes.
    """
    sample = examples.sample(outcome_id, taken, columns)
    told = [examples.schema.columns[at] for at in columns]
    return [
        at
        for at, column in enumerate(told)
        if column.is_of_visit and not _tells_something(sample.rows[:, at], sample, column)
    ]


def _changes(values: NDArray[np.float32]) -> bool:
    known = values[~np.isnan(values)]
    return bool(len(known) and (len(known) < len(values) or known.min() < known.max()))


def _tells_something(values: NDArray[np.float32], sample: Sample, column: Column) -> bool:
    """Tell whether the outcome's rate differs among the values by more than chance (G-test).

    A session counts once however many rows it has. Wilson and Hilferty's cube root makes a normal deviate of it.
    """
    bins = _binned(values, column)
    present = np.bincount(bins) > 0
    count: Floats = np.bincount(bins, weights=sample.weight).astype(np.float64)[present]
    came: Floats = np.bincount(bins, weights=sample.weight * sample.came).astype(np.float64)[present]
    freedom = len(count) - 1
    if not freedom:
        return False
    rate = came.sum() / count.sum()
    statistic = 2 * (_surprise(came, count * rate) + _surprise(count - came, count * (1 - rate)))
    spread = 2 / (9 * freedom)
    deviate = (max(statistic, 0.0) / freedom) ** (1 / 3) - 1 + spread
    return bool(deviate > _TELLS_SOMETHING * spread**0.5)


def _binned(values: NDArray[np.float32], column: Column) -> Whole:
    known = values[~np.isnan(values)]
    if column.is_category:
        return np.nan_to_num(values, nan=-1.0).astype(np.int64) + 1
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1]))
    bins = np.searchsorted(edges, values, side="right").astype(np.int64)
    bins[np.isnan(values)] = len(edges) + 1
    return bins


def _surprise(observed: Floats, expected: Floats) -> float:
    safe = np.maximum(observed, _NOTHING)
    return float((observed * np.log(safe / np.maximum(expected, _NOTHING))).sum())


_NOTHING = 1e-300


def _highest(told: Floats, session: Whole) -> tuple[float, ...]:
    """Return the highest probabilities of the sessions, thinned out to a few that lie evenly among them."""
    if not len(told):
        return ()
    by_session = np.zeros(int(session.max()) + 1)
    np.maximum.at(by_session, session, told)
    ascending = np.sort(by_session[np.unique(session)])
    kept = np.linspace(0, len(ascending) - 1, min(len(ascending), HIGHEST_KEPT)).round().astype(int)
    return tuple(float(value) for value in ascending[kept])


def _importance(trees: Trees, columns: Sequence[Column]) -> tuple[tuple[str, float], ...]:
    ranked = sorted(zip(columns, trees.importance, strict=True), key=lambda pair: -pair[1])
    return tuple((column.name, float(share)) for column, share in ranked if share > 0)
