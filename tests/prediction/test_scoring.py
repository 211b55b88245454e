from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gateway.journey.feature_state import FeatureState
from gateway.journey.features import FeatureSchema
from gateway.journey.outcome import OutcomeAchievement, Prediction, Reason
from gateway.journey.page_group import PageGroups
from gateway.journey.replay import replayed
from gateway.journey.session import LastEvent, Session
from gateway.prediction.explanation import NOTHING, Sight
from gateway.prediction.model import Because, Model, Whole
from gateway.prediction.quality import Floats
from gateway.prediction.scene import Moment, Scene, moment_of
from gateway.prediction.scoring import scored, told_of
from gateway.storage.documents.prediction import StoredPredictions, packed_predictions, unpacked_predictions
from tests.journey.visits import visit_of
from tests.prediction.past_visits import DEFINITIONS

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
FIRST = Moment("s", NOON, 1)
AFTERWARDS = Moment("s", LATER, 2)
BECAUSE = (Reason("has just come", 0.5),)
WORDS = [lambda sight: "has just come" if sight.state.steps <= 1 else f"took {sight.state.steps} steps"]
SCHEMA = FeatureSchema(PageGroups(("/a",)), ("search_performed",))
STATE = FeatureState(0)


@dataclass(frozen=True)
class Told:
    """A model that says what it is told to, in turn."""

    says: tuple[float, ...]
    outcome_id: str = "o"
    id: str = "m"

    def probabilities(self, scene: Scene) -> Floats:
        return np.asarray(self.says[: len(scene.moments)], dtype=np.float64)

    def quantiles(self, probabilities: Floats) -> Floats:
        return probabilities / 2

    def because(self, scene: Scene, numbers: Whole) -> Because | None:
        topics = np.asarray([[0, NOTHING, NOTHING] for _ in numbers], dtype=np.int32).reshape(-1, 3)
        effects = np.full((len(numbers), 3), 0.5)
        return Because(
            topics, effects, WORDS, [Sight(moment.feature_state or STATE, SCHEMA) for moment in scene.moments]
        )


@dataclass(frozen=True)
class Broken(Told):
    """A model that fails at everything."""

    def probabilities(self, _scene: Scene) -> Floats:
        raise ZeroDivisionError

    def because(self, _scene: Scene, _numbers: Whole) -> Because | None:
        raise ZeroDivisionError


def after(
    moments: Sequence[Moment], models: Mapping[str, Model], stored: Sequence[Prediction] = ()
) -> tuple[Prediction, ...]:
    """Return the predictions of the one session of these moments."""
    (packed,) = scored(moments, models, {"s": packed_predictions(stored)}).predictions.values()
    return unpacked_predictions(packed)


def test_a_session_gets_a_prediction_of_each_model_with_its_reasons() -> None:
    models = {"o": Told((0.25,)), "p": Told((0.5,), "p", "m2")}
    assert after([FIRST], models) == (
        Prediction("o", 0.25, 0.25, 0.125, 0.125, NOON, "m", BECAUSE),
        Prediction("p", 0.5, 0.5, 0.25, 0.25, NOON, "m2", BECAUSE),
    )


def test_the_highest_probability_is_kept_while_the_newest_falls_within_a_batch_and_across_batches() -> None:
    (told,) = after([FIRST, AFTERWARDS], {"o": Told((0.5, 0.25))})
    assert (told.probability, told.session_max_probability) == (0.25, 0.5)
    assert (told.quantile, told.session_max_quantile, told.modified_date) == (0.125, 0.25, LATER)
    stored = [Prediction("o", 0.75, 0.75, None, None, NOON, "old")]
    (told,) = after([AFTERWARDS], {"o": Told((0.25,))}, stored)
    assert (told.probability, told.session_max_probability, told.model_id) == (0.25, 0.75, "m")


def test_an_outcome_that_is_reached_keeps_its_last_prediction() -> None:
    reached = AFTERWARDS._replace(reached=("o",))
    (told,) = after([FIRST, reached], {"o": Told((0.5, 0.9))})
    assert (told.probability, told.modified_date, told.reasons) == (0.5, NOON, BECAUSE)
    assert told_of([FIRST, reached], {"o": Told((0.5, 0.9))}) == [{"o": 0.5}, {}]


def test_reasons_that_are_kept_stay_in_the_words_of_their_moment() -> None:
    first, second = (
        FIRST._replace(feature_state=FeatureState(0, steps=2)),
        AFTERWARDS._replace(reached=("o",), feature_state=FeatureState(0, steps=9)),
    )
    models = {"o": Told((0.5, 0.9)), "p": Told((0.1, 0.2), "p", "m2")}
    stored = after([first], models)
    for told in (after([first, second], models), after([second], {**models, "o": Told((0.9,))}, stored)):
        assert {one.outcome_id: [why.words for why in one.reasons] for one in told} == {
            "o": ["took 2 steps"],
            "p": ["took 9 steps"],
        }


def test_sessions_of_one_batch_are_told_apart() -> None:
    other = Moment("t", LATER, 1)
    before = {"t": packed_predictions([Prediction("gone", 0.5, 0.75, None, None, NOON, "old", BECAUSE)])}
    told = scored([FIRST, other, AFTERWARDS], {"o": Told((0.5, 0.1, 0.25))}, before).predictions
    assert unpacked_predictions(told["s"]) == (Prediction("o", 0.25, 0.5, 0.125, 0.25, LATER, "m", BECAUSE),)
    gone, new = sorted(unpacked_predictions(told["t"]))
    assert gone == Prediction("gone", 0.5, 0.75, None, None, NOON, "old", BECAUSE)
    assert new == Prediction("o", 0.1, 0.1, 0.05, 0.05, LATER, "m", BECAUSE)


def test_an_outcome_reached_by_the_first_event_is_never_scored() -> None:
    reached = FIRST._replace(reached=("o",))
    assert [one.outcome_id for one in after([reached], {"o": Told((0.9,)), "p": Told((0.1,), "p")})] == ["p"]


def test_a_prediction_of_an_outcome_without_a_model_stays() -> None:
    old = Prediction("gone", 0.5, 0.5, None, None, NOON, "old")
    assert after([AFTERWARDS], {"o": Told((0.1,))}, [old])[0] == old


def test_stored_predictions_that_cannot_be_read_are_told_anew() -> None:
    told = scored([FIRST], {"o": Told((0.5,))}, {"s": StoredPredictions(b"broken", b"broken")})
    assert [one.probability for one in unpacked_predictions(told.predictions["s"])] == [0.5]


def test_a_moment_is_what_models_look_at_of_a_session() -> None:
    session = Session("s", "c", "v", "cookie", NOON, LastEvent("e", "page_viewed", NOON), pageview_count=1)
    reached = session._replace(outcome_achievements=(OutcomeAchievement("o", NOON, "e", 1),))
    assert moment_of(session) == FIRST
    assert moment_of(reached) == FIRST._replace(reached=("o",))


def test_a_model_that_fails_tells_nothing_and_stops_no_event() -> None:
    told = after([FIRST], {"o": Broken((0.1,)), "p": Told((0.5,), "p", "m2")})
    assert [one.outcome_id for one in told] == ["p"]


def test_models_with_the_same_schema_share_their_rows() -> None:
    states = list(replayed(visit_of("/a", "?"), DEFINITIONS))
    scene = Scene([*map(moment_of, states), FIRST])
    first, again = (FeatureSchema(PageGroups(("/a",)), ("search_performed",)) for _ in range(2))
    assert scene.rows(first) is scene.rows(again)
    assert scene.rows(first).shape == (3, len(first.columns))
    assert scene.rows(first)[:2, 0].tolist() == [1, 2]


@pytest.mark.parametrize("models", [{}, {"o": Told(())}], ids=["without models", "without sessions"])
def test_nothing_comes_of_nothing(models: Mapping[str, Model]) -> None:
    assert scored([], models, {}) == ([], {})
