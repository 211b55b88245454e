"""Training at once: the shares of the last weeks' sessions by page views, counted by MongoDB.

They serve until `full_training` has learned something better, and where there is too little to learn from.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.journey.ids import derive_id
from gateway.journey.outcome import Outcome
from gateway.prediction.base_rate import BASE_RATE, learn
from gateway.prediction.learned import LEARNED
from gateway.prediction.model import Model
from gateway.prediction.model_rows import StoredModel, models_of
from gateway.storage.database import Database
from gateway.storage.definitions import add_model, confirm_model, newest_models, packed_trees
from gateway.storage.training_counts import TrainingCounts, achievement_counts, training_counts

LOOK_BACK = timedelta(days=60)
"""Older sessions say little about today's visitors; agents of the documented products look back as far."""
RETRAIN_AFTER = timedelta(minutes=5)


async def train(database: Database, outcome: Outcome, now: datetime, session_timeout: timedelta) -> Mapping[str, Any]:
    """Count the sessions that ended in the last weeks, store the model, and return it as it is stored.

    Where nothing new was learned, the model that serves stays, and only its date moves on. A learned one stays as well,
    unless the outcome is achieved by something else now.
    """
    serving = await _serving(database, outcome)
    if serving is not None and _has_learned(serving, outcome):
        return serving
    counts = await _counts(database, outcome, now - LOOK_BACK, now - session_timeout)
    serving = await _serving(database, outcome)
    if serving is not None and _has_learned(serving, outcome):  # while MongoDB counted
        return serving
    reached, achieved = learn(counts.missed, counts.reached)
    model = {
        "_id": derive_id("model", outcome.id, now.isoformat()),
        "outcomeId": outcome.id,
        "goal": goal_of(outcome),
        "kind": BASE_RATE,
        "trainedDate": now,
        "sessionCount": reached[0],
        "achievedCount": achieved[0],
        "reached": list(reached),
        "achieved": list(achieved),
    }
    compared = ("goal", "kind", "reached", "achieved")
    if serving is not None and all(serving.get(name) == model[name] for name in compared):
        await confirm_model(database, serving["_id"], now)
        return {**serving, "trainedDate": now}
    await add_model(database, model)
    return model


async def retrain_stale(
    database: Database, outcomes: Iterable[Outcome], now: datetime, session_timeout: timedelta
) -> list[str]:
    """Train each active outcome whose model is old or missing, and return the ids of those outcomes."""
    active = [outcome for outcome in outcomes if outcome.is_active]
    models = await newest_models(database, [outcome.id for outcome in active])
    stale = [outcome for outcome in active if _is_stale(models.get(outcome.id), outcome, now)]
    for outcome in stale:
        await train(database, outcome, now, session_timeout)
    return [outcome.id for outcome in stale]


def goal_of(outcome: Outcome) -> str:
    """Return what stands for all that an outcome is achieved by: a model of another goal says nothing about it."""
    return derive_id("goal", repr(outcome.conditions))


async def _serving(database: Database, outcome: Outcome) -> Mapping[str, Any] | None:
    return (await newest_models(database, [outcome.id])).get(outcome.id)


def _has_learned(serving: Mapping[str, Any], outcome: Outcome) -> bool:
    return bool(serving["kind"] == LEARNED and serving.get("goal") == goal_of(outcome))


def _is_stale(model: Mapping[str, Any] | None, outcome: Outcome, now: datetime) -> bool:
    if model is None or model.get("goal") != goal_of(outcome):
        return True
    return bool(model["kind"] != LEARNED and model["trainedDate"] < now - RETRAIN_AFTER)


async def _counts(database: Database, outcome: Outcome, since: datetime, until: datetime) -> TrainingCounts:
    if outcome.asked is None and outcome.event_name is not None:
        return await training_counts(database, outcome.event_name, since, until)
    return await achievement_counts(database, outcome.id, since, until)


async def stored_models(
    database: Database, outcome_ids: list[str], known: Mapping[str, StoredModel] | None = None
) -> dict[str, StoredModel]:
    """Return the model that serves each outcome as it is stored, by outcome id; trees of `known` ones are not read."""
    rows = await newest_models(database, outcome_ids)
    held = {one.id: one.trees for one in (known or {}).values()}
    trees = await packed_trees(
        database, [row["_id"] for row in rows.values() if row["kind"] == LEARNED and row["_id"] not in held]
    )
    return {id_: StoredModel(row, held.get(row["_id"]) or trees.get(row["_id"])) for id_, row in rows.items()}


async def serving_models(database: Database, outcome_ids: list[str]) -> dict[str, Model]:
    """Return the model that serves each outcome, by outcome id, ready to be asked."""
    return models_of(await stored_models(database, outcome_ids))
