"""Scoring: put the newest predictions on a session, right after an event was applied to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from gateway.journey.outcome import Prediction
from gateway.journey.session import Session


class Model(Protocol):
    """What was learned for one outcome, however it was learned."""

    @property
    def id(self) -> str:
        """The model's id."""

    @property
    def outcome_id(self) -> str:
        """The outcome that it predicts."""

    def probability(self, session: Session) -> float:
        """Return the probability, in 0..1, that the session still reaches the outcome."""

    def quantile(self, probability: float) -> float | None:
        """Return the share of past sessions whose highest probability was lower."""


def score(session: Session, models: Mapping[str, Model], at: datetime) -> Session:
    """Return the session with a prediction per model; an outcome that is reached keeps its last one."""
    if not models:
        return session
    reached = {achievement.outcome_id for achievement in session.outcome_achievements}
    before = {prediction.outcome_id: prediction for prediction in session.predictions}
    told = dict(before)
    for outcome_id, model in models.items():
        if outcome_id not in reached:
            told[outcome_id] = _predict(session, model, before.get(outcome_id), at)
    return session._replace(predictions=tuple(told.values()))


def _predict(session: Session, model: Model, before: Prediction | None, at: datetime) -> Prediction:
    probability = model.probability(session)
    highest = max(probability, before.session_max_probability) if before else probability
    return Prediction(
        outcome_id=model.outcome_id,
        probability=probability,
        session_max_probability=highest,
        quantile=model.quantile(probability),
        session_max_quantile=model.quantile(highest),
        modified_date=at,
        model_id=model.id,
    )
