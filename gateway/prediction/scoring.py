"""Scoring: what models say of sessions, right after each event of a batch.

A model is asked once for a batch, not once for an event, and models with the same schema share the rows.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from math import nan
from struct import Struct
from typing import NamedTuple, Protocol, cast

import numpy as np
import structlog

from gateway.journey.feature_state import FeatureState
from gateway.journey.features import FeatureSchema, features_of
from gateway.journey.outcome import Prediction, Reason
from gateway.journey.session import Session
from gateway.prediction.boosting import Leaves, Rows
from gateway.prediction.explanation import Explanation, Sight, together
from gateway.storage.documents.prediction import KeptPrediction, StoredPredictions, kept_predictions, packed_predictions

log = structlog.get_logger(__name__)

Told = Mapping[str, float]
"""Probabilities by outcome id."""


class Moment(NamedTuple):
    """A session right after an event, as far as models look at it. `reached` are the outcomes that it has reached."""

    session_id: str
    date: datetime
    pageview_count: int
    reached: tuple[str, ...] = ()
    feature_state: FeatureState | None = None


class Scored(NamedTuple):
    """What was told at each moment, and by session the newest predictions, as they are stored."""

    told: Sequence[Told]
    predictions: Mapping[str, StoredPredictions]


class Scene:
    """Moments of sessions, with the numbers that models ask about.

    `leaves` is where learned models keep what they have found, by their id: it is asked for twice.
    """

    def __init__(self, moments: Sequence[Moment]) -> None:
        self.moments = moments
        self.leaves: dict[str, Leaves] = {}
        self._explained: dict[FeatureSchema, dict[str, Explanation]] = {}
        self._reasons: dict[FeatureSchema, dict[str, list[tuple[Reason, ...]]]] = {}
        self._rows: dict[FeatureSchema, Rows] = {}
        self._sights: dict[FeatureSchema, list[Sight | None]] = {}

    def sights(self, schema: FeatureSchema) -> list[Sight | None]:
        """Return the moments as words are found for them; None for one without a feature state."""
        if schema not in self._sights:
            states = (moment.feature_state for moment in self.moments)
            self._sights[schema] = [Sight(state, schema) if state else None for state in states]
        return self._sights[schema]

    def keep(self, schema: FeatureSchema, model_id: str, leaves: Leaves, explanation: Explanation) -> None:
        """Keep what a model has found, so that it can be explained together with what others have found."""
        self.leaves[model_id] = leaves
        self._explained.setdefault(schema, {})[model_id] = explanation

    def reasons(self, schema: FeatureSchema, model_id: str) -> Sequence[tuple[Reason, ...]]:
        """Return the reasons of each moment's prediction by a model that has kept what it found."""
        if schema not in self._reasons:
            explained = self._explained[schema]
            told = together(tuple(explained.values())).reasons(
                [self.leaves[id_] for id_ in explained], self.sights(schema)
            )
            self._reasons[schema] = dict(zip(explained, map(list, zip(*told, strict=True)), strict=True))
        return self._reasons[schema][model_id]

    def rows(self, schema: FeatureSchema) -> Rows:
        """Return a row a moment; one without a feature state has nothing but NaN."""
        if schema not in self._rows:
            width = len(schema.columns)
            unknown = [nan] * width
            sights = self.sights(schema)
            told = [features_of(one.state, schema, one.places) if one else unknown for one in sights]
            pack = Struct(f"{width}d").pack  # a fifth of the time that NumPy takes for lists
            numbers = np.frombuffer(b"".join([pack(*row) for row in told]), dtype=np.float64)
            self._rows[schema] = numbers.astype(np.float32).reshape(len(told), width)
        return self._rows[schema]


class Model(Protocol):
    """What was learned for one outcome, however it was learned."""

    @property
    def id(self) -> str:
        """The model's id."""

    @property
    def outcome_id(self) -> str:
        """The outcome that it predicts."""

    def probabilities(self, scene: Scene) -> Sequence[float]:
        """Return for each moment the probability, in 0..1, that its session still reaches the outcome."""

    def quantiles(self, probabilities: Sequence[float]) -> Sequence[float | None]:
        """Return for each probability the share of past sessions whose highest probability was lower."""

    def reasons(self, scene: Scene, numbers: Sequence[int]) -> Sequence[tuple[Reason, ...]]:
        """Return for each of these moments, by number, what moves its probability most."""


def told_of(scene: Scene, models: Mapping[str, Model]) -> list[Told]:
    """Return the probabilities at each moment; none for an outcome that has been reached.

    A model that fails tells nothing: no event is lost to it.
    """
    columns = {outcome_id: told for outcome_id, model in models.items() if (told := _told(model, scene)) is not None}
    return [
        {outcome_id: told[number] for outcome_id, told in columns.items() if outcome_id not in moment.reached}
        for number, moment in enumerate(scene.moments)
    ]


def scored(moments: Sequence[Moment], models: Mapping[str, Model], before: Mapping[str, StoredPredictions]) -> Scored:
    """Return what models say at these moments, given in order, and what is stored of it.

    `before` are the predictions that are stored, by session; what no model tells anew is kept.
    """
    scene = Scene(moments)
    told = told_of(scene, models)
    columns = {outcome_id: _column(scene, told, model) for outcome_id, model in models.items()}
    predictions: dict[str, dict[str, Prediction | KeptPrediction]] = {}
    for number, moment in enumerate(moments):
        known = predictions.get(moment.session_id)
        if known is None:
            stored = kept_predictions(before.get(moment.session_id, b""))
            known = predictions[moment.session_id] = {one.outcome_id: one for one in stored}
        _move(known, told[number], columns, number, moment.date)
    return Scored(told, {id_: packed_predictions(those.values()) for id_, those in predictions.items()})


def moment_of(session: Session) -> Moment:
    """Return the moment in which a session is, right after its latest event."""
    reached = tuple([achievement.outcome_id for achievement in session.outcome_achievements])
    return Moment(session.id, session.last_event.created_date, session.pageview_count, reached, session.feature_state)


class _Column(NamedTuple):
    """What one model says beside its probabilities, by the number of the state."""

    model: Model
    quantiles: Sequence[float | None]
    reasons: Mapping[int, tuple[Reason, ...]]


def _column(scene: Scene, told: Sequence[Told], model: Model) -> _Column:
    probabilities = [one.get(model.outcome_id, 0.0) for one in told]
    last = {one.session_id: number for number, one in enumerate(scene.moments) if model.outcome_id in told[number]}
    numbers = list(last.values())  # of earlier states reasons are not kept
    return _Column(
        model, model.quantiles(probabilities), dict(zip(numbers, _reasons(model, scene, numbers), strict=False))
    )


def _move(
    known: dict[str, Prediction | KeptPrediction], told: Told, columns: Mapping[str, _Column], number: int, at: datetime
) -> None:
    """Put what was told in the place of what is known."""
    for outcome_id, probability in told.items():
        model, quantiles, reasons = columns[outcome_id]
        before = known.get(outcome_id)
        highest = probability
        quantile = highest_quantile = quantiles[number]
        if before is not None and before.session_max_probability > probability:
            highest = before.session_max_probability
            is_same = before.model_id == model.id
            highest_quantile = before.session_max_quantile if is_same else model.quantiles([highest])[0]
        why = reasons.get(number, ())
        told_now = (outcome_id, probability, highest, quantile, highest_quantile, at, model.id, why)
        known[outcome_id] = _prediction(told_now)


_prediction = cast("Callable[[tuple[object, ...]], Prediction]", partial(tuple.__new__, Prediction))
"""Makes a prediction in half of the time that calling the class takes."""


def _told(model: Model, scene: Scene) -> Sequence[float] | None:
    try:
        return model.probabilities(scene)
    except Exception:  # whatever is wrong with a model must not stop events
        log.exception("a model cannot tell anything", model=model.id, outcome=model.outcome_id)
        return None


def _reasons(model: Model, scene: Scene, numbers: Sequence[int]) -> Sequence[tuple[Reason, ...]]:
    try:
        return model.reasons(scene, numbers)
    except Exception:  # as above: a probability without a reason is better than none
        log.exception("a model cannot say why", model=model.id, outcome=model.outcome_id)
        return ()
