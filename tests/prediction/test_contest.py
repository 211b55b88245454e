from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from gateway.prediction.base_rate import BaseRate
from gateway.prediction.contest import Champion, verdict_on
from gateway.prediction.learning import Learned
from gateway.prediction.model_rows import model_from
from tests.prediction.past_visits import BEGIN, ORDER
from tests.prediction.test_learning import EXAMPLES
from tests.prediction.test_model_rows import LEARNED, PACKED, ROW

SHARES = BaseRate("", ORDER.id, (1_500,) * 5, (900,) * 5)
OF_THE_PAST = {**ROW, "dataUntil": BEGIN + timedelta(days=1)}


def champion(row: dict[str, Any], packed: bytes | None = PACKED) -> Champion:
    return Champion(row, model_from(row, packed))


def told(probability: float | None = None) -> Learned:
    """Return what was learned, or the same with a trial that told nothing but this probability."""
    if probability is None:
        return LEARNED
    flat = np.full_like(LEARNED.trial.told, probability)
    return replace(LEARNED, trial=replace(LEARNED.trial, told=flat))


@pytest.mark.parametrize(
    ("learned", "before", "serves", "words"),
    [
        pytest.param(told(), None, True, "that of shares by page views", id="better than shares"),
        pytest.param(told(0.9), None, False, "that of shares by page views", id="worse than shares"),
        pytest.param(told(), champion(OF_THE_PAST, b""), True, "shares by page views", id="the one before is broken"),
        pytest.param(told(), champion(ROW), False, "came only 0 sessions", id="the one before has seen all of it"),
        pytest.param(told(0.33), champion(OF_THE_PAST), False, "the model before", id="worse than the one before"),
    ],
)
def test_a_challenger_serves_only_if_it_is_better(
    learned: Learned, before: Champion | None, serves: bool, words: str
) -> None:
    verdict = verdict_on(EXAMPLES, learned, SHARES, before)
    assert verdict.serves is serves
    assert words in verdict.words
    assert verdict.words.startswith("Serves" if serves else "Does not serve")


def test_of_a_schema_that_nobody_made_rows_of_nothing_can_be_compared() -> None:
    other = {**OF_THE_PAST, "schema": {**ROW["schema"], "eventNames": ["order_completed", "order_started"]}}
    verdict = verdict_on(EXAMPLES, LEARNED, SHARES, champion(other))
    assert not verdict.serves
    assert "came only 0 sessions" in verdict.words
