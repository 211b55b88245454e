"""Models as they are stored, and back.

A learned model is stored with the shares by page views as well: where its trees are missing or broken, these serve.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import structlog

from gateway.journey.features import FeatureSchema
from gateway.journey.page_group import PageGroups
from gateway.prediction.base_rate import BaseRate
from gateway.prediction.boosting import Trees
from gateway.prediction.calibration import Calibration
from gateway.prediction.learned import LEARNED, LearnedModel
from gateway.prediction.learning import Learned
from gateway.prediction.model import Model
from gateway.prediction.quality import Quality

MAX_IMPORTANCE = 30
"""Columns that a model's card names, the most important ones."""
log = structlog.get_logger(__name__)

Row = dict[str, Any]


def learned_fields(learned: Learned, schema: FeatureSchema) -> Row:
    """Return the fields of a learned model that one of shares does not have."""
    return {
        "kind": LEARNED,
        "schema": _schema_row(schema),
        "columns": list(learned.columns),
        "calibrationFactors": [learned.calibration.a, learned.calibration.b, learned.calibration.c],
        "highest": list(learned.highest),
        "quality": quality_row(learned.trial.quality),
        "featureImportance": [{"feature": name, "share": share} for name, share in learned.importance[:MAX_IMPORTANCE]],
        "treeCount": learned.trees.count,
    }


def quality_row(quality: Quality) -> Row:
    """Return the figures of a model's card."""
    return {
        "auc": quality.auc,
        "logLoss": quality.log_loss,
        "brier": quality.brier,
        "calibrationError": quality.calibration_error,
        "calibration": [
            {"predicted": one.predicted, "observed": one.observed, "count": one.count} for one in quality.calibration
        ],
        "roc": [
            {"falsePositiveRate": one.false_positive_rate, "truePositiveRate": one.true_positive_rate}
            for one in quality.roc
        ],
        "sessionCount": quality.sessions,
        "achievedCount": quality.achieved,
    }


class StoredModel(NamedTuple):
    """A model as it is stored; one of shares has no trees."""

    row: Mapping[str, Any]
    trees: bytes | None = None

    @property
    def id(self) -> str:
        """The model's id."""
        return str(self.row["_id"])

    @property
    def is_learned(self) -> bool:
        """Whether it is more than shares."""
        return bool(self.row["kind"] == LEARNED)


def models_of(stored: Mapping[str, StoredModel], known: Mapping[str, Model] | None = None) -> dict[str, Model]:
    """Return the models of outcomes, by outcome id; those among `known` ones are not read again.

    A learned model that cannot be read is replaced by its shares by page views.
    """
    held = {model.id: model for model in (known or {}).values()}
    return {id_: held.get(one.id) or model_from(one.row, one.trees) for id_, one in stored.items()}


def model_from(row: Mapping[str, Any], packed_trees: bytes | None = None) -> Model:
    """Return the model that is stored so; without readable trees, what the shares say."""
    if row["kind"] == LEARNED:
        try:
            return _learned_from(row, packed_trees or b"")
        except (ValueError, KeyError, TypeError, IndexError) as error:
            log.warning(broken(row), model=row["_id"], outcome=row["outcomeId"], error=str(error))
    return BaseRate(row["_id"], row["outcomeId"], tuple(row["reached"]), tuple(row["achieved"]))


def is_readable(row: Mapping[str, Any], packed_trees: bytes | None) -> bool:
    """Tell whether the learned model that is stored so can predict anything."""
    try:
        _learned_from(row, packed_trees or b"")
    except (ValueError, KeyError, TypeError, IndexError):
        return False
    return True


def broken(row: Mapping[str, Any]) -> str:
    """Return in words what a model that cannot be read means for who is told its predictions."""
    return f"the learned model of {row['trainedDate']:%Y-%m-%d} cannot be read: shares by page views serve; train again"


def _learned_from(row: Mapping[str, Any], packed_trees: bytes) -> LearnedModel:
    schema = _schema_from(row["schema"])
    columns = tuple(row["columns"])
    trees = Trees.unpacked(packed_trees)
    if trees.column_count != len(columns) or max(columns, default=0) >= len(schema.columns):
        raise ValueError(f"its trees ask about {trees.column_count} columns, and it names {len(columns)}")
    return LearnedModel(
        id=row["_id"],
        outcome_id=row["outcomeId"],
        schema=schema,
        columns=columns,
        trees=trees,
        calibration=Calibration(*map(float, row["calibrationFactors"])),
        highest=tuple(map(float, row["highest"])),
    )


def _schema_row(schema: FeatureSchema) -> Row:
    return {
        "pageGroups": list(schema.page_groups.patterns),
        "eventNames": list(schema.event_names),
        "numbers": list(schema.numbers),
        "categories": [{"name": name, "values": list(values)} for name, values in schema.categories],
    }


def _schema_from(row: Mapping[str, Any]) -> FeatureSchema:
    return FeatureSchema(
        PageGroups(tuple(row["pageGroups"])),
        tuple(row["eventNames"]),
        tuple(row["numbers"]),
        tuple((one["name"], tuple(one["values"])) for one in row["categories"]),
    )
