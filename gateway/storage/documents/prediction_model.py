"""Collection `predictionModels`: what was learned for each outcome; the newest one serves."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from gateway.storage.documents.shape import Part, Stored


class CalibrationBinPart(Part):
    """Predictions of similar height on sessions that the model had not seen; `count` is in sessions."""

    predicted: float
    observed: float
    count: float


class RocPointPart(Part):
    """Shares of the sessions that are told at least some probability: of those that miss the outcome, and reach it."""

    false_positive_rate: float
    true_positive_rate: float


class QualityPart(Part):
    """How good a model was on the newest sessions, of which its trial had learned nothing."""

    auc: float
    log_loss: float
    brier: float
    calibration_error: float
    calibration: list[CalibrationBinPart]
    roc: list[RocPointPart] = []
    session_count: float
    achieved_count: float


class ImportancePart(Part):
    """The share of one feature in what a model gained by looking at all of them."""

    feature: str
    share: float


class DriftPart(Part):
    """How a model does on the sessions that were told by it and are over: see `gateway.prediction.drift`.

    The oldest and the newest of them began `since` and `until`. Figures are absent where there are too few sessions.
    """

    measured_date: datetime
    since: datetime | None = None
    until: datetime | None = None
    session_count: int
    achieved_count: int
    calibration_error: float | None = None
    stability_index: float | None = None
    is_alarming: bool
    status: str


class PredictionModelDocument(Stored):
    """A stored model.

    `goal` stands for what achieved the outcome when it was learned. `status` says in words why the model serves, or
    does not; rejected ones do not. The fields from `data_since` on are those of learned models: times of their oldest
    and newest session, what their trees look at, how they are calibrated, and how good they are. The trees themselves
    are in `predictionModelTrees`.

    `reached[k-1]` counts past sessions that viewed k pages without having reached the outcome before, `achieved[k-1]`
    those of them that went on to reach it; the last place stands for that many pages or more.
    """

    outcome_id: str
    goal: str | None = None
    kind: str
    trained_date: datetime
    session_count: int
    achieved_count: int
    reached: list[int]
    achieved: list[int]
    status: str | None = None
    is_rejected: bool = False
    data_since: datetime | None = None
    data_until: datetime | None = None
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    columns: list[int] = []
    calibration_factors: list[float] = []
    highest: list[float] = []
    quality: QualityPart | None = None
    feature_importance: list[ImportancePart] = []
    tree_count: int | None = None
    drift: DriftPart | None = None

    class Settings:
        """Collection and indexes."""

        name = "predictionModels"
        indexes: ClassVar = [
            IndexModel(
                [("outcomeId", ASCENDING), ("trainedDate", DESCENDING), ("_id", DESCENDING)], name="newest_of_outcome"
            ),
        ]
