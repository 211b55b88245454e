import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.report_page.calibration_plot import by_chance
from gateway.cli.report_page.frame import Frame, ticks_up_to
from gateway.prediction.quality import CalibrationBin


@given(st.floats(0, 1))
def test_ticks_reach_from_0_to_what_is_drawn_and_are_few(highest: float) -> None:
    ticks = ticks_up_to(highest)
    assert ticks[0] == 0
    assert highest <= ticks[-1] <= 1
    assert 2 <= len(ticks) <= 6


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        pytest.param(0.0, (0.0, 0.001), id="nothing"),
        pytest.param(0.043, (0.0, 0.01, 0.02, 0.03, 0.04, 0.05), id="little"),
        pytest.param(0.6, (0.0, 0.2, 0.4, 0.6), id="a tick itself"),
        pytest.param(1.0, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0), id="everything"),
    ],
)
def test_ticks_are_round(highest: float, ticks: tuple[float, ...]) -> None:
    assert ticks_up_to(highest) == ticks


def test_values_are_placed_within_the_margins() -> None:
    frame = Frame(width=120, height=110, x_from=1, x_to=5, y_to=0.5, left=10, right=10, top=5, bottom=5)
    assert (frame.x(1), frame.x(3), frame.x(5)) == (10, 60, 110)
    assert (frame.y(0), frame.y(0.25), frame.y(0.5)) == (105, 55, 5)


@given(st.floats(0, 1), st.floats(0.1, 1e6))
def test_chance_leaves_a_range_around_what_was_observed(observed: float, count: float) -> None:
    low, high = by_chance(CalibrationBin(0.5, observed, count))
    assert 0 <= low <= observed + 1e-9
    assert observed - 1e-9 <= high <= 1


def test_the_range_of_chance_is_that_of_the_textbook() -> None:
    low, high = by_chance(CalibrationBin(0.5, 0.5, 10))
    assert (low, high) == pytest.approx((0.2366, 0.7634), abs=1e-4)
