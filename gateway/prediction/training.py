"""Training: from the sessions of the last weeks to the model that serves, one outcome at a time."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.journey.ids import derive_id
from gateway.journey.outcome import Outcome
from gateway.prediction.base_rate import BASE_RATE, BaseRate, learn
from gateway.prediction.scoring import Model
from gateway.storage.database import Database
from gateway.storage.definitions import add_model, confirm_model, newest_models
from gateway.storage.training_counts import training_counts

LOOK_BACK = timedelta(days=60)
"""Older sessions say little about today's visitors; agents of the documented products look back as far."""
RETRAIN_AFTER = timedelta(minutes=5)


async def train(database: Database, outcome: Outcome, now: datetime, session_timeout: timedelta) -> Mapping[str, Any]:
    """Learn from the sessions that ended in the last weeks, store the model, and return it as it is stored.

    Where nothing new was learned, the model that serves stays, and only its date moves on.
    """
    counts = await training_counts(database, outcome.event_name, now - LOOK_BACK, now - session_timeout)
    reached, achieved = learn(counts.missed, counts.reached)
    model = {
        "_id": derive_id("model", outcome.id, now.isoformat()),
        "outcomeId": outcome.id,
        "kind": BASE_RATE,
        "trainedDate": now,
        "sessionCount": reached[0],
        "achievedCount": achieved[0],
        "reached": list(reached),
        "achieved": list(achieved),
    }
    serving = (await newest_models(database, [outcome.id])).get(outcome.id)
    if serving is not None and all(serving[name] == model[name] for name in ("kind", "reached", "achieved")):
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
    stale = [o for o in active if o.id not in models or models[o.id]["trainedDate"] < now - RETRAIN_AFTER]
    for outcome in stale:
        await train(database, outcome, now, session_timeout)
    return [outcome.id for outcome in stale]


def model_from(row: Mapping[str, Any]) -> Model:
    """Return the model that is stored so."""
    return BaseRate(row["_id"], row["outcomeId"], tuple(row["reached"]), tuple(row["achieved"]))
