"""When outcomes are due for full training."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from gateway.journey.outcome import Outcome
from gateway.prediction.full_training import train_fully
from gateway.prediction.schedule import (
    TrainingRules,
    due_outcomes,
    is_drift_due,
    is_learnable,
    wanted_achievements,
    why_due,
)
from gateway.prediction.training import goal_of, train
from gateway.storage.database import Database, Row
from gateway.storage.definitions import newest_models
from gateway.storage.trainings import last_trainings, note_training_started, sessions_that_achieved_since
from tests.prediction.collected_visits import collect, later
from tests.prediction.past_visits import BEGIN, ORDER, visits
from tests.storage.explained import Commands, faults_of, reads

NOW = BEGIN + timedelta(days=40)
TIMEOUT = timedelta(minutes=20)
RULES = TrainingRules(TIMEOUT, every=timedelta(days=1), drift_bound=0.05)
HOUR = timedelta(hours=1)


def shares(sessions: int, achieved: int, outcome: Outcome = ORDER) -> Row:
    counts = {"sessionCount": sessions, "achievedCount": achieved}
    return {"kind": "BASE_RATE", "outcomeId": outcome.id, "goal": goal_of(outcome), **counts}


@pytest.mark.parametrize(
    ("serving", "is_able"),
    [
        pytest.param(None, False, id="nothing counted yet"),
        pytest.param(shares(299, 100), False, id="too few sessions"),
        pytest.param(shares(300, 59), False, id="too few that reached it"),
        pytest.param(shares(300, 241), False, id="too few that did not"),
        pytest.param(shares(300, 60), True, id="just enough"),
        pytest.param(shares(300, 60, replace(ORDER, event_name="x")), False, id="counted for what it was before"),
        pytest.param(shares(0, 0) | {"kind": "LEARNED"}, True, id="something was learned"),
    ],
)
def test_what_cannot_teach_anything_is_not_tried(serving: Row | None, is_able: bool) -> None:
    assert is_learnable(serving, ORDER) == is_able


@pytest.mark.parametrize(
    ("last", "words"),
    [
        pytest.param(None, "there is enough to learn from", id="never trained"),
        pytest.param((timedelta(days=1), True), "it was last trained on 2026-05-10 at 00:00 UTC", id="a day ago"),
        pytest.param((timedelta(hours=23), True), None, id="less than a day ago"),
        pytest.param((timedelta(hours=2), False), "the last training did not come to its end", id="killed"),
        pytest.param((timedelta(minutes=59), False), None, id="under way, or killed a while ago"),
    ],
)
def test_it_is_time_a_day_after_the_last_training(last: tuple[timedelta, bool] | None, words: str | None) -> None:
    stored = None if last is None else {"startedDate": NOW - last[0], "isOver": last[1]}
    assert why_due(stored, RULES, NOW) == words


@pytest.mark.parametrize(
    ("achieved", "wanted"), [pytest.param(100, 60, id="of few, as many as to begin with"), pytest.param(1_001, 201)]
)
def test_a_fifth_more_is_wanted_for_an_early_training(achieved: int, wanted: int) -> None:
    assert wanted_achievements(shares(5_000, achieved)) == wanted


@pytest.mark.parametrize(
    ("row", "is_due"),
    [
        pytest.param({"kind": "BASE_RATE"}, False, id="shares"),
        pytest.param({"kind": "LEARNED", "trainedDate": NOW}, False, id="just learned"),
        pytest.param({"kind": "LEARNED", "trainedDate": NOW - HOUR}, True, id="learned an hour ago"),
        pytest.param(
            {"kind": "LEARNED", "trainedDate": NOW - 9 * HOUR, "drift": {"measuredDate": NOW}}, False, id="measured"
        ),
    ],
)
def test_drift_is_measured_hourly(row: Mapping[str, Any], is_due: bool) -> None:
    assert is_drift_due({"o-1": row}, RULES, NOW) == is_due


async def due_at(database: Database, moment_after: timedelta, rules: TrainingRules = RULES) -> dict[str, str]:
    serving = await newest_models(database, [ORDER.id])
    return await due_outcomes(database, [ORDER], serving, rules, NOW + moment_after)


async def test_an_outcome_is_due_when_it_can_be_learned_and_again_when_enough_has_come_in(database: Database) -> None:
    await collect(database, visits(1_000))
    assert await due_at(database, HOUR) == {}
    await train(database, ORDER, NOW - HOUR, TIMEOUT)
    assert await due_at(database, HOUR) == {"o-1": "there is enough to learn from"}
    assert await due_at(database, HOUR, replace(RULES, every=timedelta(0))) == {}
    (row,) = await train_fully(database, [ORDER], NOW, TIMEOUT)
    assert (await last_trainings(database, ["o-1"]))["o-1"]["isOver"]
    assert await due_at(database, 23 * HOUR) == {}
    wanted = wanted_achievements(row)
    await collect(database, later(visits(4 * wanted, seed=3, since=NOW)))
    assert await sessions_that_achieved_since(database, "o-1", NOW, 10_000) >= wanted
    assert await sessions_that_achieved_since(database, "o-1", NOW, 7) == 7
    assert await sessions_that_achieved_since(database, "o-2", NOW, 7) == 0
    assert await due_at(database, 23 * HOUR) == {"o-1": f"{wanted} more sessions have reached it"}
    assert await due_at(database, HOUR / 2) == {}
    assert list(await due_at(database, 24 * HOUR)) == ["o-1"]


async def test_what_was_learned_of_other_conditions_is_no_training_of_these(database: Database) -> None:
    await collect(database, visits(1_000))
    await train(database, ORDER, NOW - HOUR, TIMEOUT)
    await note_training_started(database, {"o-1": "another goal"}, NOW)
    assert await due_at(database, HOUR / 2) == {"o-1": "there is enough to learn from"}


async def test_new_achievements_are_counted_in_an_index(mongodb_url: str, database: Database) -> None:
    await collect(database, visits(600))
    commands = Commands()
    async with AsyncMongoClient[Row](mongodb_url, tz_aware=True, event_listeners=[commands]) as client:
        await sessions_that_achieved_since(client[database.name], "o-1", BEGIN + timedelta(days=12), 50)
    (read,) = reads(commands.take())
    plan = await database.command({"explain": read, "verbosity": "executionStats"})
    assert list(faults_of(plan, 50)) == []
