from datetime import UTC, datetime

import bson
import pytest

from gateway.journey.outcome import Prediction, Reason
from gateway.storage.database import Row
from gateway.storage.documents.prediction import (
    packed_predictions,
    packed_told,
    prediction_rows,
    probabilities_after,
    stored_predictions_of,
    unpacked_predictions,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LEARNED = Prediction(
    "o", 0.25, 0.5, 0.1, 0.9, NOON, "m", (Reason("searched twice", 0.5), Reason("went /a → /b", -0.25))
)
SHARES = Prediction("p", 0.125, 0.125, None, None, NOON, None)
ROWS = [
    {
        "outcomeId": "o",
        "probability": 0.25,
        "sessionMaxProbability": 0.5,
        "quantile": 0.1,
        "sessionMaxQuantile": 0.9,
        "modifiedDate": NOON,
        "modelId": "m",
        "reasons": [{"words": "searched twice", "effect": 0.5}, {"words": "went /a → /b", "effect": -0.25}],
    },
    {"outcomeId": "p", "probability": 0.125, "sessionMaxProbability": 0.125, "modifiedDate": NOON, "reasons": []},
]


def stored(predictions: tuple[Prediction, ...]) -> Row:
    return bson.decode(bson.encode({"predictions": packed_predictions(predictions)}))


def test_predictions_come_back_from_mongodb_as_they_went_in() -> None:
    assert unpacked_predictions(stored_predictions_of(stored((LEARNED, SHARES)))) == (LEARNED, SHARES)
    assert prediction_rows(stored((LEARNED, SHARES))) == ROWS


@pytest.mark.parametrize("session", [{}, stored(())], ids=["never predicted", "nothing predicted"])
def test_a_session_without_predictions_has_none(session: Row) -> None:
    assert unpacked_predictions(stored_predictions_of(session)) == ()
    assert prediction_rows(session) == []


def test_predictions_that_were_stored_as_documents_are_still_read() -> None:
    former = {"predictions": [{name: value for name, value in row.items() if name != "reasons"} for row in ROWS]}
    assert unpacked_predictions(stored_predictions_of(former)) == (LEARNED._replace(reasons=()), SHARES)
    assert [row["probability"] for row in prediction_rows(former)] == [0.25, 0.125]


@pytest.mark.parametrize("told", [{}, {"o": 0.25, "p": 1e-9}], ids=["nothing", "two outcomes"])
def test_what_was_told_after_an_event_comes_back_as_it_went_in(told: dict[str, float]) -> None:
    assert probabilities_after(bson.decode(bson.encode({"predictions": packed_told(told)}))) == told
    assert probabilities_after({"predictions": told}) == told  # as it was stored before it was packed
    assert probabilities_after({}) == {}
