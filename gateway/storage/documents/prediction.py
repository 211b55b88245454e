"""Part of sessions: what was predicted last, outcome by outcome, and why.

It is written with every event, so it is packed: as documents of their own, ten predictions with their thirty reasons
made two thirds of a session, and a third of what an event cost.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from gateway.journey.outcome import Prediction
from gateway.storage.database import Row

StoredPredictions = bytes
"""MessagePack: a list of predictions, each a list of its fields in their order."""


class KeptPrediction(NamedTuple):
    """A stored prediction whose reasons are left packed: few are asked for, and they are most of it."""

    outcome_id: str
    probability: float
    session_max_probability: float
    quantile: float | None
    session_max_quantile: float | None
    modified_date: datetime
    model_id: str | None
    reasons: msgspec.Raw


def packed_predictions(predictions: Iterable[Prediction | KeptPrediction]) -> StoredPredictions:
    """Return predictions as they are stored."""
    listed = list(predictions)
    return _pack(listed) if listed else b""


def kept_predictions(stored: StoredPredictions) -> tuple[KeptPrediction, ...]:
    """Return the predictions that are stored so; none where they cannot be read, as they are told anew anyway."""
    try:
        return _unpack_kept(stored) if stored else ()
    except msgspec.MsgspecError:
        return ()


def unpacked_predictions(stored: StoredPredictions) -> tuple[Prediction, ...]:
    """Return the predictions that are stored so; none where they cannot be read."""
    try:
        return _unpack(stored) if stored else ()
    except msgspec.MsgspecError:
        return ()


def stored_predictions_of(session: Mapping[str, Any]) -> StoredPredictions:
    """Return the predictions of a stored session, packed."""
    stored = session.get("predictions", b"")
    return stored if isinstance(stored, bytes) else packed_predictions([_former(row) for row in stored])


def prediction_rows(session: Mapping[str, Any]) -> list[Row]:
    """Return the predictions of a stored session as documents: `outcomeId`, ..., `reasons` of `words` and `effect`."""
    stored = session.get("predictions")
    return stored if isinstance(stored, list) else [_row(one) for one in unpacked_predictions(stored or b"")]


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
_unpack_kept = msgspec.msgpack.Decoder(tuple[KeptPrediction, ...]).decode
