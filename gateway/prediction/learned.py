"""A learned model as it serves: trees over the columns that it looks at, calibrated, and able to say why."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gateway.journey.feature_state import FeatureState
from gateway.journey.features import FeatureSchema
from gateway.journey.outcome import Reason
from gateway.prediction.boosting import Leaves, Rows, Trees
from gateway.prediction.calibration import Calibration
from gateway.prediction.explanation import Explanation
from gateway.prediction.quality import Floats
from gateway.prediction.scoring import Scene

LEARNED = "LEARNED"


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
        """Return for each session the probability, in 0..1, that it still reaches the outcome."""
        if not scene.sessions:
            return []
        told: list[float] = self.told(self._rows(scene)).tolist()
        return told

    def told(self, rows: Rows) -> Floats:
        """Return the probabilities of rows of the model's own columns."""
        return self.calibration(self.trees.told(rows))

    def quantile(self, probability: float) -> float | None:
        """Return the share of past sessions whose highest probability was lower, None where there are none."""
        return bisect_left(self.highest, probability) / len(self.highest) if self.highest else None

    def reasons(self, scene: Scene) -> Sequence[tuple[Reason, ...]]:
        """Return for each session what moves its probability most."""
        if not scene.sessions:
            return []
        states = [session.feature_state for session in scene.sessions]
        leaves = self.trees.leaves(self._rows(scene))
        return [self._because(one, state) for one, state in zip(leaves, states, strict=True)]

    def _because(self, leaves: Leaves, state: FeatureState | None) -> tuple[Reason, ...]:
        return self._explanation.reasons(leaves, state) if state else ()

    def _rows(self, scene: Scene) -> Rows:
        return np.ascontiguousarray(scene.rows(self.schema)[:, self.columns])

    @cached_property
    def _explanation(self) -> Explanation:
        return Explanation(self.trees, [self.schema.columns[at] for at in self.columns], self.schema)
