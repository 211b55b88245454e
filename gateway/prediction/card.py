"""The card of a model: what is known about it, read from its row, for those who are to trust it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import log
from typing import Any

from gateway.prediction.base_rate import BASE_RATE
from gateway.prediction.learned import LEARNED
from gateway.prediction.model_status import status_of
from gateway.prediction.quality import CalibrationBin, Quality, RocPoint


@dataclass(frozen=True, slots=True)
class MeasuredDrift:
    """How a serving model did on sessions that came after its training; figures are None where these are too few."""

    measured: datetime
    since: datetime | None
    until: datetime | None
    sessions: int
    calibration_error: float | None
    stability_index: float | None
    is_alarming: bool
    status: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """One version of a model. A model of shares has neither quality nor importance, page groups or trees.

    `status` says in words why it serves, or does not; `importance` are features with their shares, highest first.
    """

    id: str
    kind: str
    trained: datetime
    sessions: int
    achieved: int
    status: str
    is_rejected: bool
    since: datetime | None
    until: datetime | None
    quality: Quality | None
    importance: tuple[tuple[str, float], ...]
    page_groups: tuple[str, ...]
    trees: int | None
    drift: MeasuredDrift | None

    @property
    def is_learned(self) -> bool:
        """Whether it is more than shares by page views."""
        return self.kind == LEARNED

    @property
    def rate(self) -> float | None:
        """The share of its sessions that reached the outcome; None without sessions."""
        return self.achieved / self.sessions if self.sessions else None


def card_from(row: Mapping[str, Any]) -> Card:
    """Return the card of the model that is stored so; what an old row does not say is empty."""
    return Card(
        id=row["_id"],
        kind=row.get("kind", BASE_RATE),
        trained=row["trainedDate"],
        sessions=row["sessionCount"],
        achieved=row["achievedCount"],
        status=status_of(row),
        is_rejected=row.get("isRejected", False),
        since=row.get("dataSince"),
        until=row.get("dataUntil"),
        quality=_quality(row["quality"]) if row.get("quality") else None,
        importance=tuple((one["feature"], one["share"]) for one in row.get("featureImportance", ())),
        page_groups=tuple((row.get("schema") or {}).get("pageGroups", ())),
        trees=row.get("treeCount"),
        drift=_drift(row["drift"]) if row.get("drift") else None,
    )


def blind_log_loss(quality: Quality) -> float | None:
    """Return the log-loss of telling everybody the same: the share of the judged sessions that reached the outcome."""
    rate = _judged_rate(quality)
    return -(rate * log(rate) + (1 - rate) * log(1 - rate)) if rate else None


def blind_brier(quality: Quality) -> float | None:
    """Return the Brier score of telling everybody that share."""
    rate = _judged_rate(quality)
    return rate * (1 - rate) if rate else None


def _judged_rate(quality: Quality) -> float | None:
    return quality.achieved / quality.sessions if 0 < quality.achieved < quality.sessions else None


def _quality(row: Mapping[str, Any]) -> Quality:
    return Quality(
        auc=row["auc"],
        log_loss=row["logLoss"],
        brier=row["brier"],
        calibration_error=row["calibrationError"],
        calibration=tuple(
            CalibrationBin(one["predicted"], one["observed"], one["count"]) for one in row.get("calibration", ())
        ),
        roc=tuple(RocPoint(one["falsePositiveRate"], one["truePositiveRate"]) for one in row.get("roc", ())),
        sessions=row["sessionCount"],
        achieved=row["achievedCount"],
    )


def _drift(row: Mapping[str, Any]) -> MeasuredDrift:
    return MeasuredDrift(
        measured=row["measuredDate"],
        since=row.get("since"),
        until=row.get("until"),
        sessions=row.get("sessionCount", 0),
        calibration_error=row.get("calibrationError"),
        stability_index=row.get("stabilityIndex"),
        is_alarming=row.get("isAlarming", False),
        status=row.get("status"),
    )
