"""Drift: whether a model that serves can still be taken by its word, from sessions that it was the one to tell of.

They are over, so it is known what came of them, and it has learned from none of them. What counts is what was told
then, event by event, as it is stored; nothing is predicted anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from gateway.prediction.learned import LEARNED
from gateway.prediction.quality import CalibrationBin, Floats, calibration_bins, calibration_error
from gateway.prediction.quality import drift as stability_index
from gateway.storage.database import Database
from gateway.storage.told_sessions import ToldSession, told_sessions
from gateway.storage.trainings import note_drift

MAX_SESSIONS = 20_000
"""The newest sessions that are looked at, for all models together."""
LEAST_SESSIONS, LEAST_ACHIEVED = 200, 20
"""Sessions below which nothing can be told; so many must have reached the outcome, or were told that they would.

The second half is for an outcome that suddenly nobody reaches any more, which is what one most wants to be told of.
"""
OTHER_VISITORS = 0.25
"""Stability index above which probabilities are spread differently than when the model learned: see `quality.drift`."""


class Outcome(NamedTuple):
    """What became of one session: when it began, what was told of it, and whether the outcome came."""

    begun: datetime
    told: Sequence[float]
    came: bool


@dataclass(frozen=True, slots=True)
class Drift:
    """How a model does of late. The oldest and newest session that was looked at began `since` and `until`.

    The stability index compares the highest probabilities of sessions with those of the newest ones that the model has
    learned from: `highest` of a learned model. Both figures are None where there are too few sessions; `status` says
    so, or what they mean.
    """

    since: datetime | None
    until: datetime | None
    session_count: int
    achieved_count: int
    is_alarming: bool
    status: str
    calibration_error: float | None = None
    stability_index: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of the model that serves an outcome; `has_changed` where an alarm begins or ends with it."""

    outcome_id: str
    drift: Drift
    has_changed: bool


async def measure_drift(
    database: Database, serving: Sequence[Mapping[str, Any]], now: datetime, session_timeout: timedelta, bound: float
) -> list[Measured]:
    """Measure the drift of the learned models among those that serve, given as they are stored, and store it there.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
        NotStored: MongoDB cannot take it now.
    """
    models = [_Watched(row) for row in serving if row["kind"] == LEARNED]
    if not models:
        return []
    since = min(model.row["trainedDate"] for model in models)
    async for sessions in told_sessions(database, since, now - session_timeout, MAX_SESSIONS):
        for model in models:
            model.seen += filter(None, map(model.outcome_of, sessions))
    measured = [model.measured(bound) for model in models]
    for model, one in zip(models, measured, strict=True):
        await note_drift(database, model.row["_id"], _row(one.drift, now))
    return measured


def drift_of(seen: Sequence[Outcome], highest: Sequence[float], bound: float) -> Drift:
    """Return the drift that these sessions show; `highest` are the highest probabilities of those learned from.

    It alarms when the calibration error is larger than the bound and what chance makes of it together.
    """
    told, came, weight = _arrays(seen)
    achieved, expected = int(sum(one.came for one in seen)), float((told * weight).sum())
    missing = _missing(len(seen), max(achieved, int(expected)))
    if missing is not None:
        return Drift(*_span(seen), len(seen), achieved, is_alarming=False, status=missing)
    bins = calibration_bins(told, came, weight)
    error, chance = calibration_error(bins), error_by_chance(bins)
    now_highest = np.asarray([max(one.told) for one in seen])
    index = stability_index(np.asarray(highest, dtype=np.float64), now_highest) if highest else None
    is_alarming = error > bound + chance
    figures = (
        f"calibration error {error:.3f} over {len(seen):,} sessions, the bound is {bound:g} and {chance:.3f} for chance"
    )
    verdict = "No longer to be taken by its word" if is_alarming else "As told"
    words = f"{verdict}: told {expected / len(seen):.1%}, came {achieved / len(seen):.1%}; {figures}."
    if index is not None and index > OTHER_VISITORS:
        words += f" Its probabilities are spread otherwise than when it learned: stability index {index:.2f}."
    return Drift(*_span(seen), len(seen), achieved, is_alarming, words, error, index)


def error_by_chance(bins: Sequence[CalibrationBin]) -> float:
    """Return the calibration error that a model shows on average although all it tells is true.

    The mean distance of a normal deviate from 0 is sqrt(2 / pi) times its standard deviation. That of a bin's share is
    at most that of as many independent sessions as the bin counts: parts of one session only bring it down.
    """
    total = sum(one.count for one in bins)
    spread = sum(one.count * (one.predicted * (1 - one.predicted) / one.count) ** 0.5 for one in bins)
    return float((2 / np.pi) ** 0.5 * spread / total)


@dataclass(slots=True)
class _Watched:
    """A stored model, and what was seen of the sessions that it has told of."""

    row: Mapping[str, Any]
    seen: list[Outcome] = field(default_factory=list)

    def outcome_of(self, session: ToldSession) -> Outcome | None:
        id_ = self.row["outcomeId"]
        told = session.told.get(id_)
        if not told or session.models.get(id_) != self.row["_id"] or session.created_date < self.row["trainedDate"]:
            return None
        return Outcome(session.created_date, told, id_ in session.achieved)

    def measured(self, bound: float) -> Measured:
        drift = drift_of(self.seen, self.row.get("highest", ()), bound)
        before = self.row.get("drift") or {}
        return Measured(self.row["outcomeId"], drift, before.get("isAlarming", False) != drift.is_alarming)


def _span(seen: Sequence[Outcome]) -> tuple[datetime | None, datetime | None]:
    begun = [one.begun for one in seen]
    return min(begun, default=None), max(begun, default=None)


def _missing(sessions: int, achieved: int) -> str | None:
    for least, there, what in (
        (LEAST_SESSIONS, sessions, "sessions that it was the one to tell of, and that are over"),
        (LEAST_ACHIEVED, achieved, "of them that reached the outcome, or were expected to"),
    ):
        if there < least:
            return f"Nothing can be told yet: {least} {what}, are needed, there are {there}."
    return None


def _arrays(seen: Sequence[Outcome]) -> tuple[Floats, Floats, Floats]:
    """Return what was told, whether it came, and what it counts: each session 1 in all."""
    count = np.asarray([len(one.told) for one in seen], dtype=np.int64)
    told = np.asarray([probability for one in seen for probability in one.told], dtype=np.float64)
    came = np.repeat(np.asarray([one.came for one in seen], dtype=np.float64), count)
    return told, came, np.repeat(1.0 / count, count)


def _row(drift: Drift, now: datetime) -> dict[str, Any]:
    told = {_STORED[name]: value for name, value in asdict(drift).items() if value is not None}
    return {"measuredDate": now} | told


_STORED = {
    "session_count": "sessionCount",
    "achieved_count": "achievedCount",
    "is_alarming": "isAlarming",
    "status": "status",
    "since": "since",
    "until": "until",
    "calibration_error": "calibrationError",
    "stability_index": "stabilityIndex",
}
