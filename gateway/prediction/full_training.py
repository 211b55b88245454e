"""Full training: past sessions are played again, and each outcome gets the best model that they can teach.

One reading serves all outcomes. A new model serves only if it is better than the one that does, on newer sessions.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import numpy as np

from gateway.journey.definitions import Definitions, definitions_of
from gateway.journey.feature_state import FeatureState
from gateway.journey.features import FeatureSchema
from gateway.journey.ids import derive_id
from gateway.journey.outcome import Outcome
from gateway.journey.replay import played_to_the_end
from gateway.journey.session import Session
from gateway.prediction.base_rate import BASE_RATE, BaseRate
from gateway.prediction.base_rate import learn as learn_shares
from gateway.prediction.contest import Champion, verdict_on
from gateway.prediction.examples import ExampleCollector, Examples, learn_schema
from gateway.prediction.learned import LEARNED, LearnedModel
from gateway.prediction.learning import learn, what_is_missing
from gateway.prediction.model_rows import learned_fields, model_from
from gateway.prediction.training import LOOK_BACK, goal_of
from gateway.storage.database import Database
from gateway.storage.definitions import add_model, confirm_model, newest_models, packed_trees
from gateway.storage.histories import histories, newest_end
from gateway.storage.trainings import make_newest, note_training_over, note_training_started

MAX_EVENTS = 400_000
"""Events of the newest sessions that are learned from; more teach little, and take memory."""
SCHEMA_SESSIONS = 3_000
"""The newest sessions that tell what there is to tell apart."""

Progress = Callable[[str, int], None]
"""Told the name of a step and how many sessions, or outcomes, it has done so far."""


@dataclass(slots=True)
class Past:
    """Past sessions, as training needs them: examples, and by outcome the page views by which shares are counted."""

    collector: ExampleCollector
    missed: dict[str, Counter[int]] = field(default_factory=dict)
    reached: dict[str, Counter[int]] = field(default_factory=dict)

    def add(self, states: Sequence[Session], outcome_ids: Sequence[str]) -> None:
        """Take in one past session, state by state."""
        self.collector.add(states)
        last = states[-1]
        pages = {one.outcome_id: one.pageview_count for one in last.outcome_achievements}
        for id_ in outcome_ids:
            counts = self.reached if id_ in pages else self.missed
            counts.setdefault(id_, Counter())[pages.get(id_, last.pageview_count)] += 1


async def train_fully(
    database: Database,
    outcomes: Sequence[Outcome],
    now: datetime,
    session_timeout: timedelta,
    progress: Progress = lambda _step, _done: None,
) -> list[Mapping[str, Any]]:
    """Learn each outcome from the last weeks before the newest session's end, and return the models as they are stored.

    A model that is no better than the one that serves is stored, with its card and the reason, and does not serve.
    """
    begun = monotonic()
    definitions = definitions_of(outcomes, rules=Definitions(session_timeout=session_timeout))
    ids = [outcome.id for outcome in outcomes]
    until = await _until(database, now - session_timeout)
    goals = {outcome.id: goal_of(outcome) for outcome in outcomes}
    await note_training_started(database, goals, now)
    champions = await _champions(database, goals)
    schema = learn_schema(await _newest_states(database, definitions, until, progress))
    past = Past(ExampleCollector(schema, ids, _schemas_of(champions.values())))
    async for states in _played(database, definitions, until):
        past.add(states, ids)
        progress("sessions", past.collector.session_count)
    examples = past.collector.examples()
    rows: list[Mapping[str, Any]] = []
    for number, id_ in enumerate(ids, start=1):
        new, packed = await asyncio.to_thread(_learn_one, examples, past, id_, champions.get(id_), now)
        new["goal"] = goals[id_]
        new["trainedDate"] = _stored_date(now, monotonic() - begun)
        rows.append(await _store(database, new, packed, champions.get(id_)))
        progress("outcomes", number)
    await note_training_over(database, ids)
    return rows


async def _until(database: Database, ended_before: datetime) -> datetime:
    """Return the moment from which we look back: the end of the newest session, however long ago that was."""
    newest = await newest_end(database, ended_before)
    return min(newest + timedelta(milliseconds=1), ended_before) if newest else ended_before


async def _champions(database: Database, goals: Mapping[str, str]) -> dict[str, Champion]:
    """Return the models that serve, by outcome id, unless the outcome is achieved by something else by now."""
    serving = await newest_models(database, list(goals))
    rows = {id_: row for id_, row in serving.items() if row.get("goal") == goals[id_]}
    trees = await packed_trees(database, [row["_id"] for row in rows.values() if row["kind"] == LEARNED])
    return {id_: Champion(row, model_from(row, trees.get(row["_id"]))) for id_, row in rows.items()}


def _schemas_of(champions: Iterable[Champion]) -> set[FeatureSchema]:
    return {champion.model.schema for champion in champions if isinstance(champion.model, LearnedModel)}


async def _newest_states(
    database: Database, definitions: Definitions, until: datetime, progress: Progress
) -> list[FeatureState]:
    found: list[FeatureState] = []
    async for states in _played(database, definitions, until):
        if (state := states[-1].feature_state) is not None:
            found.append(state)
        progress("looking around", len(found))
        if len(found) >= SCHEMA_SESSIONS:
            break
    return found


async def _played(database: Database, definitions: Definitions, until: datetime) -> AsyncIterator[list[Session]]:
    async for some in histories(database, until - LOOK_BACK, until, MAX_EVENTS):
        for history in some:
            if states := played_to_the_end(history.events, definitions, history.visits):
                yield states
        await asyncio.sleep(0)


def _learn_one(
    examples: Examples, past: Past, outcome_id: str, champion: Champion | None, now: datetime
) -> tuple[dict[str, Any], bytes | None]:
    """Return the new model as it is to be stored, and its trees if it has any."""
    missed, came = past.missed.get(outcome_id, Counter()), past.reached.get(outcome_id, Counter())
    reached, achieved = learn_shares(missed, came)
    row: dict[str, Any] = {
        "_id": derive_id("model", outcome_id, now.isoformat()),
        "outcomeId": outcome_id,
        "kind": BASE_RATE,
        "trainedDate": now,
        "sessionCount": reached[0],
        "achievedCount": achieved[0],
        "reached": list(reached),
        "achieved": list(achieved),
    }
    missing = what_is_missing(examples, outcome_id)
    if missing is not None:
        return row | {"status": f"Shares by page views serve, as there is too little to learn from: {missing}."}, None
    learned = learn(examples, outcome_id)
    verdict = verdict_on(examples, learned, BaseRate("", outcome_id, reached, achieved), champion)
    row |= learned_fields(learned, examples.schema) | _span(examples) | {"status": verdict.words}
    return row | ({} if verdict.serves else {"isRejected": True}), learned.trees.packed()


def _span(examples: Examples) -> dict[str, datetime]:
    first, last = float(np.min(examples.begun)), float(np.max(examples.begun))
    return {"dataSince": _moment(first), "dataUntil": _moment(last)}


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _stored_date(begun: datetime, seconds: float) -> datetime:
    """Return when it is now, as it is stored; this is when a model begins to serve, and what it tells is its own."""
    date = begun + timedelta(seconds=seconds)
    return date.replace(microsecond=date.microsecond // 1000 * 1000)


async def _store(
    database: Database, new: dict[str, Any], packed: bytes | None, champion: Champion | None
) -> Mapping[str, Any]:
    """Store the new model, and return it; or note that training has come to the one that serves, and return that."""
    if champion is not None and _says_the_same(new, champion):
        await confirm_model(database, champion.row["_id"], new["trainedDate"])
        return {**champion.row, "trainedDate": new["trainedDate"]}
    await add_model(database, new, packed)
    return new if new.get("isRejected") else await _newest(database, new)


async def _newest(database: Database, new: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the new model as the newest one, which serves; shares may have been counted while it was stored."""
    serving = (await newest_models(database, [new["outcomeId"]]))[new["outcomeId"]]
    if serving["_id"] == new["_id"]:
        return new
    date = serving["trainedDate"] + timedelta(milliseconds=1)
    await make_newest(database, new["_id"], date)
    return {**new, "trainedDate": date}


def _says_the_same(new: Mapping[str, Any], champion: Champion) -> bool:
    """Tell whether the new model is one of shares that adds nothing to the serving one."""
    if new["kind"] != BASE_RATE:
        return False
    compared = ("goal", "kind", "reached", "achieved", "status")
    return champion.is_learned or all(champion.row.get(name) == new[name] for name in compared)
