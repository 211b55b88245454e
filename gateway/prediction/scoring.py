"""Scoring: what models say of sessions, right after each event of a batch.

A model is asked once for a batch, not once for an event, and what is stored is moved on for all sessions at once.
"""

from collections.abc import Mapping, Sequence
from math import isnan, nan
from typing import NamedTuple

import numpy as np
import structlog

from gateway.prediction.model import Model
from gateway.prediction.newest import moved_on
from gateway.prediction.quality import Floats
from gateway.prediction.scene import Moment, Scene
from gateway.storage.documents.prediction import StoredPredictions, StoredTold

log = structlog.get_logger(__name__)

Told = Mapping[str, float]
"""Probabilities by outcome id."""


class Scored(NamedTuple):
    """What was told at each moment, and by session the newest predictions, both as they are stored."""

    told: Sequence[StoredTold]
    predictions: Mapping[str, StoredPredictions]


def scored(moments: Sequence[Moment], models: Mapping[str, Model], before: Mapping[str, StoredPredictions]) -> Scored:
    """Return what models say at these moments, given in order, and what is stored of it.

    `before` are the predictions that are stored, by session; what no model tells anew is kept.
    """
    asked = tuple(models.values())
    scene = Scene(moments, asked)
    return Scored(*moved_on(scene, asked, _told(scene, asked), before))


def told_of(moments: Sequence[Moment], models: Mapping[str, Model]) -> list[Told]:
    """Return the probabilities at each moment; none for an outcome that has been reached."""
    asked = tuple(models.values())
    return _by_outcome(_told(Scene(moments, asked), asked), tuple(models))


def _told(scene: Scene, models: Sequence[Model]) -> Floats:
    """Return the probabilities by moment and model: NaN where the outcome has been reached, or the model fails."""
    told = np.full((len(scene.moments), len(models)), nan)
    for place, model in enumerate(models):
        try:
            told[:, place] = model.probabilities(scene)
        except Exception:  # whatever is wrong with a model must not stop events
            log.exception("a model cannot tell anything", model=model.id, outcome=model.outcome_id)
    places = {model.outcome_id: place for place, model in enumerate(models)}
    for number, moment in enumerate(scene.moments):
        if moment.reached:
            told[number, [places[id_] for id_ in moment.reached if id_ in places]] = nan
    return told


def _by_outcome(told: Floats, outcome_ids: Sequence[str]) -> list[Told]:
    by_moment: list[Told] = [dict(zip(outcome_ids, one, strict=True)) for one in told.tolist()]
    for number in np.flatnonzero(np.isnan(told).any(axis=1)).tolist():
        by_moment[number] = {id_: one for id_, one in by_moment[number].items() if not isnan(one)}
    return by_moment
