"""Group commit: receipts, definitions, and what happens when it is all too much."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta

import pytest

from gateway.intake import writer as writer_module
from gateway.intake.definitions import DefinitionReader
from gateway.intake.writer import Writer
from gateway.journey.definitions import SESSION_TIMEOUT, Definitions
from gateway.journey.outcome import Outcome
from gateway.prediction.training import train
from gateway.storage.connection import Connection, connect
from gateway.storage.database import Database, Row
from gateway.storage.definitions import OUTCOMES, add_definition, change_definition
from gateway.storage.documents.prediction import prediction_rows
from snippet.delivery import Delivery, TimedEvent
from snippet.errors import IntakeBusy
from snippet.event import WireEvent
from snippet.write_key import WriteKey

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SHOP, BLOG = WriteKey("key-1", "wk-1", "Shop"), WriteKey("key-2", "wk-2", "Blog")

Receipts = list[tuple[str, str]]
"""Message id and status of each event."""


def delivery(*messages: str, key: WriteKey = SHOP, visitor: str = "v", event: str | None = None) -> Delivery:
    kind = "track" if event else "page"
    wires = [WireEvent(type=kind, messageId=message, anonymousId=visitor, event=event) for message in messages]
    return Delivery(key, tuple(TimedEvent(wire, NOON) for wire in wires), NOON, "192.0.2.1", None)


async def receipts(writer: Writer, sent: Delivery) -> Receipts:
    return [(receipt.messageId, receipt.status) for receipt in (await writer.accept(sent)).receipts]


async def together(*sent: Awaitable[Receipts]) -> list[Receipts]:
    return list(await asyncio.gather(*sent))


@pytest.fixture
def writer(database: Database) -> Writer:
    """Writer that does not run yet."""
    return Writer(database, DefinitionReader(database, Definitions()))


def outcome(id_: str) -> Row:
    return {
        "_id": id_,
        "displayName": id_,
        "eventName": "order_completed",
        "isActive": True,
        "isPositive": True,
        "version": 1,
        "createdDate": NOON,
        "modifiedDate": NOON,
    }


async def test_each_event_has_a_receipt_in_the_order_sent(writer: Writer, database: Database) -> None:
    async with writer.running():
        assert await receipts(writer, delivery("b", "a")) == [("b", "accepted"), ("a", "accepted")]
    assert await database["events"].count_documents({}) == 2


async def test_a_message_counts_once_within_a_delivery_over_deliveries_and_over_batches(
    writer: Writer, database: Database
) -> None:
    async with writer.running():
        first = await together(receipts(writer, delivery("a", "a", "b")), receipts(writer, delivery("b", "c")))
        assert first == [
            [("a", "accepted"), ("a", "duplicate"), ("b", "accepted")],
            [("b", "duplicate"), ("c", "accepted")],
        ]
        assert await receipts(writer, delivery("c", "d")) == [("c", "duplicate"), ("d", "accepted")]
    assert await database["events"].count_documents({}) == 4
    assert [session["eventCount"] async for session in database["sessions"].find()] == [4]


async def test_the_same_message_id_under_another_write_key_is_another_event(writer: Writer) -> None:
    async with writer.running():
        assert await receipts(writer, delivery("a")) == [("a", "accepted")]
        assert await receipts(writer, delivery("a", key=BLOG)) == [("a", "accepted")]


async def test_a_delivery_without_events_is_answered_without_a_batch(writer: Writer) -> None:
    assert await receipts(writer, delivery()) == []


async def test_many_at_once_are_all_taken_and_counted(writer: Writer, database: Database) -> None:
    sent = [delivery(f"{n}-{m}", f"{n}-{m + 1}", visitor=f"v{n % 7}") for n in range(120) for m in (0, 1)]
    async with writer.running():
        answers = await asyncio.gather(*(writer.accept(one) for one in sent))
    statuses = [receipt.status for answer in answers for receipt in answer.receipts]
    assert (statuses.count("accepted"), statuses.count("duplicate")) == (360, 120)
    counts = {row["customerId"]: row["eventCount"] async for row in database["sessions"].find()}
    assert sum(counts.values()) == await database["events"].count_documents({}) == 360
    assert len(counts) == await database["contacts"].count_documents({"sessionCount": 1}) == 7


async def test_what_waits_at_the_end_is_committed_first(writer: Writer, database: Database) -> None:
    async with writer.running():
        waiting = asyncio.create_task(receipts(writer, delivery("a")))
        await asyncio.sleep(0)
    assert await waiting == [("a", "accepted")]
    assert await database["events"].count_documents({}) == 1


async def test_a_sender_that_has_hung_up_does_not_take_its_events_along(writer: Writer, database: Database) -> None:
    waiting = asyncio.create_task(writer.accept(delivery("a")))
    await asyncio.sleep(0)
    waiting.cancel()
    async with writer.running():
        assert await receipts(writer, delivery("b")) == [("b", "accepted")]
    assert await database["events"].count_documents({}) == 2


async def test_a_full_queue_takes_nothing_and_says_when_to_come_back(
    writer: Writer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "MAX_WAITING", 3)
    waiting = asyncio.create_task(receipts(writer, delivery("a", "b")))
    await asyncio.sleep(0)
    assert writer.waiting_events == 2
    with pytest.raises(IntakeBusy) as caught:
        await writer.accept(delivery("c", "d"))
    assert caught.value.retry_after == writer_module.RETRY_AFTER_SECONDS
    async with writer.running():
        assert await waiting == [("a", "accepted"), ("b", "accepted")]
        assert await receipts(writer, delivery("c", "d")) == [("c", "accepted"), ("d", "accepted")]
    assert writer.waiting_events == 0
    assert await database["events"].count_documents({}) == 4


async def test_an_event_that_mongodb_refuses_is_set_aside_and_the_others_of_its_batch_are_taken(
    writer: Writer, database: Database
) -> None:
    await database.command("collMod", "events", validator={"messageId": {"$ne": "poison"}})
    async with writer.running():
        answers = await together(receipts(writer, delivery("a", "poison", "b")), receipts(writer, delivery("c")))
    assert answers == [[("a", "accepted"), ("poison", "rejected"), ("b", "accepted")], [("c", "accepted")]]
    assert {row["messageId"] async for row in database["events"].find()} == {"a", "b", "c"}
    assert [row["messageId"] async for row in database["rejectedEvents"].find()] == ["poison"]


async def test_senders_are_asked_to_come_back_while_too_many_bytes_wait(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "MAX_WAITING_BYTES", 1_000)
    waits = asyncio.create_task(writer.accept(delivery("a")._replace(size=600)))
    await asyncio.sleep(0)
    with pytest.raises(IntakeBusy):
        await writer.accept(delivery("b")._replace(size=600))
    async with writer.running():
        assert (await waits).receipts[0].status == "accepted"
        assert (await writer.accept(delivery("b")._replace(size=600))).receipts[0].status == "accepted"


async def test_while_mongodb_does_not_answer_senders_are_asked_to_come_back(
    writer: Writer, prepared: Connection, mongodb_url: str
) -> None:
    async with await connect(mongodb_url, prepared.database.name) as lost:
        pass  # a client that is closed answers as little as a server that is gone
    cut_off = Writer(lost.database, DefinitionReader(lost.database, Definitions()))
    async with cut_off.running():
        with pytest.raises(IntakeBusy):
            await cut_off.accept(delivery("a"))
    assert await prepared.database["events"].count_documents({}) == 0
    async with writer.running():
        assert await receipts(writer, delivery("a")) == [("a", "accepted")]


async def test_an_outcome_is_looked_for_from_the_next_event_after_it_was_defined(
    writer: Writer, database: Database
) -> None:
    async with writer.running():
        await writer.accept(delivery("before", event="Order Completed"))
        await add_definition(database, OUTCOMES, outcome("o-1"))
        await writer.accept(delivery("after", event="Order Completed"))
        await change_definition(database, OUTCOMES, "o-1", lambda _: {"isActive": False})
        await writer.accept(delivery("other", event="Order Completed", visitor="w"))
    reached = {row["messageId"]: row.get("outcomeAchievements", []) async for row in database["events"].find()}
    assert reached == {"before": [], "after": ["o-1"], "other": []}


async def test_a_model_serves_from_the_next_event_after_it_was_trained(writer: Writer, database: Database) -> None:
    async with writer.running():
        await add_definition(database, OUTCOMES, outcome("o-1"))
        await writer.accept(delivery("before"))
        model = await train(database, Outcome("o-1", "o-1", "order_completed"), NOON, SESSION_TIMEOUT)
        await writer.accept(delivery("after"))
    (session,) = await database["sessions"].find().to_list()
    (prediction,) = prediction_rows(session)
    assert (prediction["outcomeId"], prediction["modelId"]) == ("o-1", model["_id"])
    assert 0 < prediction["probability"] < 1


async def test_a_late_event_leaves_the_newest_prediction_the_newest(writer: Writer, database: Database) -> None:
    await add_definition(database, OUTCOMES, outcome("o-1"))
    await train(database, Outcome("o-1", "o-1", "order_completed"), NOON, SESSION_TIMEOUT)
    late = Delivery(
        SHOP,
        (TimedEvent(WireEvent(type="page", messageId="late", anonymousId="v"), NOON - timedelta(minutes=5)),),
        NOON,
        None,
        None,
    )
    async with writer.running():
        await writer.accept(delivery("a"))
        await writer.accept(late)
    (session,) = await database["sessions"].find().to_list()
    assert session["eventCount"] == 2
    assert prediction_rows(session)[0]["modifiedDate"] == session["lastEvent"]["createdDate"] == NOON
