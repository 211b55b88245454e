"""How good predictions were, once it is known what came of them.

Every figure takes weights, so that each session counts once however many predictions it got. Arrays are of one length:
`told` probabilities in 0..1, `came` whether the outcome was reached, `weight` what each prediction counts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BINS = 10
ROC_POINTS = 101
CERTAIN = 1e-6
"""Probabilities are told apart from 0 and 1 by at least this much where a logarithm is taken."""


def logistic(logit: Floats) -> Floats:
    """Return the probabilities of log-odds, without overflow however far they are from 0."""
    probabilities: Floats = 0.5 * (1 + np.tanh(0.5 * logit))
    return probabilities


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Predictions of similar height: what was told on average, and the share that came true. `count` is in sessions."""

    predicted: float
    observed: float
    count: float


@dataclass(frozen=True, slots=True)
class RocPoint:
    """Shares of the sessions that are told at least some probability: of those that miss the outcome, and reach it."""

    false_positive_rate: float
    true_positive_rate: float


@dataclass(frozen=True, slots=True)
class Quality:
    """How well predictions tell sessions apart (AUC), and how far they can be taken by their word (the others)."""

    auc: float
    log_loss: float
    brier: float
    calibration_error: float
    calibration: tuple[CalibrationBin, ...]
    roc: tuple[RocPoint, ...]
    sessions: float
    achieved: float


def quality_of(told: Floats, came: Floats, weight: Floats) -> Quality:
    """Return every figure of these predictions."""
    bins = calibration_bins(told, came, weight)
    return Quality(
        auc=auc(told, came, weight),
        log_loss=log_loss(told, came, weight),
        brier=float(np.average((told - came) ** 2, weights=weight)),
        calibration_error=calibration_error(bins),
        calibration=bins,
        roc=roc_points(told, came, weight),
        sessions=float(weight.sum()),
        achieved=float((weight * came).sum()),
    )


def auc(told: Floats, came: Floats, weight: Floats) -> float:
    """Return the share of pairs of a reaching and a missing session that are told in the right order; ties count half.

    NaN where all reached it, or none.
    """
    positive, negative = _by_height(told, came, weight)
    pairs = positive.sum() * negative.sum()
    if not pairs:
        return float("nan")
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / pairs)


def roc_points(told: Floats, came: Floats, weight: Floats, at_most: int = ROC_POINTS) -> tuple[RocPoint, ...]:
    """Return the curve whose area is the AUC, from (0, 0) to (1, 1); of many points, some evenly along the curve.

    Nothing where all reached the outcome, or none.
    """
    positive, negative = _by_height(told, came, weight)
    if not positive.sum() or not negative.sum():
        return ()
    true, false = (_shares_from_the_top(part) for part in (positive, negative))
    kept = np.arange(len(true))
    if len(true) > at_most:
        kept = np.unique(np.searchsorted((true + false) / 2, np.linspace(0, 1, at_most)))
    return tuple(RocPoint(float(false[at]), float(true[at])) for at in kept)


def log_loss(told: Floats, came: Floats, weight: Floats) -> float:
    """Return the mean surprise in nats."""
    clipped = np.clip(told, CERTAIN, 1 - CERTAIN)
    return float(np.average(-np.where(came > 0, np.log(clipped), np.log1p(-clipped)), weights=weight))


def calibration_bins(told: Floats, came: Floats, weight: Floats, bins: int = BINS) -> tuple[CalibrationBin, ...]:
    """Return bins of equally many predictions, by height."""
    order = np.argsort(told, kind="stable")
    parts = [part for part in np.array_split(order, bins) if weight[part].sum() > 0]
    return tuple(
        CalibrationBin(
            float(np.average(told[part], weights=weight[part])),
            float(np.average(came[part], weights=weight[part])),
            float(weight[part].sum()),
        )
        for part in parts
    )


def calibration_error(bins: tuple[CalibrationBin, ...]) -> float:
    """Return how far what was told is from what came, on average over the bins."""
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.predicted - one.observed) for one in bins) / total if total else float("nan")


def drift(before: Floats, now: Floats, bins: int = BINS) -> float:
    """Return the population stability index of two sets of predictions: above 0.25 they are told of other visitors.

    Source of the bound: Siddiqi, Credit Risk Scorecards, 2006. NaN where a set is empty.
    """
    if not len(before) or not len(now):
        return float("nan")
    edges = np.unique(np.quantile(before, np.linspace(0, 1, bins + 1)[1:-1]))
    shares = [
        np.bincount(np.searchsorted(edges, told, side="right"), minlength=len(edges) + 1) for told in (before, now)
    ]
    then, today = ((share + 0.5) / (share.sum() + 0.5 * len(share)) for share in shares)
    return float(((today - then) * np.log(today / then)).sum())


def _by_height(told: Floats, came: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return the weight of what came, and of what did not, by each probability that was told, lowest first."""
    order = np.argsort(told, kind="stable")
    value, start = np.unique(told[order], return_index=True)
    if not len(value):
        return np.zeros(0), np.zeros(0)
    positive, negative = weight * came, weight * (1 - came)
    return np.add.reduceat(positive[order], start), np.add.reduceat(negative[order], start)


def _shares_from_the_top(part: Floats) -> Floats:
    running: Floats = np.concatenate([np.zeros(1), np.cumsum(part[::-1])])
    shares: Floats = running / running[-1]
    return shares
