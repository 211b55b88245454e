"""Training by itself: real servers over a real database, each with real processes that train."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from gateway.app import open_app
from gateway.clock import now
from gateway.intake.definitions import DefinitionReader
from gateway.prediction import scheduled_training
from gateway.prediction.learned import LearnedModel
from gateway.prediction.metrics import CALIBRATION_ERROR, DRIFT_ALARM
from gateway.prediction.own_process import start
from gateway.prediction.schedule import TrainingRules
from gateway.prediction.scheduled_training import TASK, ScheduledTraining
from gateway.prediction.training import retrain_stale
from gateway.prediction.training_process import ENDED_EARLY, TrainingRequest
from gateway.settings import Settings
from gateway.storage.database import Database, Row
from gateway.storage.definitions import newest_models
from gateway.storage.trainings import last_trainings
from tests.prediction.collected_visits import collect, define_order, later
from tests.prediction.past_visits import DEFINITIONS, ORDER, visits
from tests.running_server import until

TIMEOUT = timedelta(minutes=20)
SOON = timedelta(milliseconds=200)
RULES = TrainingRules(TIMEOUT, timedelta(days=1), 0.05, look_every=SOON)
NEVER = timedelta(0)
AGO = timedelta(days=25)


@pytest.fixture
async def shop(database: Database) -> Database:
    """A site with an outcome, and a thousand visits over the last weeks, which shares have been counted of."""
    begun = now() - AGO
    await define_order(database, begun)
    await collect(database, visits(1_000, since=begun))
    await retrain_stale(database, [ORDER], now(), TIMEOUT)
    return database


def scheduled(
    database: Database, mongodb_url: str, rules: TrainingRules = RULES, clock: Callable[[], datetime] = now
) -> ScheduledTraining:
    return ScheduledTraining(database, mongodb_url, rules, clock)


async def look(training: ScheduledTraining) -> Sequence[Mapping[str, Any]]:
    """Look as often as it takes for the turn to come, and return what was logged then."""
    with capture_logs() as logged:
        await training.look()
        await asyncio.sleep(SOON.total_seconds() * 1.5)
        await training.look()
    return logged


async def learned_rows(database: Database) -> list[Row]:
    return await database["predictionModels"].find({"kind": "LEARNED"}).to_list()


@asynccontextmanager
async def serving(
    database: Database, url: str, monkeypatch: pytest.MonkeyPatch, **variables: str
) -> AsyncIterator[None]:
    """Run a server that looks often."""
    monkeypatch.setattr("gateway.app.TrainingRules", partial(TrainingRules, look_every=SOON))
    monkeypatch.setattr("gateway.app.RETRAIN_EVERY_SECONDS", 0.2)
    monkeypatch.setattr("gateway.prediction.training.RETRAIN_AFTER", timedelta(seconds=1))
    async with open_app(Settings.read({"JOURNEY_DATABASE": database.name, **variables}), url):
        yield


async def test_a_server_trains_by_itself_when_enough_has_come_in_and_serves_it_at_once(
    database: Database, mongodb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = now() - AGO
    past = visits(1_000, since=begun)
    await define_order(database, begun)
    await collect(database, past[:200])
    reader = DefinitionReader(database, DEFINITIONS)
    with capture_logs() as logged:
        async with serving(database, mongodb_url, monkeypatch):

            async def counted() -> int:
                return int((await newest_models(database, [ORDER.id])).get(ORDER.id, {}).get("sessionCount", 0))

            await until(counted)
            await asyncio.sleep(5 * SOON.total_seconds())
            assert await last_trainings(database, [ORDER.id]) == {}
            await collect(database, past[200:])

            async def learned() -> list[Row]:
                return await learned_rows(database)

            await until(learned)

            async def serves() -> bool:
                return isinstance((await reader.read()).models[ORDER.id], LearnedModel)

            await until(serves, patience=2)

            async def over() -> bool:
                return bool((await last_trainings(database, [ORDER.id]))[ORDER.id]["isOver"])

            await until(over)
    begins, ends = (one for one in logged if one["event"].startswith("full training"))
    assert (begins["outcome"], begins["why"]) == ("Order", "there is enough to learn from")
    assert (ends["kind"], ends["status"][:7]) == ("LEARNED", "Serves:")
    assert ends["seconds"] > 0


async def test_of_two_servers_one_trains(shop: Database, mongodb_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with capture_logs() as logged:
        async with serving(shop, mongodb_url, monkeypatch), serving(shop, mongodb_url, monkeypatch):

            async def over() -> bool:
                return bool((await last_trainings(shop, [ORDER.id])).get(ORDER.id, {}).get("isOver"))

            await until(over)
            await asyncio.sleep(5 * SOON.total_seconds())
    assert len(await learned_rows(shop)) == 1
    assert [one["event"] for one in logged if "training" in one["event"]] == [
        "full training begins",
        "full training is over",
    ]


async def test_nothing_is_trained_where_that_is_turned_off(
    shop: Database, mongodb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduled_training, "_PROGRAM", ("/no/such/program",))
    async with serving(shop, mongodb_url, monkeypatch, JOURNEY_TRAIN_EVERY_HOURS="0"):
        await asyncio.sleep(5 * SOON.total_seconds())
    assert await look(scheduled(shop, mongodb_url, replace(RULES, every=NEVER))) == []
    assert await last_trainings(shop, [ORDER.id]) == {}


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[asyncio.subprocess.Process]:
    """Return the processes that were started."""
    processes: list[asyncio.subprocess.Process] = []

    async def noted(*arguments: Any) -> asyncio.subprocess.Process:
        processes.append(await start(*arguments))
        return processes[-1]

    monkeypatch.setattr(scheduled_training, "start", noted)
    return processes


def has_begun(database: Database) -> Callable[[], Any]:
    async def asked() -> bool:
        return bool(await last_trainings(database, [ORDER.id]))

    return asked


async def test_a_training_that_is_killed_is_told_of_and_tried_again_an_hour_later(
    shop: Database, mongodb_url: str, started: list[asyncio.subprocess.Process]
) -> None:
    looking = asyncio.create_task(look(scheduled(shop, mongodb_url)))
    await until(has_begun(shop))
    assert os.getpriority(os.PRIO_PROCESS, started[0].pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 15)
    started[0].kill()
    logged = await looking
    (error,) = [one for one in logged if one["log_level"] == "error"]
    assert (error["event"], error["code"]) == ("full training ended before its time and will be tried again", -9)
    assert await look(scheduled(shop, mongodb_url)) == []
    in_an_hour = scheduled(shop, mongodb_url, clock=lambda: now() + timedelta(hours=1))
    begins, ends = await look(in_an_hour)
    assert begins["why"] == "the last training did not come to its end"
    assert ends["kind"] == "LEARNED"


async def test_a_training_that_cannot_start_harms_nobody(
    shop: Database, mongodb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduled_training, "_PROGRAM", (sys.executable, "-c", "raise SystemExit(3)"))
    (error,) = await look(scheduled(shop, mongodb_url))
    assert error["code"] == 3


async def test_a_training_without_mongodb_says_so_and_is_over(
    shop: Database, mongodb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = scheduled(shop, mongodb_url)
    monkeypatch.setattr(training, "_mongodb_url", "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100")
    (warning,) = await look(training)
    assert warning["event"] == "full training could not go on and will be tried again"


async def test_a_server_that_is_told_to_end_leaves_no_training_behind(
    shop: Database, mongodb_url: str, started: list[asyncio.subprocess.Process]
) -> None:
    training = scheduled(shop, mongodb_url)
    looking = asyncio.create_task(look(training))
    await until(has_begun(shop))
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    await training.close()
    assert started[0].returncode == -signal.SIGTERM


async def test_a_training_ends_when_its_server_has_died(shop: Database, mongodb_url: str) -> None:
    process = await start(scheduled_training._PROGRAM)
    assert process.stdin is not None
    request = TrainingRequest(mongodb_url, shop.name, now(), 1200.0, {ORDER.id: "x"}, False, False, 0.05)  # noqa: FBT003 - as it is sent
    process.stdin.write(msgspec.json.encode(request) + b"\n")
    await until(has_begun(shop))
    process.stdin.close()
    assert await process.wait() == ENDED_EARLY
    assert await learned_rows(shop) == []


async def test_a_training_is_given_up_when_another_server_has_taken_its_turn(
    shop: Database, mongodb_url: str, started: list[asyncio.subprocess.Process]
) -> None:
    looking = asyncio.create_task(look(scheduled(shop, mongodb_url, replace(RULES, hold=timedelta(seconds=0.6)))))
    await until(has_begun(shop))
    await shop["turns"].update_one({"_id": TASK}, {"$set": {"dueDate": now() + timedelta(hours=1)}})
    logged = await looking
    assert "full training is given up, as another server may have begun it" in [one["event"] for one in logged]
    assert started[0].returncode == -signal.SIGTERM


async def test_a_model_that_has_drifted_alarms_once_and_is_trained_again_at_once(
    shop: Database, mongodb_url: str
) -> None:
    await look(scheduled(shop, mongodb_url))
    (first,) = await learned_rows(shop)
    reader = DefinitionReader(shop, DEFINITIONS)
    begun = first["trainedDate"]
    await collect(shop, later(visits(400, seed=5, since=begun, turned=True)), await reader.read())
    after = scheduled(shop, mongodb_url, clock=lambda: now() + timedelta(days=9))
    off = scheduled(shop, mongodb_url, replace(RULES, every=NEVER), lambda: now() + timedelta(days=9))
    (alarm,) = await look(off)
    assert (alarm["log_level"], alarm["event"], alarm["outcome"]) == ("warning", "a model has drifted", "Order")
    assert await look(off) == []
    assert DRIFT_ALARM.labels("Order")._value.get() == 1
    assert CALIBRATION_ERROR.labels("Order")._value.get() > 0.05
    await shop["predictionModels"].update_one({"_id": first["_id"]}, {"$unset": {"drift": ""}})
    await shop["trainings"].update_one({"_id": ORDER.id}, {"$set": {"startedDate": now() + timedelta(days=9)}})
    alarm, begins, ends = await look(after)
    assert (alarm["event"], begins["why"]) == ("a model has drifted", "the model can no longer be taken by its word")
    assert ends["kind"].startswith("LEARNED")
