"""Scoring: put the newest predictions on sessions, for all events of a batch at once.

A model is asked once for a batch, not once for an event, and models with the same schema share the rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np
import structlog

from gateway.journey.features import FeatureSchema, features_of
from gateway.journey.outcome import Prediction, Reason
from gateway.journey.session import Session
from gateway.prediction.boosting import Rows

log = structlog.get_logger(__name__)

Told = Mapping[str, float]
"""Probabilities by outcome id."""


class Scene:
    """Sessions as they stand, each right after an event of its own, with the numbers that models ask about."""

    def __init__(self, sessions: Sequence[Session]) -> None:
        self.sessions = sessions
        self._rows: dict[FeatureSchema, Rows] = {}

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

    def reasons(self, scene: Scene) -> Sequence[tuple[Reason, ...]]:
        """Return for each session what moves its probability most."""


def told_of(sessions: Sequence[Session], models: Mapping[str, Model]) -> list[Told]:
    """Return the probabilities of each session; none for an outcome that it has reached.

    A model that fails tells nothing: no event is lost to it.
    """
    scene = Scene(sessions)
    columns = {outcome_id: told for outcome_id, model in models.items() if (told := _told(model, scene)) is not None}
    return [
        {outcome_id: told[number] for outcome_id, told in columns.items() if outcome_id not in reached}
        for number, reached in enumerate(map(_reached, sessions))
    ]


def scored(
    steps: Iterable[tuple[Session, Told]], models: Mapping[str, Model], before: Mapping[str, Session]
) -> dict[str, Session]:
    """Return the last state of each session with its predictions, by id; steps are in order, `before` as stored."""
    sessions: dict[str, Session] = {}
    told_at: dict[str, Session] = {}
    predictions: dict[str, dict[str, Prediction]] = {}
    for session, told in steps:
        if session.id not in predictions:
            first = before.get(session.id, session)
            predictions[session.id] = {one.outcome_id: one for one in first.predictions}
        known = predictions[session.id]
        for outcome_id, probability in told.items():
            known[outcome_id] = _moved(known.get(outcome_id), models[outcome_id], probability, session)
        sessions[session.id] = session
        if told:
            told_at[session.id] = session
    reasons = _explained(list(told_at.values()), predictions, models)
    return {
        id_: session._replace(predictions=reasons.get(id_) or tuple(predictions[id_].values()))
        for id_, session in sessions.items()
    }


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


def _explained(
    sessions: Sequence[Session], predictions: Mapping[str, Mapping[str, Prediction]], models: Mapping[str, Model]
) -> dict[str, tuple[Prediction, ...]]:
    """Return the predictions of each session, with the reasons of those told right after this state of it.

    Of a session that has several events in a batch only the last predictions are kept, so only they need reasons.
    """
    scene = Scene(sessions)
    reasons = {model.id: _reasons(model, scene) for model in models.values()}
    dates = [session.last_event.created_date for session in sessions]
    return {
        session.id: tuple(
            _because(one, reasons.get(one.model_id or "", ()), number) if one.modified_date == dates[number] else one
            for one in predictions[session.id].values()
        )
        for number, session in enumerate(sessions)
    }


def _because(prediction: Prediction, reasons: Sequence[tuple[Reason, ...]], number: int) -> Prediction:
    if not reasons:
        return prediction
    return Prediction(
        prediction.outcome_id,
        prediction.probability,
        prediction.session_max_probability,
        prediction.quantile,
        prediction.session_max_quantile,
        prediction.modified_date,
        prediction.model_id,
        reasons[number],
    )


def _reasons(model: Model, scene: Scene) -> Sequence[tuple[Reason, ...]]:
    try:
        return model.reasons(scene)
    except Exception:  # as above: a probability without a reason is better than none
        log.exception("a model cannot say why", model=model.id, outcome=model.outcome_id)
        return ()
