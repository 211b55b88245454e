"""Part of sessions: what was predicted last, outcome by outcome, and why. Part of events: what was predicted then.

Both are written with every event, so they are packed: as documents of their own, ten predictions with their thirty
reasons made two thirds of a session, and a third of what an event cost. Of which outcomes they are, and by which
models, is apart, as it hardly ever changes: `predictedBy`. A session's outcomes stay in their order, and new ones come
at its end, so that what was told after earlier events can still be read.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import isnan
from struct import Struct
from typing import Any, NamedTuple

import msgspec

from gateway.journey.outcome import Prediction, Reason
from gateway.storage.database import Row

StoredTold = bytes
"""Part of an event: probabilities in the order of the session's outcomes (float64), NaN where none was told."""
PREDICTED_BY = "predictedBy"
"""The field of sessions that says of which outcomes, and by which models."""
REASONS = 3
"""A prediction may have."""
UNKNOWN, NO_WORDS = 0xFFFF, 0xFFFF
SHARE_STEPS, EFFECT_STEPS, MOST_STEPS = 10_000, 1_000, 0x7FFF
"""Quantiles are stored in ten-thousandths, effects in thousandths of log-odds, up to so many."""
_RECORD, _FLOAT = Struct(f"<q2d2H{REASONS}H{REASONS}h"), Struct("<d")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class StoredPredictions(NamedTuple):
    """The predictions of a session as they are stored, each MessagePack: a `PredictedBy`, and a `PredictionSheet`."""

    by: bytes = b""
    sheet: bytes = b""


NO_PREDICTIONS = StoredPredictions()


class PredictedBy(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Of which outcomes the predictions of a session are, in order, and which models told them."""

    outcome_ids: tuple[str, ...]
    model_ids: tuple[str | None, ...]


class PredictionSheet(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is predicted: a record for each outcome, and the words of the reasons.

    A record is of 40 bytes, little-endian: milliseconds since 1970 (int64), the newest and the highest probability
    (float64 each), their quantiles (uint16 each), the places of up to three reasons among the `words` (uint16 each),
    and their effects (int16 each).
    """

    records: bytes
    words: tuple[str, ...]


@lru_cache(maxsize=1_024)
def packed_by(by: PredictedBy) -> bytes:
    """Return of which outcomes, and by which models, as it is stored."""
    return _pack(by)


def packed_sheet(sheet: PredictionSheet) -> bytes:
    """Return a sheet as it is stored."""
    return _pack(sheet)


def opened(stored: StoredPredictions) -> tuple[PredictedBy, PredictionSheet] | None:
    """Return what is stored so; None where there is nothing that can be read: it is told anew anyway."""
    by = predicted_by(stored.by)
    try:
        sheet = _unpack_sheet(stored.sheet) if stored.sheet else None
    except msgspec.MsgspecError:
        return None
    if by is None or sheet is None or len(sheet.records) != len(by.outcome_ids) * _RECORD.size:
        return None
    return by, sheet


@lru_cache(maxsize=1_024)
def predicted_by(packed: bytes) -> PredictedBy | None:
    """Return of which outcomes, and by which models; None where that cannot be read."""
    try:
        by = _unpack_by(packed) if packed else None
    except msgspec.MsgspecError:
        return None
    return by if by is not None and len(by.outcome_ids) == len(by.model_ids) else None


def packed_predictions(predictions: Iterable[Prediction]) -> StoredPredictions:
    """Return predictions as they are stored."""
    listed = list(predictions)
    if not listed:
        return NO_PREDICTIONS
    words = list(dict.fromkeys(why.words for one in listed for why in one.reasons))
    places = {one: place for place, one in enumerate(words)}
    by = PredictedBy(tuple(one.outcome_id for one in listed), tuple(one.model_id for one in listed))
    records = b"".join(_record(one, places) for one in listed)
    return StoredPredictions(packed_by(by), packed_sheet(PredictionSheet(records, tuple(words))))


def unpacked_predictions(stored: StoredPredictions) -> tuple[Prediction, ...]:
    """Return the predictions that are stored so; none where they cannot be read."""
    found = opened(stored)
    if found is None:
        return ()
    by, sheet = found
    told = zip(by.outcome_ids, by.model_ids, _RECORD.iter_unpack(sheet.records), strict=True)
    return tuple(_prediction(outcome_id, model_id, record, sheet.words) for outcome_id, model_id, record in told)


def probabilities_after(event: Mapping[str, Any], session: Mapping[str, Any]) -> Mapping[str, float]:
    """Return the probabilities that were told right after a stored event of this session, by outcome id."""
    stored = event.get("predictions", b"")
    if not isinstance(stored, bytes):  # as it was stored before it was packed
        former: Mapping[str, float] = stored
        return former
    by = predicted_by(session.get(PREDICTED_BY, b""))
    told = _FLOAT.iter_unpack(stored[: len(stored) // _FLOAT.size * _FLOAT.size])
    numbers = zip(by.outcome_ids if by else (), told, strict=False)
    return {outcome_id: number for outcome_id, (number,) in numbers if not isnan(number)}


def stored_predictions_of(session: Mapping[str, Any]) -> StoredPredictions:
    """Return the predictions of a stored session, packed."""
    stored = session.get("predictions", b"")
    if isinstance(stored, bytes):
        return StoredPredictions(session.get(PREDICTED_BY, b""), stored)
    return packed_predictions([_former(row) for row in stored])


def prediction_rows(session: Mapping[str, Any]) -> list[Row]:
    """Return the predictions of a stored session as documents: `outcomeId`, ..., `reasons` of `words` and `effect`."""
    stored = session.get("predictions")
    if isinstance(stored, list):
        return stored
    return [_row(one) for one in unpacked_predictions(stored_predictions_of(session))]


def _record(one: Prediction, words: Mapping[str, int]) -> bytes:
    reasons = [(words[why.words], _within(round(why.effect * EFFECT_STEPS))) for why in one.reasons[:REASONS]]
    places, effects = zip(*reasons, *[(NO_WORDS, 0)] * (REASONS - len(reasons)), strict=True)
    quantiles = _steps(one.quantile), _steps(one.session_max_quantile)
    date = (one.modified_date - _EPOCH) // _MILLISECOND
    return _RECORD.pack(date, one.probability, one.session_max_probability, *quantiles, *places, *effects)


def _prediction(outcome_id: str, model_id: str | None, record: tuple[Any, ...], words: Sequence[str]) -> Prediction:
    date, newest, highest, quantile, highest_quantile, *reasons = record
    told = zip(reasons[:REASONS], reasons[REASONS:], strict=True)
    return Prediction(
        outcome_id,
        newest,
        highest,
        _share(quantile),
        _share(highest_quantile),
        _EPOCH + date * _MILLISECOND,
        model_id,
        tuple(Reason(words[place], effect / EFFECT_STEPS) for place, effect in told if place < len(words)),
    )


def _within(steps: int) -> int:
    return max(-MOST_STEPS, min(steps, MOST_STEPS))


def _steps(quantile: float | None) -> int:
    return UNKNOWN if quantile is None else round(quantile * SHARE_STEPS)


def _share(steps: int) -> float | None:
    return None if steps == UNKNOWN else steps / SHARE_STEPS


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
_unpack_by = msgspec.msgpack.Decoder(PredictedBy).decode
_unpack_sheet = msgspec.msgpack.Decoder(PredictionSheet).decode
