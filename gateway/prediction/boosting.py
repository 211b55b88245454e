"""Gradient-boosted trees: grown by LightGBM, and read leaf by leaf.

All that a tree says is the value of the leaf that a row ends in. Finding the leaves and adding them up is done in one
way for live events, files and training: see `forest`. What a leaf says can be shared among the columns that its path
asks about: see `explanation`.
"""

import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from types import ModuleType
from typing import Any, cast

import numpy as np

from gateway.prediction.errors import LightGBMMissing
from gateway.prediction.forest import Forest, Leaves, Node, Rows
from gateway.prediction.quality import Floats, logistic

MAX_TREES = 200
PATIENCE = 20
"""Trees that may bring nothing new before growing stops."""
LAST_TREES, LAST_RATE = 5, 0.05
"""Of `MAX_TREES` those that ask about doubted columns alone, and how fast they learn.

By cross-validation on a retailer's sessions, seven columns that say nothing cost at most 0.0001 of AUC this way, and
0.003 where every tree may ask about them.
"""
PARAMETERS: Mapping[str, object] = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 15,
    "min_data_in_leaf": 100,
    "min_sum_hessian_in_leaf": 1.0,
    "feature_fraction": 0.25,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "extra_trees": True,
    "max_bin": 127,
    "cat_smooth": 50.0,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 1,
    "verbose": -1,
}
"""Small, random trees: chosen on sessions of a retailer, where larger ones, or ones with the best splits, did worse.

Twice as many that learn half as fast bring 0.0008 of AUC there, and cost every event twice as much.
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows to learn from: a row of numbers, whether the outcome came, and what the row counts."""

    rows: Rows
    came: Floats
    weight: Floats


class Trees:
    """Grown trees. `text` is LightGBM's own format."""

    def __init__(self, text: str) -> None:
        """Read them.

        Raises:
            ValueError: the text is no such trees.
        """
        self.text = text
        lightgbm = _lightgbm()
        try:
            self._booster = lightgbm.Booster(model_str=text)
        except lightgbm.basic.LightGBMError as error:
            raise ValueError(f"the trees of a model cannot be read: {error}") from None
        self.structure = [tree["tree_structure"] for tree in self._booster.dump_model()["tree_info"]]
        counts = [sum(1 for _ in leaves_of(root)) for root in self.structure]
        self._first_leaf: Leaves = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int32)
        self.values: Floats = np.zeros(sum(counts))
        for first, root in zip(self._first_leaf, self.structure, strict=True):
            for leaf in leaves_of(root):
                self.values[first + leaf.get("leaf_index", 0)] = leaf["leaf_value"]
        self._forest = Forest([(self, range(self.column_count))], self.column_count)

    @classmethod
    def unpacked(cls, packed: bytes) -> "Trees":
        """Return the trees of `packed`.

        Raises:
            ValueError: it is no such trees.
        """
        try:
            return cls(zlib.decompress(packed).decode())
        except (zlib.error, UnicodeDecodeError) as error:
            raise ValueError(f"the trees of a model cannot be unpacked: {error}") from None

    def packed(self) -> bytes:
        """Return them as they are stored."""
        return zlib.compress(self.text.encode())

    def told(self, rows: Rows) -> Floats:
        """Return the probability of each row, before calibration."""
        return logistic(self._forest.logits(self._forest.leaves(rows))[:, 0])

    @cached_property
    def importance(self) -> Floats:
        """Share of each column in all that the splits have gained."""
        gains = np.asarray(self._booster.feature_importance("gain"), dtype=np.float64)
        return cast("Floats", gains / (gains.sum() or 1.0))

    @property
    def column_count(self) -> int:
        """How many columns a row must have."""
        return int(self._booster.num_feature())

    @property
    def count(self) -> int:
        """How many trees there are."""
        return len(self.structure)

    def first_leaf(self, tree: int) -> int:
        """Return the place in `values` of the first leaf of a tree."""
        return int(self._first_leaf[tree])


def grow(
    sample: Sample,
    categories: Sequence[int],
    tune: Sample | None = None,
    trees: int = MAX_TREES,
    doubted: Sequence[int] = (),
) -> Trees:
    """Return trees grown on the sample; with `tune`, as many as do best on those other rows.

    `categories` are the columns whose numbers are names. Of `doubted` ones it is doubtful whether they tell anything:
    only the last few trees ask about them, and about nothing else. Weights are scaled to 1 on average.
    """
    lightgbm = _lightgbm()
    late = LAST_TREES if doubted else 0
    settings = {**PARAMETERS, "num_threads": _threads()}
    data = _data(_without(doubted, sample), categories, settings)
    watched = [lightgbm.Dataset(tune.rows, tune.came, weight=tune.weight, reference=data)] if tune else []
    stop: list[Callable[..., Any]] = [lightgbm.early_stopping(PATIENCE, verbose=False)] if tune else []
    grown = lightgbm.train(settings, data, max(trees - late, 1), valid_sets=watched, callbacks=stop)
    text = grown.model_to_string(num_iteration=grown.best_iteration if tune else None)
    if late:
        settings |= {"feature_contri": _only(doubted, sample), "feature_fraction": 1.0, "learning_rate": LAST_RATE}
        before = lightgbm.Booster(model_str=text)
        text = lightgbm.train(settings, _data(sample, categories, settings), late, init_model=before).model_to_string()
    return Trees(text)


def _threads() -> int:
    threads = os.environ.get("OMP_NUM_THREADS", "")
    return int(threads) if threads.isdecimal() else max(1, (os.cpu_count() or 1) // 2)


def _data(sample: Sample, categories: Sequence[int], settings: Mapping[str, object]) -> Any:
    return _lightgbm().Dataset(
        sample.rows,
        sample.came,
        weight=sample.weight / sample.weight.mean(),
        feature_name=[f"c{number}" for number in range(sample.rows.shape[1])],
        categorical_feature=list(categories),
        params=dict(settings),
    )


def _without(doubted: Sequence[int], sample: Sample) -> Sample:
    """Return the sample with nothing to ask about in these columns.

    LightGBM draws no column that is constant. One that it draws, but may not ask about, can be all that a tree gets,
    and then it stops.
    """
    if not doubted:
        return sample
    rows = sample.rows.copy()
    rows[:, list(doubted)] = 0
    return Sample(rows, sample.came, sample.weight)


def _only(doubted: Sequence[int], sample: Sample) -> list[float]:
    """Return by column what a question about it counts, where only these may be asked about."""
    return [float(at in doubted) for at in range(sample.rows.shape[1])]


def _lightgbm() -> ModuleType:
    """Return LightGBM, which few processes need: with what it brings along it takes 50 MB.

    Raises:
        LightGBMMissing: it cannot be loaded.
    """
    try:
        return import_module("lightgbm")
    except OSError as error:
        raise LightGBMMissing(f"LightGBM cannot be loaded ({error}): install OpenMP, the package libgomp1.") from None


def leaves_of(node: Node) -> Iterator[Node]:
    """Yield the leaves below a node."""
    if "split_feature" not in node:
        yield node
        return
    yield from leaves_of(node["left_child"])
    yield from leaves_of(node["right_child"])
