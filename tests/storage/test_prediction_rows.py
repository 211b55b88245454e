from array import array
from datetime import UTC, datetime
from math import nan

import bson
import pytest

from gateway.journey.outcome import Prediction, Reason
from gateway.storage.database import Row
from gateway.storage.documents.prediction import (
    packed_predictions,
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
    packed = packed_predictions(predictions)
    return bson.decode(bson.encode({"predictedBy": packed.by, "predictions": packed.sheet}))


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


def test_what_was_told_after_an_event_is_in_the_order_of_the_outcomes_of_its_session() -> None:
    session = {"predictedBy": packed_predictions((LEARNED, SHARES)).by}
    told = array("d", [0.25, nan, 0.5]).tobytes()  # the third outcome is of no session that is known
    assert probabilities_after({"predictions": told}, session) == {"o": 0.25}
    assert probabilities_after({"predictions": told[:8]}, session) == {"o": 0.25}
    assert probabilities_after({}, session) == {}
    assert probabilities_after({"predictions": told}, {}) == {}
    assert probabilities_after({"predictions": {"o": 0.5}}, {}) == {"o": 0.5}  # as it was stored before it was packed


@pytest.mark.parametrize("broken", [b"", b"no pack", b"\x92\x91\xa1o\x90"], ids=["missing", "no pack", "two lengths"])
def test_predictions_that_cannot_be_read_are_none(broken: bytes) -> None:
    session = {**stored((LEARNED, SHARES)), "predictedBy": broken}
    assert prediction_rows(session) == []
    assert probabilities_after({"predictions": b"12345678"}, session) == {}
    assert prediction_rows({**stored((LEARNED, SHARES)), "predictions": broken}) == []
