"""Part of sessions: what was predicted last, outcome by outcome, and why.

It is written with every event, so it is packed: as documents of their own, ten predictions with their thirty reasons
made two thirds of a session, and a third of what an event cost.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from gateway.journey.outcome import Prediction
from gateway.storage.database import Row

StoredPredictions = bytes
"""MessagePack: a list of predictions, each a list of its fields in their order."""


def packed_predictions(predictions: Sequence[Prediction]) -> StoredPredictions | None:
    """Return predictions as they are stored."""
    return _pack(predictions) if predictions else None


def predictions_from(session: Mapping[str, Any]) -> tuple[Prediction, ...]:
    """Return the predictions of a stored session."""
    stored = session.get("predictions")
    if not stored:
        return ()
    return _unpack(stored) if isinstance(stored, bytes) else tuple(_former(row) for row in stored)


def prediction_rows(session: Mapping[str, Any]) -> list[Row]:
    """Return the predictions of a stored session as documents: `outcomeId`, ..., `reasons` of `words` and `effect`."""
    stored = session.get("predictions")
    return stored if isinstance(stored, list) else [_row(one) for one in predictions_from(session)]


def _former(row: Row) -> Prediction:
    """Return a prediction that was stored as a document, as all were before they were packed."""
    return Prediction(
        row["outcomeId"],
        row["probability"],
        row["sessionMaxProbability"],
        row.get("quantile"),
        row.get("sessionMaxQuantile"),
        row["modifiedDate"],
        row.get("modelId"),
    )


def _row(one: Prediction) -> Row:
    told = {
        "outcomeId": one.outcome_id,
        "probability": one.probability,
        "sessionMaxProbability": one.session_max_probability,
        "quantile": one.quantile,
        "sessionMaxQuantile": one.session_max_quantile,
        "modifiedDate": one.modified_date,
        "modelId": one.model_id,
    }
    reasons = [{"words": reason.words, "effect": reason.effect} for reason in one.reasons]
    return {name: value for name, value in told.items() if value is not None} | {"reasons": reasons}


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(tuple[Prediction, ...]).decode
