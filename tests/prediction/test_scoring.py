from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.journey.outcome import OutcomeAchievement, Prediction
from gateway.journey.session import LastEvent, Session
from gateway.prediction.scoring import score

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
SESSION = Session("s", "c", "v", "cookie", NOON, LastEvent("e", "page_viewed", NOON))


@dataclass(frozen=True)
class Told:
    """A model that says what it is told to."""

    says: float
    outcome_id: str = "o"
    id: str = "m"

    def probability(self, _session: Session) -> float:
        return self.says

    def quantile(self, probability: float) -> float | None:
        return probability / 2


def test_a_session_gets_a_prediction_of_each_model() -> None:
    models = {"o": Told(0.25), "p": Told(0.5, "p", "m2")}
    assert score(SESSION, models, NOON).predictions == (
        Prediction("o", 0.25, 0.25, 0.125, 0.125, NOON, "m"),
        Prediction("p", 0.5, 0.5, 0.25, 0.25, NOON, "m2"),
    )


def test_the_highest_probability_of_a_session_is_kept_while_the_newest_falls() -> None:
    (told,) = score(score(SESSION, {"o": Told(0.5)}, NOON), {"o": Told(0.25)}, LATER).predictions
    assert (told.probability, told.session_max_probability) == (0.25, 0.5)
    assert (told.quantile, told.session_max_quantile, told.modified_date) == (0.125, 0.25, LATER)


def test_an_outcome_that_is_reached_keeps_its_last_prediction() -> None:
    scored = score(SESSION, {"o": Told(0.5)}, NOON)
    reached = scored._replace(outcome_achievements=(OutcomeAchievement("o", LATER, "e", 1),))
    assert score(reached, {"o": Told(0.9)}, LATER) == reached


def test_an_outcome_reached_by_the_first_event_is_never_scored() -> None:
    reached = SESSION._replace(outcome_achievements=(OutcomeAchievement("o", NOON, "e", 1),))
    assert score(reached, {"o": Told(0.9), "p": Told(0.1, "p")}, NOON).predictions[0].outcome_id == "p"


def test_without_models_a_session_stays_as_it_is() -> None:
    scored = score(SESSION, {"o": Told(0.5)}, NOON)
    assert score(scored, {}, LATER) is scored
