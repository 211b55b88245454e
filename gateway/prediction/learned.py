"""A learned model as it serves: trees over the columns that it looks at, calibrated, and able to say why."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gateway.journey.features import FeatureSchema
from gateway.journey.outcome import Reason
from gateway.prediction.boosting import Leaves, Rows, Trees
from gateway.prediction.calibration import Calibration
from gateway.prediction.explanation import Explanation
from gateway.prediction.quality import Floats, logistic
from gateway.prediction.scoring import Scene

LEARNED = "LEARNED"
Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LearnedModel:
    """What was learned for one outcome.

    `columns` are the places, among those of the schema, of what the trees ask about. `highest` are the highest
    probabilities of past sessions: equally many sessions lie between two of them.
    """

    id: str
    outcome_id: str
    schema: FeatureSchema
    columns: tuple[int, ...]
    trees: Trees
    calibration: Calibration
    highest: tuple[float, ...] = ()

    def probabilities(self, scene: Scene) -> Sequence[float]:
        """Return for each moment the probability, in 0..1, that its session still reaches the outcome."""
        if not scene.moments:
            return []
        told: list[float] = self.calibration(logistic(self.trees.logits(self._leaves(scene)))).tolist()
        return told

    def told(self, rows: Rows) -> Floats:
        """Return the probabilities of rows of the model's own columns."""
        return self.calibration(self.trees.told(rows))

    def quantiles(self, probabilities: Sequence[float]) -> Sequence[float | None]:
        """Return for each the share of past sessions whose highest probability was lower, None where there are none."""
        count = len(self.highest)
        if not count:
            return [None] * len(probabilities)
        shares: list[float] = (self._highest.searchsorted(probabilities) / count).tolist()
        return shares

    def reasons(self, scene: Scene, numbers: Sequence[int]) -> Sequence[tuple[Reason, ...]]:
        """Return for each of these moments, by number, what moves its probability most."""
        if not numbers:
            return []
        self._leaves(scene)
        reasons = scene.reasons(self.schema, self.id)
        return [reasons[number] for number in numbers]

    def _leaves(self, scene: Scene) -> Leaves:
        if self.id not in scene.leaves:
            rows = np.ascontiguousarray(scene.rows(self.schema)[:, self._places])
            scene.keep(self.schema, self.id, self.trees.leaves(rows), self._explanation)
        return scene.leaves[self.id]

    @cached_property
    def _highest(self) -> Floats:
        return np.asarray(self.highest)

    @cached_property
    def _places(self) -> Places:
        return np.asarray(self.columns, dtype=np.int64)

    @cached_property
    def _explanation(self) -> Explanation:
        return Explanation(self.trees, [self.schema.columns[at] for at in self.columns])
