"""Full training over real rows, from events that came in through intake."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.intake.definitions import DefinitionReader, InForce
from gateway.intake.rehearsal import Rehearsal
from gateway.intake.translate import translate
from gateway.prediction.base_rate import BaseRate
from gateway.prediction.full_training import train_fully
from gateway.prediction.learned import LearnedModel
from gateway.prediction.model_rows import models_of
from gateway.prediction.training import serving_models, stored_models, train
from gateway.storage.database import Database, Row
from gateway.storage.definitions import OUTCOMES, add_definition, add_model, newest_models
from gateway.storage.documents.prediction import prediction_rows, probabilities_after
from gateway.storage.training_counts import TrainingCounts, training_counts
from tests.prediction.collected_visits import collect, delivery_of, later
from tests.prediction.past_visits import BEGIN, DEFINITIONS, ORDER, visits

NOW = BEGIN + timedelta(days=40)
TIMEOUT = timedelta(minutes=20)


@pytest.fixture
async def history(database: Database) -> Database:
    """A thousand visits over three weeks."""
    await collect(database, visits(1_000))
    return database


async def test_the_learned_model_serves_with_its_card(history: Database) -> None:
    (row,) = await train_fully(history, [ORDER], NOW, TIMEOUT)
    assert (row["kind"], row["sessionCount"]) == ("LEARNED", 1_000)
    assert row["status"].startswith("Serves: its log-loss is ")
    assert (row["dataSince"] - BEGIN, row["dataUntil"] - row["dataSince"]) == (
        timedelta(0),
        timedelta(minutes=30 * 999),
    )
    models = await serving_models(history, [ORDER.id])
    assert isinstance(models[ORDER.id], LearnedModel)
    stored = await stored_models(history, [ORDER.id])
    assert await stored_models(history, [ORDER.id], stored) == stored
    assert models_of(stored, models) == models


async def test_too_little_to_learn_from_gives_shares_and_says_what_is_missing(database: Database) -> None:
    await collect(database, visits(50))
    (row,) = await train_fully(database, [ORDER], NOW, TIMEOUT)
    assert row["kind"] == "BASE_RATE"
    assert "300 sessions are needed, there are 50" in row["status"]
    assert isinstance((await serving_models(database, [ORDER.id]))[ORDER.id], BaseRate)


async def test_shares_counted_by_replay_are_those_that_mongodb_counts(history: Database) -> None:
    counted = await train(history, ORDER, NOW, TIMEOUT)
    (learned,) = await train_fully(history, [ORDER], NOW + timedelta(minutes=1), TIMEOUT)
    assert all(learned[name] == counted[name] for name in ("reached", "achieved", "sessionCount", "achievedCount"))


async def test_without_newer_sessions_the_serving_model_stays(history: Database) -> None:
    (first,) = await train_fully(history, [ORDER], NOW, TIMEOUT)
    (second,) = await train_fully(history, [ORDER], NOW + timedelta(hours=1), TIMEOUT)
    assert second["isRejected"]
    assert "since the serving model was trained came only 0 sessions" in second["status"]
    assert (await newest_models(history, [ORDER.id]))[ORDER.id]["_id"] == first["_id"]


async def test_when_visitors_change_the_model_that_knows_of_it_serves(database: Database) -> None:
    await collect(database, visits(400))
    await train_fully(database, [ORDER], NOW, TIMEOUT)
    await collect(database, later(visits(1_300, seed=5, since=BEGIN + timedelta(days=9), turned=True)))
    (second,) = await train_fully(database, [ORDER], NOW + timedelta(hours=1), TIMEOUT)
    assert second["status"].startswith("Serves: its log-loss is ")
    assert "that of the model before" in second["status"]
    assert (await newest_models(database, [ORDER.id]))[ORDER.id]["_id"] == second["_id"]


async def test_a_model_of_an_outcome_that_is_achieved_by_something_else_now_is_replaced_at_once(
    history: Database,
) -> None:
    await train_fully(history, [ORDER], NOW, TIMEOUT)
    row = await train(history, replace(ORDER, event_name="user_signed_up"), NOW + timedelta(hours=1), TIMEOUT)
    assert row["kind"] == "BASE_RATE"
    assert (await newest_models(history, [ORDER.id]))[ORDER.id]["_id"] == row["_id"]


async def test_quick_training_leaves_a_learned_model_alone(history: Database) -> None:
    (learned,) = await train_fully(history, [ORDER], NOW, TIMEOUT)
    assert (await train(history, ORDER, NOW + timedelta(hours=1), TIMEOUT))["_id"] == learned["_id"]


async def test_a_corrupt_model_never_stops_an_event(history: Database) -> None:
    (row,) = await train_fully(history, [ORDER], NOW, TIMEOUT)
    await history["predictionModelTrees"].update_one({"_id": row["_id"]}, {"$set": {"packed": b"broken"}})
    models = await serving_models(history, [ORDER.id])
    assert isinstance(models[ORDER.id], BaseRate)
    await collect(history, later(visits(1, since=NOW)), InForce(DEFINITIONS, models))
    session = await history["sessions"].find_one({"customerId": "later v0"})
    assert session is not None
    assert prediction_rows(session)[0]["modelId"] == row["_id"]


async def test_what_is_told_offline_is_what_the_server_stored(history: Database) -> None:
    moment = datetime(2026, 1, 1, tzinfo=BEGIN.tzinfo)
    definition = {"_id": ORDER.id, "displayName": "Order", "eventName": ORDER.event_name, "version": 1}
    dates = {"createdDate": moment, "modifiedDate": moment}
    await add_definition(history, OUTCOMES, {**definition, "isActive": True, "isPositive": True, **dates})
    await train_fully(history, [ORDER], NOW, TIMEOUT)
    in_force = await DefinitionReader(history, DEFINITIONS).read()
    news = later(visits(60, seed=9, since=NOW))
    rehearsal = Rehearsal(in_force)
    offline = {
        step.event.message_id: told.get(ORDER.id)
        for events in news
        for step, told in rehearsal.play(
            [translate(timed, delivery_of(news)) for timed in delivery_of([events]).events]
        )
    }
    await collect(history, news, in_force)
    sessions = {row["_id"]: row async for row in history["sessions"].find()}
    stored = {
        row["messageId"]: probabilities_after(row, sessions.get(row["sessionId"], {})).get(ORDER.id)
        async for row in history["events"].find()
    }
    assert offline == {message_id: stored[message_id] for message_id in offline}
    assert any(offline.values())
    session = await history["sessions"].find_one({"customerId": "later v0"})
    assert session is not None
    assert prediction_rows(session)[0]["reasons"]


async def test_shares_that_are_counted_while_a_model_is_stored_do_not_serve_instead_of_it(
    history: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def counted_before(database: Database, model: Row, trees: bytes | None = None) -> None:
        await train(database, ORDER, later_on, TIMEOUT)
        await add_model(database, model, trees)

    later_on = NOW + timedelta(hours=1)
    monkeypatch.setattr("gateway.prediction.full_training.add_model", counted_before)
    (learned,) = await train_fully(history, [ORDER], NOW, TIMEOUT)
    serving = (await newest_models(history, [ORDER.id]))[ORDER.id]
    assert (serving["_id"], serving["trainedDate"]) == (learned["_id"], learned["trainedDate"])
    assert serving["trainedDate"] > later_on


async def test_shares_that_were_being_counted_when_a_model_came_do_not_serve_instead_of_it(
    history: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def learned_meanwhile(database: Database, *interval: Any) -> TrainingCounts:
        counts = await training_counts(database, *interval)
        await train_fully(database, [ORDER], NOW, TIMEOUT)
        return counts

    monkeypatch.setattr("gateway.prediction.training.training_counts", learned_meanwhile)
    row = await train(history, ORDER, NOW + timedelta(hours=1), TIMEOUT)
    assert row["kind"] == "LEARNED"
    assert (await newest_models(history, [ORDER.id]))[ORDER.id]["_id"] == row["_id"]
