"""What scoring wants of a model, however it was learned."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from gateway.prediction.explanation import Sight, Wording
from gateway.prediction.quality import Floats
from gateway.prediction.scene import Scene

Whole = NDArray[np.int64]


class Because(NamedTuple):
    """What moved predictions most, strongest first: by moment and rank.

    `topics` are numbers of topics, NOTHING where too little is left; `effects` are in log-odds. `words` has by topic
    what finds the words for it, in one of the `sights`, which are those of all moments of the scene.
    """

    topics: NDArray[np.int32]
    effects: Floats
    words: Sequence[Wording]
    sights: Sequence[Sight | None]


class Model(Protocol):
    """What was learned for one outcome."""

    @property
    def id(self) -> str:
        """The model's id."""

    @property
    def outcome_id(self) -> str:
        """The outcome that it predicts."""

    def probabilities(self, scene: Scene) -> Floats:
        """Return for each moment the probability, in 0..1, that its session still reaches the outcome."""

    def quantiles(self, probabilities: Floats) -> Floats:
        """Return for each the share of past sessions whose highest probability was lower, NaN where there are none."""

    def because(self, scene: Scene, numbers: Whole) -> Because | None:
        """Return what moves the probability most at these moments, by number; None for a model that cannot say."""
