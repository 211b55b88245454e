"""What the report of an outcome says in words, on paper as in the terminal."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import isnan

from gateway.prediction.card import Card, MeasuredDrift, blind_brier, blind_log_loss
from gateway.prediction.quality import Quality
from gateway.prediction.report import ModelReport

SPACE = "\u00a0"
"""Keeps a number and its unit on one line."""
ABSENT = "—"
"""Stands where there is no number."""


_LEAST_SHARE = 0.001


class Tone(StrEnum):
    """How a state is to be taken."""

    GOOD = "good"
    WAITING = "waiting"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of quality, with one sentence about what it means, and what it would be without a model."""

    name: str
    value: str
    meaning: str
    compared: str | None = None


def headline(report: ModelReport) -> tuple[Tone, str]:
    """Return what serves, in a few words."""
    card = report.serving
    if not report.outcome.is_active:
        return Tone.WAITING, "Not active: nothing is predicted"
    if card is None:
        return Tone.WAITING, "Nothing has been learned yet"
    if report.is_broken:
        return Tone.BAD, "Shares by page views serve in place of a broken model"
    if not card.is_learned:
        return Tone.WAITING, "Shares by page views serve"
    if card.drift is not None and card.drift.is_alarming:
        return Tone.BAD, "A learned model serves, but can no longer be taken by its word"
    return Tone.GOOD, "A learned model serves"


def reason(report: ModelReport) -> str:
    """Return why that serves."""
    return report.status or "Run `journey-gateway train` to learn from past sessions."


def facts(card: Card) -> Iterator[tuple[str, str]]:
    """Yield what a model has learned from, as pairs of a name and a value."""
    yield "Trained", moment(card.trained)
    if card.since is not None and card.until is not None:
        yield "Sessions began", span(card.since, card.until)
    yield "Sessions", number(card.sessions)
    reached = f"{number(card.achieved)} ({share(card.rate)})" if card.rate is not None else number(card.achieved)
    yield "Reached the outcome", reached
    if card.quality is not None:
        yield "Judged on", f"the newest {number(card.quality.sessions)}"
    if card.trees is not None:
        yield "Trees", number(card.trees)


def figures(quality: Quality) -> Iterator[Figure]:
    """Yield the figures of quality."""
    yield Figure("AUC", figure(quality.auc), _pairs(quality.auc), "0.5 by chance, 1 at best")
    yield Figure(
        "Log-loss",
        figure(quality.log_loss),
        "How surprising what came was to the model, on average; lower is better.",
        _blind(blind_log_loss(quality)),
    )
    yield Figure(
        "Brier score",
        figure(quality.brier),
        "The mean square of how far a told probability was from what came; lower is better.",
        _blind(blind_brier(quality)),
    )
    yield Figure("Calibration error", figure(quality.calibration_error), _trust(quality.calibration_error), "0 at best")


def judged_words(quality: Quality) -> str:
    """Return what the figures of quality were measured on."""
    return (
        f"Measured on the newest {number(quality.sessions)} sessions, {number(quality.achieved)} of which reached the "
        "outcome; what told them had learned from older ones alone."
    )


def drift_words(drift: MeasuredDrift | None) -> tuple[Tone, str]:
    """Return whether the model can still be taken by its word."""
    if drift is None:
        return Tone.WAITING, "Not measured yet: the running server does so once enough visits were told by this model."
    if drift.is_alarming:
        return Tone.BAD, drift.status or "It can no longer be taken by its word: train again."
    if drift.calibration_error is None:
        return Tone.WAITING, drift.status or "Too few visits were told by this model so far."
    return Tone.GOOD, drift.status or "It can be taken by its word."


def drift_facts(drift: MeasuredDrift) -> Iterator[tuple[str, str]]:
    """Yield what was measured of the drift, as pairs of a name and a value."""
    yield "Measured", moment(drift.measured)
    if drift.since is not None and drift.until is not None:
        yield "Sessions began", span(drift.since, drift.until)
    yield "Sessions", number(drift.sessions)
    yield "Calibration error", figure(drift.calibration_error)
    yield "Stability index", figure(drift.stability_index)


def share(value: float | None) -> str:
    """Return a share as a percentage."""
    if value is None or isnan(value):
        return ABSENT
    return f"{value * 100:.1f}{SPACE}%" if not 0 < value < _LEAST_SHARE else f"<{_LEAST_SHARE * 100:.1f}{SPACE}%"


def figure(value: float | None) -> str:
    """Return a figure of quality."""
    return ABSENT if value is None or isnan(value) else f"{value:.4f}"


def number(value: float) -> str:
    """Return a whole number of things."""
    return f"{value:,.0f}"


def day(at: datetime) -> str:
    """Return a date."""
    return f"{at.day}{SPACE}{at:%b}{SPACE}{at.year}"


def span(since: datetime, until: datetime) -> str:
    """Return a span of days."""
    begin = f"{since.day}{SPACE}{since:%b}" if since.year == until.year else day(since)
    return day(until) if since.date() == until.date() else f"{begin} to {day(until)}"


def moment(at: datetime) -> str:
    """Return a date with its time."""
    return f"{day(at)}, {at:%H:%M}{SPACE}UTC"


def clock(after: timedelta) -> str:
    """Return a time since the beginning, as hours, minutes and seconds."""
    minutes, seconds = divmod(max(0, int(after.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _pairs(auc: float) -> str:
    if isnan(auc):
        return "Unknown, as the sessions it was judged on all ended alike."
    return (
        "Take a visit that reaches the outcome and one that does not: the first is told the higher probability in "
        f"{auc * 100:.0f} of 100 such pairs."
    )


def _trust(error: float) -> str:
    if isnan(error):
        return "Unknown, as there was nothing to judge it on."
    return f"A told probability is {error * 100:.1f} percentage points away from the share that came true, on average."


def _blind(value: float | None) -> str | None:
    return None if value is None else f"{figure(value)} without a model"
