from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from gateway.journey.event import Event
from gateway.journey.replay import replayed
from gateway.prediction.base_rate import BaseRate
from gateway.prediction.learned import LearnedModel
from gateway.prediction.learning import learn
from gateway.prediction.model_rows import learned_fields, model_from
from gateway.prediction.scene import Scene, moment_of
from gateway.prediction.scoring import scored
from gateway.storage.documents.prediction import unpacked_predictions
from tests.journey.visits import happened
from tests.prediction.past_visits import BEGIN, DEFINITIONS, ORDER
from tests.prediction.test_learning import EXAMPLES

LEARNED = learn(EXAMPLES, ORDER.id)
ROW: dict[str, Any] = {
    "_id": "m-1",
    "outcomeId": ORDER.id,
    "trainedDate": BEGIN,
    "reached": [10, 5],
    "achieved": [4, 3],
    "dataUntil": BEGIN + timedelta(days=99),
    **learned_fields(LEARNED, EXAMPLES.schema),
}
PACKED = LEARNED.trees.packed()


def scene_of(events: list[Event]) -> Scene:
    return Scene([moment_of(state) for state in replayed(events, DEFINITIONS, visits=1)])


def test_a_stored_model_tells_what_was_learned() -> None:
    model = model_from(ROW, PACKED)
    assert isinstance(model, LearnedModel)
    assert (model.schema, model.columns) == (EXAMPLES.schema, LEARNED.columns)
    rows = EXAMPLES.rows[:200, np.asarray(LEARNED.columns)]
    assert (model.told(rows) == LEARNED.calibration(LEARNED.trees.told(rows))).all()


def test_a_session_is_told_a_probability_a_quantile_and_three_reasons() -> None:
    model = model_from(ROW, PACKED)
    cart, other = ([page, "/p/1", "/p/2"] for page in ("/cart", "/p/0"))
    high, low = (
        model.probabilities(scene_of([happened(page, n * 20) for n, page in enumerate(pages)]))[-1]
        for pages in (cart, other)
    )
    assert low < 0.35
    assert high > 0.5
    of_low, of_high = model.quantiles(np.asarray([low, high]))
    assert 0 <= of_low < of_high <= 1
    moments = scene_of([happened(page, n * 20) for n, page in enumerate(cart)]).moments
    (prediction,) = unpacked_predictions(scored(moments, {ORDER.id: model}, {}).predictions[moments[0].session_id])
    reasons = prediction.reasons
    assert 0 < len(reasons) <= 3
    assert any("/cart" in reason.words and reason.effect > 0 for reason in reasons)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(happened("/never/seen", 0), id="a page never seen"),
        pytest.param(happened("newly_tracked", 0), id="an event never seen"),
        pytest.param(happened("/cart", 0, {"colour": "octarine"}), id="a category never seen"),
        pytest.param(happened("/cart", 0, {"colour": 7, "dice": "six"}), id="an attribute of another kind"),
        pytest.param(happened("/cart", 0, {"new": {"deep": [1]}}), id="an attribute never seen"),
    ],
)
def test_what_was_never_seen_in_training_gets_a_probability_all_the_same(event: Event) -> None:
    (told,) = model_from(ROW, PACKED).probabilities(scene_of([event]))
    assert 0 < told < 1


@pytest.mark.parametrize(
    ("row", "packed"),
    [
        pytest.param(ROW, None, id="without its trees"),
        pytest.param(ROW, PACKED[:-9], id="with broken trees"),
        pytest.param(ROW | {"columns": [0, 1]}, PACKED, id="with other columns"),
        pytest.param(ROW | {"columns": [10**6] * len(LEARNED.columns)}, PACKED, id="with columns that there are not"),
        pytest.param(ROW | {"schema": {}}, PACKED, id="without what it tells apart"),
        pytest.param({name: ROW[name] for name in ROW if name != "highest"}, PACKED, id="without a field"),
        pytest.param(ROW | {"calibrationFactors": ["x"]}, PACKED, id="with a field of another kind"),
    ],
)
def test_a_broken_model_is_replaced_by_its_shares(row: dict[str, Any], packed: bytes | None) -> None:
    assert model_from(row, packed) == BaseRate("m-1", ORDER.id, (10, 5), (4, 3))


def test_a_model_card_names_what_counts() -> None:
    assert 0.7 < ROW["quality"]["auc"] <= 1
    assert 10 < len(ROW["quality"]["roc"]) <= 101
    assert ROW["quality"]["roc"][-1] == {"falsePositiveRate": 1, "truePositiveRate": 1}
    assert sum(one["count"] for one in ROW["quality"]["calibration"]) == pytest.approx(ROW["quality"]["sessionCount"])
    assert "/cart" in ROW["featureImportance"][0]["feature"]
