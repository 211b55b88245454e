"""How models do of late, for Prometheus."""

from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client import Gauge

from gateway.journey.outcome import Outcome

CALIBRATION_ERROR = Gauge(
    "journey_model_calibration_error",
    "How far what the serving model tells is from what comes, on average over recent sessions.",
    ["outcome"],
    multiprocess_mode="mostrecent",
)
DRIFT_ALARM = Gauge(
    "journey_model_drift_alarm",
    "1 while the serving model can no longer be taken by its word, else 0.",
    ["outcome"],
    multiprocess_mode="mostrecent",
)


def show_drift(outcomes: Iterable[Outcome], serving: Mapping[str, Mapping[str, Any]]) -> None:
    """Set the figures to what is stored of the models that serve, by outcome id."""
    for outcome in outcomes:
        drift = serving.get(outcome.id, {}).get("drift") or {}
        DRIFT_ALARM.labels(outcome.display_name).set(bool(drift.get("isAlarming")))
        if drift.get("calibrationError") is not None:
            CALIBRATION_ERROR.labels(outcome.display_name).set(drift["calibrationError"])
