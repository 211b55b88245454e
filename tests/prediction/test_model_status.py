"""What the card of a model says in words: why it serves or does not, and what is missing."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.prediction.model_status import serving_status, status_of

SHARES: dict[str, Any] = {"kind": "BASE_RATE", "sessionCount": 20, "achievedCount": 3}
LEARNED: dict[str, Any] = {"kind": "LEARNED", "trainedDate": datetime(2026, 5, 1, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        pytest.param({**SHARES, "status": "As training says."}, "As training says.", id="what training has said"),
        pytest.param(
            SHARES,
            "Shares by page views serve, as there is too little to learn from: 300 sessions are needed, there are 20; "
            "60 sessions that reached the outcome after their first step are needed, there are 3; "
            "60 sessions that did not reach the outcome are needed, there are 17.",
            id="what is missing",
        ),
        pytest.param(
            {**SHARES, "sessionCount": 900, "achievedCount": 100},
            "Shares by page views serve until a model has been trained that is better.",
            id="enough is there, and nothing was learned yet",
        ),
        pytest.param(LEARNED, "Serves.", id="an old row of a learned model"),
        pytest.param({**LEARNED, "isRejected": True}, "Does not serve.", id="an old row of a rejected model"),
    ],
)
def test_the_status_of_a_model_is_told_in_words(row: dict[str, Any], words: str) -> None:
    assert status_of(row) == words


@pytest.mark.parametrize("packed", [None, b"", b"broken"])
def test_a_learned_model_that_cannot_be_read_says_what_serves_instead(packed: bytes | None) -> None:
    assert serving_status({**LEARNED, "status": "Serves."}, packed) == (
        "The learned model of 2026-05-01 cannot be read: shares by page views serve; train again."
    )


def test_a_model_of_shares_has_no_trees_to_be_read() -> None:
    assert serving_status({**SHARES, "status": "As it was."}, None) == "As it was."
