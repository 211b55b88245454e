"""Scoring: put the newest predictions on sessions, for all events of a batch at once.

A model is asked once for a batch, not once for an event, and models with the same schema share the rows.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import structlog

from gateway.journey.features import FeatureSchema, features_of
from gateway.journey.outcome import Prediction, Reason
from gateway.journey.session import Session
from gateway.prediction.boosting import Leaves, Rows
from gateway.prediction.explanation import Sight

log = structlog.get_logger(__name__)

Told = Mapping[str, float]
"""Probabilities by outcome id."""


class Scene:
    """Sessions as they stand, each right after an event of its own, with the numbers that models ask about.

    `leaves` is where learned models keep what they have found, by their id: it is asked for twice.
    """

    def __init__(self, sessions: Sequence[Session]) -> None:
        self.sessions = sessions
        self.leaves: dict[str, Leaves] = {}
        self._rows: dict[FeatureSchema, Rows] = {}
        self._sights: dict[FeatureSchema, dict[int, Sight | None]] = {}

    def sights(self, schema: FeatureSchema, numbers: Sequence[int]) -> list[Sight | None]:
        """Return these sessions, by number, as words are found for them; None for one without a feature state."""
        known = self._sights.setdefault(schema, {})
        for number in numbers:
            if number not in known:
                state = self.sessions[number].feature_state
                known[number] = Sight(state, schema) if state else None
        return [known[number] for number in numbers]

    def rows(self, schema: FeatureSchema) -> Rows:
        """Return a row a session; one without a feature state has nothing but NaN."""
        if schema not in self._rows:
            unknown = [float("nan")] * len(schema.columns)
            states = (session.feature_state for session in self.sessions)
            told = [features_of(state, schema) if state else unknown for state in states]
            self._rows[schema] = np.asarray(told, dtype=np.float32).reshape(len(told), len(unknown))
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
        """Return for each session the probability, in 0..1, that it still reaches the outcome."""

    def quantile(self, probability: float) -> float | None:
        """Return the share of past sessions whose highest probability was lower."""

    def reasons(self, scene: Scene, numbers: Sequence[int]) -> Sequence[tuple[Reason, ...]]:
        """Return for each of these sessions, by number, what moves its probability most."""


def told_of(scene: Scene, models: Mapping[str, Model]) -> list[Told]:
    """Return the probabilities of each session; none for an outcome that it has reached.

    A model that fails tells nothing: no event is lost to it.
    """
    columns = {outcome_id: told for outcome_id, model in models.items() if (told := _told(model, scene)) is not None}
    return [
        {outcome_id: told[number] for outcome_id, told in columns.items() if outcome_id not in reached}
        for number, reached in enumerate(map(_reached, scene.sessions))
    ]


def predicted(
    sessions: Sequence[Session], models: Mapping[str, Model], before: Mapping[str, Session]
) -> tuple[list[Told], dict[str, Session]]:
    """Return what is told of each of these states of sessions, and the last state of each with its predictions, by id.

    The states are in order; `before` are the sessions as they are stored.
    """
    scene = Scene(sessions)
    told = told_of(scene, models)
    last: dict[str, Session] = {}
    told_last: dict[str, int] = {}
    predictions: dict[str, dict[str, Prediction]] = {}
    for number, session in enumerate(sessions):
        if session.id not in predictions:
            first = before.get(session.id, session)
            predictions[session.id] = {one.outcome_id: one for one in first.predictions}
        known = predictions[session.id]
        for outcome_id, probability in told[number].items():
            known[outcome_id] = _moved(known.get(outcome_id), models[outcome_id], probability, session)
        last[session.id] = session
        if told[number]:
            told_last[session.id] = number
    _explain(scene, told, list(told_last.values()), predictions, models)
    return told, {id_: one._replace(predictions=tuple(predictions[id_].values())) for id_, one in last.items()}


def _told(model: Model, scene: Scene) -> Sequence[float] | None:
    try:
        return model.probabilities(scene)
    except Exception:  # whatever is wrong with a model must not stop events
        log.exception("a model cannot tell anything", model=model.id, outcome=model.outcome_id)
        return None


def _reached(session: Session) -> frozenset[str]:
    return frozenset(achievement.outcome_id for achievement in session.outcome_achievements)


def _moved(before: Prediction | None, model: Model, probability: float, session: Session) -> Prediction:
    highest = max(probability, before.session_max_probability) if before else probability
    return Prediction(
        outcome_id=model.outcome_id,
        probability=probability,
        session_max_probability=highest,
        quantile=model.quantile(probability),
        session_max_quantile=model.quantile(highest),
        modified_date=session.last_event.created_date,
        model_id=model.id,
    )


def _explain(
    scene: Scene,
    told: Sequence[Told],
    numbers: Sequence[int],
    predictions: Mapping[str, dict[str, Prediction]],
    models: Mapping[str, Model],
) -> None:
    """Add the reasons to predictions that were told last, at these numbers: earlier ones of a batch are not kept."""
    for outcome_id, model in models.items():
        there = [number for number in numbers if outcome_id in told[number]]
        for number, reasons in zip(there, _reasons(model, scene, there), strict=False):
            known = predictions[scene.sessions[number].id]
            known[outcome_id] = _because(known[outcome_id], reasons)


def _because(one: Prediction, reasons: tuple[Reason, ...]) -> Prediction:
    if not reasons:
        return one
    # Spelt out, as dataclasses.replace takes three times as long, and this is done for every outcome of every event
    return Prediction(
        one.outcome_id,
        one.probability,
        one.session_max_probability,
        one.quantile,
        one.session_max_quantile,
        one.modified_date,
        one.model_id,
        reasons,
    )


def _reasons(model: Model, scene: Scene, numbers: Sequence[int]) -> Sequence[tuple[Reason, ...]]:
    try:
        return model.reasons(scene, numbers)
    except Exception:  # as above: a probability without a reason is better than none
        log.exception("a model cannot say why", model=model.id, outcome=model.outcome_id)
        return ()
