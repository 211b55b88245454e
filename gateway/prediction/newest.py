"""The newest predictions of sessions: what is stored of them, moved on by what models have told, for all at once.

Session by session, and outcome by outcome, it took as long as asking the models.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import nan

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
    NO_PREDICTIONS,
    NO_WORDS,
    REASONS,
    SHARE_STEPS,
    UNKNOWN,
    PredictedBy,
    PredictionSheet,
    StoredPredictions,
    StoredTold,
    opened,
    packed_by,
    packed_sheet,
)

log = structlog.get_logger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_NEWEST, _HIGHEST = range(2)
_EVERY = slice(None)
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


def moved_on(
    scene: Scene, models: Sequence[Model], told: Floats, before: Mapping[str, StoredPredictions]
) -> tuple[list[StoredTold], dict[str, StoredPredictions]]:
    """Return what was told at each moment, and the predictions of each session after the scene, as they are stored.

    `told` are probabilities by moment and model, NaN where nothing is told: there what is stored `before` is kept.
    """
    ids = {id_: number for number, id_ in enumerate(dict.fromkeys(moment.session_id for moment in scene.moments))}
    session = np.asarray([ids[moment.session_id] for moment in scene.moments], dtype=np.int64)
    sheets = _Sheets([opened(before.get(id_, NO_PREDICTIONS)) for id_ in ids], models)
    last = np.full((len(ids), len(models)), NOTHING)
    np.maximum.at(last, session, np.where(np.isnan(told), NOTHING, np.arange(len(told))[:, None]))
    highest = np.zeros((len(ids), len(models)))
    np.maximum.at(highest, session, np.nan_to_num(told))
    sheets.tell(scene, told, last, highest)
    sheets.explain(scene, last)
    return sheets.packed_told(told, session), dict(zip(ids, sheets.packed(), strict=True))


class _Sheets:
    """The sheets of sessions as arrays: by session and outcome, those of the models first."""

    def __init__(self, stored: Sequence[tuple[PredictedBy, PredictionSheet] | None], models: Sequence[Model]) -> None:
        self._stored, self._models = stored, models
        known = (id_ for one in stored if one for id_ in one[0].outcome_ids)
        self._outcome_ids = tuple(dict.fromkeys((*(model.outcome_id for model in models), *known)))
        self._places = {id_: place for place, id_ in enumerate(self._outcome_ids)}
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
        return [self._packed(number, order) for number, order in enumerate(self._orders)]

    def packed_told(self, told: Floats, session: Whole) -> list[StoredTold]:
        """Return what was told at each moment, of the session of this number, as it is stored with the event."""
        everything = np.full((len(told), len(self._outcome_ids)), nan)
        everything[:, : told.shape[1]] = told
        is_told = np.logical_or.reduce(np.isfinite(told), axis=1).tolist()
        orders = self._orders
        return [
            one[orders[number]].tobytes() if is_any else b""
            for one, number, is_any in zip(everything, session.tolist(), is_told, strict=True)
        ]

    @cached_property
    def _orders(self) -> list[Whole | slice]:
        """By session the places of its outcomes: in the order in which they are stored, and then the new ones."""
        is_full: list[bool] = np.logical_and.reduce(self._is_there, axis=1).tolist()
        return [self._order(number, is_full=is_full[number]) for number in range(len(self._stored))]

    def _order(self, number: int, *, is_full: bool) -> Whole | slice:
        one = self._stored[number]
        stored = one[0].outcome_ids if one else ()
        if is_full and (not stored or stored == self._outcome_ids):
            return _EVERY
        now = (self._outcome_ids[place] for place in np.flatnonzero(self._is_there[number]))
        return np.asarray([self._places[id_] for id_ in dict.fromkeys((*stored, *now))], dtype=np.int64)

    def _packed(self, number: int, order: Whole | slice) -> StoredPredictions:
        outcome_ids = self._outcome_ids
        if isinstance(order, np.ndarray):
            outcome_ids = tuple(outcome_ids[place] for place in order)
        if not outcome_ids:
            return NO_PREDICTIONS
        by = PredictedBy(outcome_ids, tuple(self._model_ids[number][order].tolist()))
        sheet = PredictionSheet(self._records[number][order].tobytes(), tuple(self._words[number]))
        return StoredPredictions(packed_by(by), packed_sheet(sheet))

    def _read(self) -> None:
        """Put in what is stored: sheets about the same outcomes at once."""
        alike: dict[tuple[str, ...], list[int]] = {}
        for number, one in enumerate(self._stored):
            if one is not None:
                alike.setdefault(one[0].outcome_ids, []).append(number)
        for outcome_ids, numbers in alike.items():
            known = [one for number in numbers if (one := self._stored[number])]
            shape, at = (len(numbers), len(outcome_ids)), np.ix_(numbers, [self._places[id_] for id_ in outcome_ids])
            self._is_there[at] = True
            self._model_ids[at] = np.asarray([by.model_ids for by, _ in known], dtype=np.object_)
            records = b"".join([sheet.records for _, sheet in known])
            self._records[at] = np.frombuffer(records, dtype=_RECORD).reshape(shape)

    def _keep_words(self) -> None:
        """Keep the words of reasons that are kept: few sessions have any."""
        reasons = self._records["reason"]
        for number, place, rank in np.argwhere(reasons != NO_WORDS).tolist():
            stored, words = self._stored[number], self._words[number]
            told = stored[1].words if stored else ()
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
        words = np.asarray(self._put_words(questions, session_of, because), dtype="<u2")
        reasons = np.full(asked.shape, NO_WORDS, dtype="<u2")
        reasons[is_any] = words[place]
        self._records["reason"][sessions, places[columns]] = reasons

    def _put_words(self, questions: Whole, session_of: Mapping[int, int], because: Because) -> list[int]:
        """Put the words of topics at moments, given in order, among those of the sessions, and return their places."""
        places: list[int] = []
        before, sight = NOTHING, None
        moments, topics = np.divmod(questions, len(because.words) or 1)
        for moment, topic in zip(moments.tolist(), topics.tolist(), strict=True):
            if moment != before:
                before, sight, words = moment, because.sights[moment], self._words[session_of[moment]]
            if sight is None:
                places.append(NO_WORDS)
            else:
                places.append(len(words))
                words.append(because.words[topic](sight))
        return places


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
