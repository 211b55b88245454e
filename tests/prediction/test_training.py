"""Training over real rows: what MongoDB counts equals a recount in plain Python."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import InForce
from gateway.journey.definitions import SESSION_TIMEOUT, definitions_of
from gateway.journey.outcome import Outcome
from gateway.prediction.base_rate import BaseRate, learn
from gateway.prediction.model_rows import model_from
from gateway.prediction.training import LOOK_BACK, RETRAIN_AFTER, retrain_stale, train
from gateway.storage.database import Database, Row
from gateway.storage.definitions import definition_version, newest_models
from gateway.storage.training_counts import training_counts
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ORDER = Outcome("o-1", "Order", "order_completed")
IN_FORCE = InForce(definitions_of([ORDER]))
KEY = WriteKey("key-1", "wk", "Shop")


def call(number: int, visitor: str, at: datetime, name: str | None = None) -> TimedEvent:
    kind = "track" if name else "page"
    return TimedEvent(WireEvent(type=kind, messageId=str(number), anonymousId=visitor, event=name), at)


async def collect(database: Database, calls: list[TimedEvent]) -> None:
    await commit_batch(database, [Delivery(KEY, tuple(calls), NOON, None, None)], IN_FORCE)


@pytest.fixture
async def history(database: Database) -> Database:
    """Four hundred events of thirty visitors, among them orders before, between and after page views."""
    random = Random(7)  # noqa: S311 - no secret
    calls = []
    for number in range(400):
        at = NOON - timedelta(minutes=random.randrange(60 * 24 * 3))
        name = random.choice([None, None, None, "Order Completed", "Cart Viewed"])
        calls.append(call(number, f"v{random.randrange(30)}", at, name))
        if name is None and random.random() < 0.5:
            calls += [
                call(1_000 * (number + 1) + n, calls[-1].wire.anonymousId or "", at + timedelta(minutes=n))
                for n in range(1, 4)
            ]
    await collect(database, calls)
    return database


async def recount(database: Database, since: datetime, until: datetime) -> tuple[Counter[int], Counter[int]]:
    missed, reached = Counter[int](), Counter[int]()
    async for session in database["sessions"].find():
        if not since <= session["lastEvent"]["createdDate"] < until:
            continue
        events: list[Row] = await database["events"].find({"sessionId": session["_id"]}).to_list()
        orders = [event["createdDate"] for event in events if event["eventName"] == "order_completed"]
        pages = [event["createdDate"] for event in events if event["eventName"] == "page_viewed"]
        if orders:
            reached[sum(date <= min(orders) for date in pages)] += 1
        else:
            missed[len(pages)] += 1
    return missed, reached


@pytest.mark.parametrize(
    ("since", "until"),
    [
        pytest.param(NOON - LOOK_BACK, NOON, id="everything that has ended"),
        pytest.param(NOON - LOOK_BACK, NOON - timedelta(days=1), id="all but the last day"),
        pytest.param(NOON, NOON + LOOK_BACK, id="nothing"),
    ],
)
async def test_what_is_counted_equals_a_plain_recount(history: Database, since: datetime, until: datetime) -> None:
    counts = await training_counts(history, "order_completed", since, until)
    assert (counts.missed, counts.reached) == await recount(history, since, until)


async def test_a_trained_model_says_what_it_has_learned_from(history: Database) -> None:
    row = await train(history, ORDER, NOON, SESSION_TIMEOUT)
    missed, reached = await recount(history, NOON - LOOK_BACK, NOON - SESSION_TIMEOUT)
    assert row["sessionCount"] == missed.total() + reached.total() > 0
    assert row["achievedCount"] == reached.total() > 0
    assert (tuple(row["reached"]), tuple(row["achieved"])) == learn(missed, reached)
    assert (row["kind"], row["trainedDate"], row["outcomeId"]) == ("BASE_RATE", NOON, ORDER.id)


async def test_a_stored_model_serves_as_it_was_learned(history: Database) -> None:
    row = await train(history, ORDER, NOON, SESSION_TIMEOUT)
    stored = (await newest_models(history, [ORDER.id]))[ORDER.id]
    assert stored == row
    assert model_from(stored) == BaseRate(row["_id"], ORDER.id, tuple(row["reached"]), tuple(row["achieved"]))


async def test_a_session_that_may_go_on_is_not_learned_from(database: Database) -> None:
    await collect(database, [call(1, "ended", NOON - timedelta(minutes=21)), call(2, "goes on", NOON)])
    assert (await train(database, ORDER, NOON, SESSION_TIMEOUT))["sessionCount"] == 1


async def test_only_old_and_missing_models_of_active_outcomes_are_trained_again(database: Database) -> None:
    active, off = Outcome("a", "A", "x"), Outcome("b", "B", "x", is_active=False)
    assert await retrain_stale(database, [active, off], NOON, SESSION_TIMEOUT) == ["a"]
    version = await definition_version(database)
    assert await retrain_stale(database, [active, off], NOON + RETRAIN_AFTER, SESSION_TIMEOUT) == []
    assert await definition_version(database) == version
    later = NOON + RETRAIN_AFTER + timedelta(milliseconds=1)
    assert await retrain_stale(database, [active, off], later, SESSION_TIMEOUT) == ["a"]
    assert (await newest_models(database, ["a"]))["a"]["trainedDate"] == later
