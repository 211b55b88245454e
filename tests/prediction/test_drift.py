"""Drift: a model is taken by its word as long as what it told is what came."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest

from gateway.intake.definitions import InForce
from gateway.prediction.drift import Outcome, drift_of, error_by_chance, measure_drift
from gateway.prediction.full_training import train_fully
from gateway.prediction.quality import CalibrationBin
from gateway.prediction.training import serving_models, train
from gateway.storage.database import Database, Row
from gateway.storage.definitions import newest_models
from gateway.storage.documents.prediction_model import PredictionModelDocument
from tests.prediction.collected_visits import collect, later
from tests.prediction.past_visits import BEGIN, DEFINITIONS, ORDER, visits

NOW = BEGIN + timedelta(days=40)
NEWS = NOW + timedelta(minutes=15)
TIMEOUT = timedelta(minutes=20)
BOUND = 0.05
HIGHEST = [number / 200 for number in range(200)]


def sessions(count: int, factor: float = 1.0, seed: int = 1) -> list[Outcome]:
    """Return sessions that were told three probabilities each, and reach the outcome so many times as often as told."""
    random = Random(seed)  # noqa: S311 - no secret
    told = [random.random() for _ in range(count)]
    return [Outcome(NOW, (one, one, one), random.random() < factor * one) for one in told]


@pytest.mark.parametrize(
    ("seen", "is_alarming", "words"),
    [
        pytest.param(sessions(5_000), False, "As told: told 50", id="well calibrated"),
        pytest.param(sessions(300), False, "As told: ", id="well calibrated, and few enough for chance to look bad"),
        pytest.param(sessions(5_000, 0.7), True, "No longer to be taken by its word: told 50", id="fewer come"),
        pytest.param(sessions(300, 0.5), True, "No longer to be taken by its word", id="half as many come, of few"),
        pytest.param(sessions(5_000, 0.96), False, "As told", id="hardly fewer come"),
        pytest.param(sessions(300, 0.0), True, "came 0.0%", id="nobody comes any more"),
        pytest.param([], False, "Nothing can be told yet: 200 sessions", id="none"),
        pytest.param(sessions(199, 0.0), False, "there are 199.", id="too few sessions"),
        pytest.param(
            [Outcome(NOW, (0.01,), came=False)] * 500, False, "20 of them that reached", id="too few that count"
        ),
    ],
)
def test_a_model_alarms_when_what_comes_is_not_what_it_told(
    seen: Sequence[Outcome], is_alarming: bool, words: str
) -> None:
    drift = drift_of(seen, HIGHEST, BOUND)
    assert (drift.is_alarming, drift.session_count) == (is_alarming, len(seen))
    assert words in drift.status
    assert (drift.calibration_error is None) == drift.status.startswith("Nothing can be told yet")


def test_chance_is_what_a_model_that_tells_the_truth_is_wrong_by_on_average() -> None:
    drifts = [drift_of(sessions(400, seed=seed), HIGHEST, BOUND) for seed in range(40)]
    errors = [drift.calibration_error or 0 for drift in drifts]
    chance = error_by_chance([CalibrationBin(at / 10 - 0.05, 0, 40) for at in range(1, 11)])
    assert sum(errors) / len(errors) == pytest.approx(chance, rel=0.1)
    assert not any(drift.is_alarming for drift in drifts)


def test_other_visitors_are_told_of_without_an_alarm_as_long_as_what_is_told_of_them_comes() -> None:
    drift = drift_of([one for one in sessions(5_000) if one.told[0] > 0.6], HIGHEST, BOUND)
    assert not drift.is_alarming
    assert "stability index" in drift.status
    same = drift_of(sessions(5_000), HIGHEST, BOUND)
    assert (same.stability_index or 1) < 0.05


@pytest.fixture
async def told(database: Database) -> Database:
    """A model that has learned from a thousand visits, and tells of those that come."""
    await collect(database, visits(1_000))
    await train_fully(database, [ORDER], NOW, TIMEOUT)
    return database


async def serving(database: Database) -> Row:
    return (await newest_models(database, [ORDER.id]))[ORDER.id]


@pytest.mark.parametrize(
    ("turned", "is_alarming"), [pytest.param(False, False, id="as before"), pytest.param(True, True, id="turned round")]
)
async def test_the_card_of_a_model_tells_how_it_does_of_late(told: Database, turned: bool, is_alarming: bool) -> None:
    in_force = InForce(DEFINITIONS, await serving_models(told, [ORDER.id]))
    news = later(visits(600, seed=9, since=NEWS, turned=turned))
    await collect(told, news, in_force)
    moment = news[-1][-1].created_date + TIMEOUT
    (measured,) = await measure_drift(told, [await serving(told)], moment, TIMEOUT, BOUND)
    assert (measured.drift.is_alarming, measured.has_changed) == (is_alarming, is_alarming)
    assert 590 <= measured.drift.session_count <= 599  # the newest may go on, and who orders at once is told nothing
    card = PredictionModelDocument.model_validate(await serving(told)).drift
    assert card is not None
    assert (card.measured_date, card.is_alarming, card.status) == (moment, is_alarming, measured.drift.status)
    assert (card.calibration_error, card.since) == (measured.drift.calibration_error, NEWS)
    (again,) = await measure_drift(told, [await serving(told)], moment, TIMEOUT, BOUND)
    assert (again.drift, again.has_changed) == (measured.drift, False)


async def test_sessions_that_another_model_told_of_say_nothing(told: Database) -> None:
    models = await serving_models(told, [ORDER.id])
    await collect(told, later(visits(300, seed=9, since=NEWS - timedelta(days=3))), InForce(DEFINITIONS, models))
    await collect(told, [[event._replace(id=f"x{event.id}") for event in v] for v in visits(300, since=NOW)])
    (measured,) = await measure_drift(told, [await serving(told)], NOW + timedelta(days=9), TIMEOUT, BOUND)
    # of those with the model only half began after it was trained; the others had none
    assert measured.drift.session_count == 156
    assert measured.drift.status.endswith("there are 156.")


async def test_shares_have_no_drift(database: Database) -> None:
    await train(database, ORDER, NOW, TIMEOUT)
    assert await measure_drift(database, [await serving(database)], NOW, TIMEOUT, BOUND) == []
