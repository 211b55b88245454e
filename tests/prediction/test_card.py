from math import log
from typing import Any

import pytest

from gateway.prediction.card import Card, blind_brier, blind_log_loss, card_from
from gateway.prediction.quality import Quality
from tests.prediction.past_visits import BEGIN
from tests.prediction.test_model_rows import LEARNED, ROW

STORED: dict[str, Any] = {**ROW, "sessionCount": 10, "achievedCount": 4}


def quality(sessions: float, achieved: float) -> Quality:
    return Quality(0.5, 0.5, 0.2, 0.1, (), (), sessions, achieved)


def test_the_card_of_a_learned_model_says_what_was_learned() -> None:
    card = card_from(STORED)
    assert card.quality == LEARNED.trial.quality
    assert card.importance == LEARNED.importance[:30]
    assert (card.is_learned, card.trees, card.rate) == (True, LEARNED.trees.count, 0.4)
    assert "/cart" in card.page_groups


def test_a_row_of_before_there_were_curves_and_drift_has_a_card_all_the_same() -> None:
    old = {name: value for name, value in STORED["quality"].items() if name != "roc"}
    card = card_from({**STORED, "quality": old})
    assert card.quality is not None
    assert (card.quality.roc, card.drift) == ((), None)


def test_the_card_of_shares_has_no_quality_and_says_what_is_missing() -> None:
    card = card_from({"_id": "m", "kind": "BASE_RATE", "trainedDate": BEGIN, "sessionCount": 0, "achievedCount": 0})
    assert (card.is_learned, card.quality, card.rate, card.importance, card.page_groups) == (False, None, None, (), ())
    assert "300 sessions are needed, there are 0" in card.status


def test_drift_is_read_as_far_as_it_was_measured() -> None:
    def card_with(**more: object) -> Card:
        drift = {"measuredDate": BEGIN, "sessionCount": 7, "isAlarming": True, **more}
        return card_from({**STORED, "drift": drift})

    little, measured = card_with().drift, card_with(calibrationError=0.2, stabilityIndex=0.3, status="No longer").drift
    assert little is not None
    assert measured is not None
    assert (little.calibration_error, little.sessions, little.is_alarming) == (None, 7, True)
    assert (measured.calibration_error, measured.stability_index, measured.status) == (0.2, 0.3, "No longer")


def test_without_a_model_everybody_would_be_told_the_same_share() -> None:
    assert blind_log_loss(quality(8, 2)) == pytest.approx(-(0.25 * log(0.25) + 0.75 * log(0.75)))
    assert blind_brier(quality(8, 2)) == pytest.approx(0.1875)


@pytest.mark.parametrize(
    "judged",
    [
        pytest.param(quality(0, 0), id="on nothing"),
        pytest.param(quality(5, 0), id="on none that reached it"),
        pytest.param(quality(5, 5), id="on none that missed it"),
    ],
)
def test_there_is_nothing_to_compare_with_for_a_model_judged(judged: Quality) -> None:
    assert (blind_log_loss(judged), blind_brier(judged)) == (None, None)
