"""How good predictions were, once it is known what came of them.

Every figure takes weights, so that each session counts once however many predictions it got. Arrays are of one length:
`told` probabilities in 0..1, `came` whether the outcome was reached, `weight` what each prediction counts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BINS = 10
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
class Quality:
    """How well predictions tell sessions apart (AUC), and how far they can be taken by their word (the others)."""

    auc: float
    log_loss: float
    brier: float
    calibration_error: float
    calibration: tuple[CalibrationBin, ...]
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
        sessions=float(weight.sum()),
        achieved=float((weight * came).sum()),
    )


def auc(told: Floats, came: Floats, weight: Floats) -> float:
    """Return the share of pairs of a reaching and a missing session that are told in the right order; ties count half.

    NaN where all reached it, or none.
    """
    order = np.argsort(told, kind="stable")
    value, start = np.unique(told[order], return_index=True)
    positive = np.add.reduceat((weight * came)[order], start) if len(value) else np.zeros(0)
    negative = np.add.reduceat((weight * (1 - came))[order], start) if len(value) else np.zeros(0)
    pairs = positive.sum() * negative.sum()
    if not pairs:
        return float("nan")
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / pairs)


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
