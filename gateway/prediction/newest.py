"""The newest predictions of sessions: what is stored of them, moved on by what models have told, for all at once.

Session by session, and outcome by outcome, it took as long as asking the models.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import structlog
from numpy.typing import NDArray

from gateway.prediction.explanation import NOTHING
from gateway.prediction.model import Because, Model, Whole
from gateway.prediction.quality import Floats
from gateway.prediction.scene import Scene
from gateway.storage.documents.prediction import (
    EFFECT_STEPS,
    MOST_STEPS,
    NO_WORDS,
    REASONS,
    SHARE_STEPS,
    UNKNOWN,
    PredictionSheet,
    StoredPredictions,
    packed_sheet,
    sheet_of,
)

log = structlog.get_logger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_NEWEST, _HIGHEST = range(2)
_RECORD = np.dtype(
    [
        ("date", "<i8"),
        ("probability", "<f8", 2),
        ("quantile", "<u2", 2),
        ("reason", "<u2", REASONS),
        ("effect", "<i2", REASONS),
    ]
)
"""A record of a `PredictionSheet`."""


def newest(
    scene: Scene, models: Sequence[Model], told: Floats, before: Mapping[str, StoredPredictions]
) -> dict[str, StoredPredictions]:
    """Return the predictions of each session of the scene as they are stored after it.

    `told` are probabilities by moment and model, NaN where nothing is told: there what is stored `before` is kept.
    """
    ids = {id_: number for number, id_ in enumerate(dict.fromkeys(moment.session_id for moment in scene.moments))}
    session = np.asarray([ids[moment.session_id] for moment in scene.moments], dtype=np.int64)
    sheets = _Sheets([sheet_of(before.get(id_, b"")) for id_ in ids], models)
    last = np.full((len(ids), len(models)), NOTHING)
    np.maximum.at(last, session, np.where(np.isnan(told), NOTHING, np.arange(len(told))[:, None]))
    highest = np.zeros((len(ids), len(models)))
    np.maximum.at(highest, session, np.nan_to_num(told))
    sheets.tell(scene, told, last, highest)
    sheets.explain(scene, last)
    return dict(zip(ids, sheets.packed(), strict=True))


class _Sheets:
    """The sheets of sessions as arrays: by session and outcome, those of the models first."""

    def __init__(self, stored: Sequence[PredictionSheet | None], models: Sequence[Model]) -> None:
        self._stored, self._models = stored, models
        known = (id_ for sheet in stored if sheet for id_ in sheet.outcome_ids)
        self._outcome_ids = tuple(dict.fromkeys((*(model.outcome_id for model in models), *known)))
        shape = len(stored), len(self._outcome_ids)
        self._is_there = np.zeros(shape, dtype=np.bool_)
        self._model_ids = np.full(shape, None, dtype=np.object_)
        self._records = np.zeros(shape, dtype=_RECORD)
        self._records["reason"] = NO_WORDS
        self._words: list[list[str]] = [[] for _ in stored]
        self._read()

    def tell(self, scene: Scene, told: Floats, last: Whole, highest: Floats) -> None:
        """Put in what was told; by session and model, `last` is the moment of it, `highest` the most that was told."""
        dates = np.asarray([(moment.date - _EPOCH) // _MILLISECOND for moment in scene.moments], dtype=np.int64)
        is_told = last != NOTHING
        sessions, places = np.nonzero(is_told)
        moments = last[is_told]
        self._is_there[sessions, places] = True
        self._model_ids[sessions, places] = np.asarray([one.id for one in self._models], dtype=np.object_)[places]
        self._records["date"][sessions, places] = dates[moments]
        self._records["reason"][sessions, places] = NO_WORDS
        probabilities, quantiles = self._records["probability"], self._records["quantile"]
        probabilities[sessions, places, _NEWEST] = told[moments, places]
        most = np.maximum(probabilities[sessions, places, _HIGHEST], highest[is_told])
        probabilities[sessions, places, _HIGHEST] = most
        for place, model in enumerate(self._models):
            asked = probabilities[is_told[:, place], place]
            quantiles[is_told[:, place], place] = _steps(model.quantiles(asked.ravel())).reshape(asked.shape)

    def explain(self, scene: Scene, last: Whole) -> None:
        """Put in why it was told; reasons of what was not told anew are kept."""
        self._keep_words()
        numbers = np.unique(last[last != NOTHING])
        because = [_because(model, scene, numbers) for model in self._models]
        for places, alike in _alike(because):
            topics = np.stack([one.topics for one in alike], axis=1)
            effects = np.stack([one.effects for one in alike], axis=1)
            self._explain(places, last[:, places], numbers, alike[0]._replace(topics=topics, effects=effects))

    def packed(self) -> list[StoredPredictions]:
        """Return the sheets as they are stored; one of which nothing is known is empty."""
        counts = self._is_there.sum(axis=1).tolist()
        return [self._packed(number, count) if count else b"" for number, count in enumerate(counts)]

    def _packed(self, number: int, count: int) -> StoredPredictions:
        outcome_ids, model_ids, records = self._outcome_ids, self._model_ids[number], self._records[number]
        if count < len(outcome_ids):
            places = self._is_there[number]
            outcome_ids = tuple(outcome_ids[place] for place in np.flatnonzero(places))
            model_ids, records = model_ids[places], records[places]
        words = tuple(self._words[number])
        return packed_sheet(PredictionSheet(outcome_ids, tuple(model_ids.tolist()), records.tobytes(), words))

    def _read(self) -> None:
        """Put in what is stored: sheets about the same outcomes at once."""
        alike: dict[tuple[str, ...], list[int]] = {}
        for number, sheet in enumerate(self._stored):
            if sheet is not None:
                alike.setdefault(sheet.outcome_ids, []).append(number)
        places = {id_: place for place, id_ in enumerate(self._outcome_ids)}
        for outcome_ids, numbers in alike.items():
            sheets = [sheet for number in numbers if (sheet := self._stored[number])]
            shape, at = (len(numbers), len(outcome_ids)), np.ix_(numbers, [places[id_] for id_ in outcome_ids])
            self._is_there[at] = True
            self._model_ids[at] = np.asarray([sheet.model_ids for sheet in sheets], dtype=np.object_)
            records = b"".join([sheet.records for sheet in sheets])
            self._records[at] = np.frombuffer(records, dtype=_RECORD).reshape(shape)

    def _keep_words(self) -> None:
        """Keep the words of reasons that are kept: few sessions have any."""
        reasons = self._records["reason"]
        for number, place, rank in np.argwhere(reasons != NO_WORDS).tolist():
            sheet, words = self._stored[number], self._words[number]
            told = sheet.words if sheet else ()
            known = int(reasons[number, place, rank])
            reasons[number, place, rank] = len(words) if known < len(told) else NO_WORDS
            words += told[known : known + 1]

    def _explain(self, places: Whole, last: Whole, numbers: Whole, because: Because) -> None:
        """Put in the reasons of models that explain themselves by the same topics."""
        is_told = last != NOTHING
        sessions, columns = np.nonzero(is_told)
        moments = last[is_told]
        found = np.searchsorted(numbers, moments)
        self._records["effect"][sessions, places[columns]] = _effect_steps(because.effects[found, columns])
        asked = moments[:, None] * len(because.words) + because.topics[found, columns]
        is_any = because.topics[found, columns] != NOTHING
        questions, place = np.unique(asked[is_any], return_inverse=True)
        session_of = dict(zip(moments.tolist(), sessions.tolist(), strict=True))
        words = np.asarray([self._word(question, session_of, because) for question in questions.tolist()], dtype="<u2")
        reasons = np.full(asked.shape, NO_WORDS, dtype="<u2")
        reasons[is_any] = words[place]
        self._records["reason"][sessions, places[columns]] = reasons

    def _word(self, question: int, session_of: Mapping[int, int], because: Because) -> int:
        """Put the words of a topic at a moment among those of the session, and return their place."""
        moment, topic = divmod(question, len(because.words))
        sight = because.sights[moment]
        if sight is None:
            return NO_WORDS
        words = self._words[session_of[moment]]
        words.append(because.words[topic](sight))
        return len(words) - 1


def _because(model: Model, scene: Scene, numbers: Whole) -> Because | None:
    try:
        return model.because(scene, numbers)
    except Exception:  # a probability without a reason is better than no event
        log.exception("a model cannot say why", model=model.id, outcome=model.outcome_id)
        return None


def _alike(because: Sequence[Because | None]) -> Iterable[tuple[Whole, list[Because]]]:
    """Yield the places of models that know the same topics, with what they say."""
    groups: dict[int, list[int]] = {}
    for place, one in enumerate(because):
        if one is not None:
            groups.setdefault(id(one.words), []).append(place)
    for places in groups.values():
        yield np.asarray(places), [one for place in places if (one := because[place]) is not None]


def _steps(quantiles: Floats) -> NDArray[np.uint16]:
    return np.where(np.isnan(quantiles), UNKNOWN, np.rint(quantiles * SHARE_STEPS)).astype(np.uint16)


def _effect_steps(effects: Floats) -> NDArray[np.int16]:
    return np.clip(np.rint(effects * EFFECT_STEPS), -MOST_STEPS, MOST_STEPS).astype(np.int16)
