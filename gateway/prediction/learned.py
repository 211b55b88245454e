"""Learned models as they serve: trees over the columns that they look at, calibrated, and able to say why."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import nan

import numpy as np

from gateway.journey.features import FeatureSchema
from gateway.prediction.boosting import Trees
from gateway.prediction.calibration import Calibration
from gateway.prediction.explanation import Explanation, Strongest, Wording, wording_of
from gateway.prediction.forest import Forest, Rows
from gateway.prediction.model import Because, Whole
from gateway.prediction.quality import Floats, logistic
from gateway.prediction.scene import Scene

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

    def probabilities(self, scene: Scene) -> Floats:
        """Return for each moment the probability, in 0..1, that its session still reaches the outcome."""
        found = self._found(scene)
        return self.calibration(logistic(found.logits[:, found.ensemble.place_of(self)]))

    def told(self, rows: Rows) -> Floats:
        """Return the probabilities of rows of the model's own columns."""
        return self.calibration(self.trees.told(rows))

    def quantiles(self, probabilities: Floats) -> Floats:
        """Return for each the share of past sessions whose highest probability was lower, NaN where there are none."""
        count = len(self.highest)
        if not count:
            return np.full(len(probabilities), nan)
        shares: Floats = self._highest.searchsorted(probabilities) / count
        return shares

    def because(self, scene: Scene, numbers: Whole) -> Because | None:
        """Return what moves the probability most at these moments, by number."""
        found = self._found(scene)
        ensemble, place = found.ensemble, found.ensemble.place_of(self)
        strongest = found.strongest(numbers)
        topics, effects = strongest.topics[:, place], strongest.effects[:, place]
        return Because(topics, effects, ensemble.words, scene.sights(self.schema))

    def _found(self, scene: Scene) -> "_Found":
        known = scene.found.get(self.schema)
        if not isinstance(known, _Found):
            alike = (one for one in scene.models if isinstance(one, LearnedModel) and one.schema == self.schema)
            known = scene.found[self.schema] = _Found(together(tuple(alike) or (self,)), scene.rows(self.schema))
        return known

    @cached_property
    def _highest(self) -> Floats:
        return np.asarray(self.highest)


class Ensemble:
    """Learned models with the same schema, which are asked together: by itself, each takes twice as long."""

    def __init__(self, models: Sequence[LearnedModel]) -> None:
        self._places = {model.id: place for place, model in enumerate(models)}
        self._schema = models[0].schema
        self.forest = Forest([(one.trees, one.columns) for one in models], len(self._schema.columns))
        self._asked = [(one.trees, [one.schema.columns[at] for at in one.columns]) for one in models]

    def place_of(self, model: LearnedModel) -> int:
        """Return the number of a model among those that are asked."""
        return self._places[model.id]

    @cached_property
    def explanation(self) -> Explanation:
        """What their leaves say about each topic."""
        return Explanation(self._asked)

    @cached_property
    def words(self) -> Sequence[Wording]:
        """What finds the words for each topic."""
        return [wording_of(topic, self._schema) for topic in self.explanation.topics]


@lru_cache(maxsize=8)
def together(models: tuple[LearnedModel, ...]) -> Ensemble:
    """Return these models as an ensemble."""
    return Ensemble(models)


class _Found:
    """What the models of an ensemble have found in a scene."""

    def __init__(self, ensemble: Ensemble, rows: Rows) -> None:
        self.ensemble = ensemble
        self._leaves = ensemble.forest.leaves(rows)
        #: Log-odds, by moment and model.
        self.logits = ensemble.forest.logits(self._leaves)
        self._strongest: tuple[Whole, Strongest] | None = None

    def strongest(self, numbers: Whole) -> Strongest:
        """Return what moved the predictions of these moments, by number; asked for the same again it is known."""
        if self._strongest is None or self._strongest[0] is not numbers:
            leaves = self._leaves if len(numbers) == len(self._leaves) else self._leaves[numbers]
            self._strongest = numbers, self.ensemble.explanation.strongest(leaves)
        return self._strongest[1]
