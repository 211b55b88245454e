import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.prediction.calibration import AS_TOLD, Calibration, learn_calibration
from gateway.prediction.quality import calibration_bins, calibration_error, log_loss

RANDOM = np.random.default_rng(3)
TRUE = RANDOM.beta(1.5, 4, 20_000)
CAME = (RANDOM.random(len(TRUE)) < TRUE).astype(np.float64)
ONES = np.ones(len(TRUE))


def logit_scaled(slope: float, shift: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    told: np.ndarray[tuple[int], np.dtype[np.float64]] = 1 / (1 + np.exp(-slope * np.log(TRUE / (1 - TRUE)) - shift))
    return told


@pytest.mark.parametrize(
    ("slope", "shift"),
    [
        pytest.param(1.0, 0.0, id="as it is"),
        pytest.param(2.0, 0.0, id="too sure"),
        pytest.param(0.5, 0.0, id="not sure enough"),
        pytest.param(1.0, 1.0, id="too high"),
    ],
)
def test_what_is_told_wrongly_is_put_right(slope: float, shift: float) -> None:
    told = logit_scaled(slope, shift)
    calibrated = learn_calibration(told, CAME, ONES)(told)
    assert calibration_error(calibration_bins(calibrated, CAME, ONES)) < 0.01
    assert log_loss(calibrated, CAME, ONES) <= log_loss(told, CAME, ONES)


def test_a_few_sessions_change_little() -> None:
    learned = learn_calibration(TRUE[:20], CAME[:20], ONES[:20])
    assert float(np.abs(learned(TRUE) - TRUE).max()) < 0.3


def test_a_model_that_is_wrong_all_along_is_left_as_it_is() -> None:
    assert learn_calibration(1 - TRUE, CAME, ONES) == AS_TOLD


def test_as_told_changes_nothing() -> None:
    assert np.allclose(AS_TOLD(TRUE), TRUE, atol=2e-6)


shares = st.floats(0, 1)


@given(shares, shares, st.floats(0.01, 5), st.floats(0.01, 5), st.floats(-3, 3))
def test_a_calibration_never_turns_the_order_round(one: float, other: float, a: float, b: float, c: float) -> None:
    low, high = Calibration(a, b, c)(np.asarray(sorted([one, other])))
    assert 0 <= low <= high <= 1
