"""The models that predict outcomes, each with its card: what it has learned from, how good it is, what it looks at."""

import asyncio
from datetime import datetime
from enum import Enum

import strawberry

from gateway.access.permissions import Permission
from gateway.graph import values
from gateway.graph.cost_directives import weight
from gateway.graph.loaders import NewestModelByOutcome, TreesOfModel
from gateway.graph.node import Node, global_id
from gateway.graph.requires import requires
from gateway.graph.words import Info, Row, at_this_moment, derived, stored
from gateway.prediction.base_rate import BASE_RATE
from gateway.prediction.learned import LEARNED
from gateway.prediction.model_status import serving_status, status_of

OF_ALL = "null for who does not see all divisions."


@strawberry.enum(description="How a model has learned.")
class ModelKind(Enum):
    """Kinds of models."""

    BASE_RATE = strawberry.enum_value(
        BASE_RATE, description="Of past sessions with as many page views, the smoothed share that reached the outcome."
    )
    LEARNED = strawberry.enum_value(
        LEARNED, description="Boosted trees over all that has happened in a visit, calibrated on sessions not learned."
    )


@strawberry.type(
    description="Predictions of similar height, told of sessions that the model had not seen.",
    directives=[requires(Permission.OUTCOME_SCORES_VIEW)],
)
class CalibrationBin:
    """A bin of a calibration curve."""

    bin: int = stored("bin", "Its place by height, from 1.")
    predicted: float | None = derived(values.finite("predicted"), "The probability told, on average.", reads=())
    observed: float | None = derived(values.finite("observed"), "The share that came true.", reads=())
    count: float | None = at_this_moment(
        values.of_all_divisions("count"),
        f"How many sessions; one that got predictions of several heights counts in parts. Of all divisions; {OF_ALL}",
        reads=(),
    )


@strawberry.type(
    description="A point of the ROC curve: what comes of calling everything from some probability on likely.",
    directives=[requires(Permission.OUTCOME_SCORES_VIEW)],
)
class RocPoint:
    """A point of a ROC curve."""

    false_positive_rate: float | None = derived(
        values.finite("falsePositiveRate"),
        "The share of those that missed the outcome that are called likely.",
        reads=(),
    )
    true_positive_rate: float | None = derived(
        values.finite("truePositiveRate"), "The share of those that reached it that are called likely.", reads=()
    )


@strawberry.type(
    description="How much a model makes of one thing that it looks at.",
    directives=[requires(Permission.OUTCOME_SCORES_VIEW)],
)
class FeatureImportance:
    """The importance of a feature."""

    feature: str = stored("feature", "What it looks at.")
    share: float | None = derived(
        values.finite("share"), "Its share in all that the model has gained by looking, from 0 to 1.", reads=()
    )


@strawberry.type(
    description="How a model that serves does on the sessions that it told of and that are over; it has learned from "
    "none of them.",
    directives=[requires(Permission.OUTCOME_SCORES_VIEW)],
)
class ModelDrift:
    """A measurement of drift."""

    status: str | None = at_this_moment(
        values.of_all_divisions("status"), f"In words, what the figures mean, or why there are none; {OF_ALL}", reads=()
    )
    measured_date: datetime | None = stored("measuredDate", "When it was measured.")
    since: datetime | None = stored("since", "When the oldest of the sessions began.")
    until: datetime | None = stored("until", "When the newest of them began.")
    session_count: int | None = at_this_moment(
        values.of_all_divisions("sessionCount"), f"How many sessions, of all divisions; {OF_ALL}", reads=()
    )
    achieved_count: int | None = at_this_moment(
        values.of_all_divisions("achievedCount"), f"How many of them reached the outcome; {OF_ALL}", reads=()
    )
    calibration_error: float | None = derived(
        values.finite("calibrationError"),
        "How far what was told is from what came, on average; null while there are too few sessions.",
        reads=(),
    )
    stability_index: float | None = derived(
        values.finite("stabilityIndex"),
        "How differently probabilities are spread than when it learned (population stability index): below 0.1 hardly, "
        "above 0.25 the visitors are others.",
        reads=(),
    )
    is_alarming: bool = stored("isAlarming", "Whether it can no longer be taken by its word.", absent=False)


@strawberry.type(
    description="What was learned about one outcome, from how much, and how good it is on newer sessions that it had "
    "not seen. What is only known of learned models is null for the others.",
    directives=[requires(Permission.OUTCOME_SCORES_VIEW)],
)
class PredictionModel(Node):
    """A model with its card."""

    id: strawberry.ID = global_id("PredictionModel")
    kind: ModelKind = stored("kind", "How it has learned.")
    is_rejected: bool = stored(
        "isRejected", "Whether it was no better than the one that served, and has never served.", absent=False
    )
    trained_date: datetime = stored("trainedDate", "When it has learned.")
    data_since: datetime | None = stored("dataSince", "When the oldest session began that it has learned from.")
    data_until: datetime | None = stored("dataUntil", "When the newest one began.")
    session_count: int | None = at_this_moment(
        values.of_all_divisions("sessionCount"),
        "How many past sessions it has learned from, of all divisions; null for who does not see all of them.",
        reads=("sessionCount",),
    )
    achieved_count: int | None = at_this_moment(
        values.of_all_divisions("achievedCount"),
        "How many of them reached the outcome; null for who does not see all divisions.",
        reads=("achievedCount",),
    )
    auc: float | None = derived(
        values.finite("quality.auc"),
        "The share of pairs of a session that reached the outcome and one that did not that it tells in the right "
        "order: 0.5 is chance, 1 is certainty.",
        reads=("quality",),
    )
    log_loss: float | None = derived(
        values.finite("quality.logLoss"), "Its mean surprise, in nats; the lower the better.", reads=("quality",)
    )
    brier: float | None = derived(
        values.finite("quality.brier"),
        "The mean square of how far it was from what came; the lower the better.",
        reads=("quality",),
    )
    calibration_error: float | None = derived(
        values.finite("quality.calibrationError"),
        "How far what it told is from what came, on average over the calibration; the lower the better.",
        reads=("quality",),
    )
    calibration: list[CalibrationBin] = derived(
        values.calibration_of, "What it told, and what came of it, from low to high.", reads=("quality",), size=10
    )
    roc: list[RocPoint] = stored("quality.roc", "Its ROC curve, from 0 to 1.", absent=(), size=101)
    feature_importance: list[FeatureImportance] | None = at_this_moment(
        values.of_all_divisions("featureImportance", ()),
        f"What it makes most of, the most important first; {OF_ALL}",
        reads=("featureImportance",),
        size=30,
    )
    page_groups: list[str] | None = at_this_moment(
        values.of_all_divisions("schema.pageGroups", ()),
        "The pages that it tells apart: paths, with * for each part of many values, such as /product/*. Any other page "
        f"counts as the longest of these that it begins with. {OF_ALL.capitalize()}",
        reads=("schema",),
    )
    tree_count: int | None = stored("treeCount", "How many trees it has.")
    drift: ModelDrift | None = stored(
        "drift", "How it does on the sessions of late; null until it is measured, as of models that do not serve."
    )

    @strawberry.field(
        description="In words, why it serves or does not, and what is missing to learn more; null for who does not see "
        "all divisions.",
        directives=[weight(2)],
    )
    async def status(root: strawberry.Parent[Row], info: Info) -> str | None:  # noqa: N805 - the value, not an instance
        """Return what training has said; of the model that serves, whether it can."""
        if not info.context.sight.is_everything:
            return None
        if root["kind"] != LEARNED or root.get("isRejected"):
            return status_of(root)
        serving = await info.context.loader(NewestModelByOutcome).load(root["outcomeId"])
        if serving is None or serving["_id"] != root["_id"]:
            return status_of(root)
        packed = await info.context.loader(TreesOfModel).load(root["_id"])
        return await asyncio.to_thread(serving_status, root, packed)

    @classmethod
    def is_type_of(cls, value: Row, _info: strawberry.Info) -> bool:
        """Tell whether this is a stored model."""
        return "trainedDate" in value
