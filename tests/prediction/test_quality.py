from collections.abc import Sequence
from itertools import pairwise
from math import isnan, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.prediction.quality import (
    ROC_POINTS,
    Floats,
    RocPoint,
    auc,
    calibration_bins,
    calibration_error,
    drift,
    log_loss,
    quality_of,
    roc_points,
)


def floats(*values: float) -> Floats:
    return np.asarray(values, dtype=np.float64)


@pytest.mark.parametrize(
    ("told", "came", "weight", "expected"),
    [
        pytest.param((0.1, 0.9), (0, 1), (1, 1), 1.0, id="in the right order"),
        pytest.param((0.9, 0.1), (0, 1), (1, 1), 0.0, id="in the wrong order"),
        pytest.param((0.5, 0.5), (0, 1), (1, 1), 0.5, id="a tie counts half"),
        pytest.param((0.1, 0.2, 0.3), (0, 1, 0), (3, 1, 1), 0.75, id="by weight"),
    ],
)
def test_auc_is_the_share_of_pairs_in_the_right_order(
    told: tuple[float, ...], came: tuple[float, ...], weight: tuple[float, ...], expected: float
) -> None:
    assert auc(floats(*told), floats(*came), floats(*weight)) == expected


def test_auc_of_sessions_that_all_end_alike_is_unknown() -> None:
    assert isnan(auc(floats(0.5, 0.6), floats(1, 1), floats(1, 1)))
    assert isnan(auc(floats(), floats(), floats()))


def test_log_loss_is_the_mean_surprise_and_never_infinite() -> None:
    assert log_loss(floats(0.25, 0.5), floats(1, 0), floats(1, 3)) == pytest.approx((-log(0.25) - 3 * log(0.5)) / 4)
    assert log_loss(floats(0.0), floats(1), floats(1)) < 14


def test_bins_hold_equally_many_predictions_and_tell_what_came_of_them() -> None:
    told, came = floats(0.1, 0.1, 0.8, 0.8), floats(0, 1, 1, 1)
    first, second = calibration_bins(told, came, np.ones(4), bins=2)
    assert first.predicted == pytest.approx(0.1)
    assert (first.observed, first.count) == (0.5, 2)
    assert second.predicted == pytest.approx(0.8)
    assert (second.observed, second.count) == (1, 2)
    assert calibration_error((first, second)) == pytest.approx((0.4 + 0.2) / 2)


def area_below(points: Sequence[RocPoint]) -> float:
    return sum(
        (right.false_positive_rate - left.false_positive_rate)
        * (left.true_positive_rate + right.true_positive_rate)
        / 2
        for left, right in pairwise(points)
    )


def test_the_roc_curve_of_a_few_predictions_has_every_point() -> None:
    points = roc_points(floats(0.9, 0.5, 0.5, 0.1), floats(1, 1, 0, 0), np.ones(4))
    assert points == (RocPoint(0, 0), RocPoint(0, 0.5), RocPoint(0.5, 1), RocPoint(1, 1))


def test_the_roc_curve_of_many_predictions_is_thinned_out_and_keeps_its_area() -> None:
    random = np.random.default_rng(1)
    came = (random.random(20_000) < 0.05).astype(np.float64)
    told, weight = random.beta(2 + 2 * came, 5), random.random(20_000)
    points = roc_points(told, came, weight)
    assert ROC_POINTS / 2 < len(points) <= ROC_POINTS
    assert area_below(points) == pytest.approx(auc(told, came, weight), abs=2e-4)


@pytest.mark.parametrize("came", [pytest.param(0, id="none came"), pytest.param(1, id="all came")])
def test_sessions_that_all_end_alike_have_no_roc_curve(came: int) -> None:
    assert roc_points(floats(0.2, 0.4), floats(came, came), np.ones(2)) == ()
    assert roc_points(floats(), floats(), floats()) == ()


def test_all_figures_come_together() -> None:
    quality = quality_of(floats(0.2, 0.8), floats(0, 1), floats(1, 1))
    assert (quality.auc, quality.sessions, quality.achieved) == (1, 2, 1)
    assert quality.roc == (RocPoint(0, 0), RocPoint(0, 1), RocPoint(1, 1))
    assert quality.brier == pytest.approx(0.04)
    assert quality.calibration_error == pytest.approx(0.2)


def test_drift_is_small_among_alike_and_large_among_others() -> None:
    random = np.random.default_rng(1)
    before, alike, others = random.beta(2, 5, 5_000), random.beta(2, 5, 5_000), random.beta(5, 2, 5_000)
    assert drift(before, alike) < 0.02
    assert drift(before, others) > 0.25
    assert isnan(drift(before, floats()))


cases = st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.floats(0.1, 5)), min_size=1, max_size=60)


@given(cases)
def test_auc_equals_the_count_of_all_pairs(rows: list[tuple[float, bool, float]]) -> None:
    pairs = [(p, q, w * v) for p, yes, w in rows if yes for q, no, v in rows if not no]
    total = sum(weight for *_, weight in pairs)
    right = sum(weight * ((p > q) + (p == q) / 2) for p, q, weight in pairs)
    told, came, weight = (floats(*column) for column in zip(*rows, strict=True))
    found = auc(told, came, weight)
    assert isnan(found) if not total else found == pytest.approx(right / total)


@given(cases)
def test_the_roc_curve_climbs_from_nothing_to_everything_over_an_area_of_the_auc(
    rows: list[tuple[float, bool, float]],
) -> None:
    told, came, weight = (floats(*column) for column in zip(*rows, strict=True))
    points = roc_points(told, came, weight)
    if points:
        assert (points[0], points[-1]) == (RocPoint(0, 0), RocPoint(1, 1))
        assert all(
            left.false_positive_rate <= right.false_positive_rate
            and left.true_positive_rate <= right.true_positive_rate
            for left, right in pairwise(points)
        )
        assert area_below(points) == pytest.approx(auc(told, came, weight))


@given(cases)
def test_figures_stay_within_their_bounds(rows: list[tuple[float, bool, float]]) -> None:
    told, came, weight = (floats(*column) for column in zip(*rows, strict=True))
    quality = quality_of(told, came, weight)
    assert 0 <= quality.brier <= 1
    assert 0 <= quality.calibration_error <= 1
    assert sum(one.count for one in quality.calibration) == pytest.approx(quality.sessions)
