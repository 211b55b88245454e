"""Full training over real rows, from events that came in through intake."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import DefinitionReader, InForce
from gateway.intake.rehearsal import Rehearsal
from gateway.intake.translate import translate
from gateway.journey.event import PAGE_VIEWED, Event
from gateway.prediction.base_rate import BaseRate
from gateway.prediction.full_training import train_fully
from gateway.prediction.learned import LearnedModel
from gateway.prediction.training import serving_models, train
from gateway.storage.database import Database
from gateway.storage.definitions import OUTCOMES, add_definition, newest_models
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey
from tests.prediction.past_visits import BEGIN, DEFINITIONS, MOBILE, ORDER, visits

KEY = WriteKey("key-1", "wk", "Shop")
NOW = BEGIN + timedelta(days=40)
TIMEOUT = timedelta(minutes=20)


def call_of(event: Event) -> TimedEvent:
    """Return the call that stands for the event."""
    is_page = event.event_name == PAGE_VIEWED
    url = {"url": event.page["url"]} if event.page else {}
    wire = WireEvent(
        type="page" if is_page else "track",
        event=None if is_page else event.event_name,
        messageId=event.id,
        anonymousId=event.customer_id,
        properties={**url, **event.attributes},
        context={"device": {"type": "ios"}} if event.visit == MOBILE else {},
    )
    return TimedEvent(wire, event.created_date)


def delivery_of(past: list[list[Event]]) -> Delivery:
    return Delivery(KEY, tuple(call_of(event) for events in past for event in events), NOW, None, None)


async def collect(database: Database, past: list[list[Event]], in_force: InForce | None = None) -> None:
    for at in range(0, len(past), 200):
        await commit_batch(database, [delivery_of(past[at : at + 200])], in_force or InForce(DEFINITIONS))


def later(past: list[list[Event]]) -> list[list[Event]]:
    """Return the visits under names of their own, so that they are other visitors' and other messages."""
    return [
        [event._replace(id=f"later {event.id}", customer_id=f"later {event.customer_id}") for event in events]
        for events in past
    ]


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
    assert await serving_models(history, [ORDER.id], models) == models


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
    assert session["predictions"][0]["modelId"] == row["_id"]


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
        step.event.message_id: step.told.get(ORDER.id)
        for events in news
        for step in rehearsal.play([translate(timed, delivery_of(news)) for timed in delivery_of([events]).events])
    }
    await collect(history, news, in_force)
    stored = {row["messageId"]: row.get("predictions", {}).get(ORDER.id) async for row in history["events"].find()}
    assert offline == {message_id: stored[message_id] for message_id in offline}
    assert any(offline.values())
    session = await history["sessions"].find_one({"customerId": "later v0"})
    assert session is not None
    assert session["predictions"][0]["reasons"]
