"""Part of sessions: what was predicted last, outcome by outcome, and why. Part of events: what was predicted then.

Both are written with every event, so they are packed, those of sessions field by field: as documents of their own, ten
predictions with their thirty reasons made two thirds of a session, and a third of what an event cost.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Any

import msgspec

from gateway.journey.outcome import Prediction, Reason
from gateway.storage.database import Row

StoredPredictions = bytes
"""MessagePack: a `PredictionSheet`."""
StoredTold = bytes
"""MessagePack: probabilities by outcome id."""
REASONS = 3
"""A prediction may have."""
UNKNOWN, NO_WORDS = 0xFFFF, 0xFFFF
SHARE_STEPS, EFFECT_STEPS, MOST_STEPS = 10_000, 1_000, 0x7FFF
"""Quantiles are stored in ten-thousandths, effects in thousandths of log-odds, up to so many."""
_RECORD = Struct(f"<q2d2H{REASONS}H{REASONS}h")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class PredictionSheet(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The predictions of a session: field by field, for all outcomes in order.

    A record is of 40 bytes, little-endian: milliseconds since 1970 (int64), the newest and the highest probability
    (float64 each), their quantiles (uint16 each), the places of up to three reasons among the `words` (uint16 each),
    and their effects (int16 each).
    """

    outcome_ids: tuple[str, ...]
    model_ids: tuple[str | None, ...]
    records: bytes
    words: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether there is something of each field for each outcome."""
        count = len(self.outcome_ids)
        return len(self.model_ids) == count and len(self.records) == count * _RECORD.size


def packed_sheet(sheet: PredictionSheet) -> StoredPredictions:
    """Return a sheet as it is stored."""
    return _pack(sheet)


def sheet_of(stored: StoredPredictions) -> PredictionSheet | None:
    """Return the sheet that is stored so; None where there is none that can be read: it is told anew anyway."""
    try:
        sheet = _unpack(stored) if stored else None
    except msgspec.MsgspecError:
        return None
    return sheet if sheet is not None and sheet.is_whole else None


def packed_predictions(predictions: Iterable[Prediction]) -> StoredPredictions:
    """Return predictions as they are stored."""
    listed = list(predictions)
    if not listed:
        return b""
    words = list(dict.fromkeys(why.words for one in listed for why in one.reasons))
    places = {one: place for place, one in enumerate(words)}
    outcome_ids, model_ids = tuple(one.outcome_id for one in listed), tuple(one.model_id for one in listed)
    records = b"".join(_record(one, places) for one in listed)
    return packed_sheet(PredictionSheet(outcome_ids, model_ids, records, tuple(words)))


def unpacked_predictions(stored: StoredPredictions) -> tuple[Prediction, ...]:
    """Return the predictions that are stored so; none where they cannot be read."""
    sheet = sheet_of(stored)
    if sheet is None:
        return ()
    told = zip(sheet.outcome_ids, sheet.model_ids, _RECORD.iter_unpack(sheet.records), strict=True)
    return tuple(_prediction(outcome_id, model_id, record, sheet.words) for outcome_id, model_id, record in told)


def packed_told(told: Mapping[str, float]) -> StoredTold:
    """Return the probabilities that were told right after an event as they are stored with it."""
    return _pack(told) if told else b""


def probabilities_after(event: Mapping[str, Any]) -> Mapping[str, float]:
    """Return the probabilities that were told right after a stored event, by outcome id."""
    stored = event.get("predictions", b"")
    if isinstance(stored, bytes):
        return _unpack_told(stored) if stored else {}
    told: Mapping[str, float] = stored  # as it was stored before it was packed
    return told


def stored_predictions_of(session: Mapping[str, Any]) -> StoredPredictions:
    """Return the predictions of a stored session, packed."""
    stored = session.get("predictions", b"")
    return stored if isinstance(stored, bytes) else packed_predictions([_former(row) for row in stored])


def prediction_rows(session: Mapping[str, Any]) -> list[Row]:
    """Return the predictions of a stored session as documents: `outcomeId`, ..., `reasons` of `words` and `effect`."""
    stored = session.get("predictions")
    return stored if isinstance(stored, list) else [_row(one) for one in unpacked_predictions(stored or b"")]


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
_unpack = msgspec.msgpack.Decoder(PredictionSheet).decode
_unpack_told = msgspec.msgpack.Decoder(dict[str, float]).decode
