"""Calibration: from how sure a model is to how often it is right, learned on sessions that the model has not seen.

Beta calibration (Kull, Silva Filho and Flach, 2017): a logistic regression on ln p and -ln(1 - p). Unlike isotonic
regression it has no steps, so that two visits that the model tells apart stay apart.
"""

from dataclasses import dataclass

import numpy as np

from gateway.prediction.quality import CERTAIN, Floats, logistic

_ROUNDS = 50
_RIDGE = 1.0
"""How much is held against leaving the model as it is, in sessions: a few dozen sessions change next to nothing."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """p -> 1 / (1 + exp(-(a ln p - b ln(1 - p) + c))); it never turns the order round, as a and b are positive."""

    a: float = 1.0
    b: float = 1.0
    c: float = 0.0

    def __call__(self, told: Floats) -> Floats:
        """Return calibrated probabilities."""
        clipped = np.clip(told, CERTAIN, 1 - CERTAIN)
        logit = self.a * np.log(clipped) - self.b * np.log1p(-clipped) + self.c
        return logistic(logit)


AS_TOLD = Calibration()


def learn_calibration(told: Floats, came: Floats, weight: Floats) -> Calibration:
    """Return the calibration that these sessions ask for; that of a model which tells the truth is `AS_TOLD`.

    Where ln p and ln(1 - p) together would turn the order round, one factor stands for both.
    """
    clipped = np.clip(told, CERTAIN, 1 - CERTAIN)
    up, down = np.log(clipped), -np.log1p(-clipped)
    a, b, c = _fit(np.column_stack([up, down, np.ones_like(up)]), came, weight, np.array([1.0, 1.0, 0.0]))
    if a > 0 and b > 0:
        return Calibration(a, b, c)
    slope, shift = _fit(np.column_stack([up + down, np.ones_like(up)]), came, weight, np.array([1.0, 0.0]))
    return Calibration(slope, slope, shift) if slope > 0 else AS_TOLD


def _fit(features: Floats, came: Floats, weight: Floats, start: Floats) -> list[float]:
    """Return the weights of a logistic regression, drawn towards `start`, by Newton's method."""

    def loss(at: Floats) -> float:
        logit = features @ at
        return float((weight * (np.logaddexp(0, logit) - came * logit)).sum() + _RIDGE / 2 * ((at - start) ** 2).sum())

    at = start.copy()
    for _ in range(_ROUNDS):
        told = logistic(features @ at)
        slope = features.T @ (weight * (told - came)) + _RIDGE * (at - start)
        curve = (features * (weight * told * (1 - told))[:, None]).T @ features + _RIDGE * np.eye(len(at))
        step = np.linalg.solve(curve, slope)
        while loss(at - step) > loss(at) and float(np.abs(step).max()) > _SETTLED:
            step = step / 2  # too far: from a bad start a full step can overshoot further and further
        at = at - step
        if float(np.abs(step).max()) <= _SETTLED:
            break
    return [float(value) for value in at]


_SETTLED = 1e-9
