"""An event that makes the code raise is set aside with its reason, alone, and applied once the cause is gone.

No input is known that makes the domain raise, so a watch stands in for a fault in our code: one that cannot look at the
events of certain visitors. Everything around it, from the definitions in force to MongoDB, is real.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.intake.definitions import DefinitionReader, InForce
from gateway.intake.replay import Replay
from gateway.intake.set_aside import MAX_REASON, REASON
from gateway.intake.writer import Writer
from gateway.journey.conditions import Conditions, Pattern
from gateway.journey.criterion_keys import Visited
from gateway.journey.definitions import Definitions
from gateway.journey.event import Event
from gateway.journey.ids import derive_id
from gateway.journey.watch import AllProgress, Watch, Watched
from gateway.storage.database import Database, Row
from gateway.storage.tokens import add_row
from gateway.storage.write_keys import new_write_key_row
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY = WriteKey(derive_id("write key", "wk"), "wk", "Shop")
Statuses = list[tuple[str, str, str | None]]


class FaultyWatch(Watch):
    """A watch that cannot look at the events of some visitors."""

    def __init__(self, faults: Collection[str], words: str) -> None:
        super().__init__([Watched("a definition", 1, Conditions(journey=(Pattern(event_name="order_completed"),)))])
        self._faults, self._words = frozenset(faults), words

    def moved(
        self, before: AllProgress, event: Event, session: Visited, met: Collection[str], *, visit_is_news: bool
    ) -> tuple[AllProgress, tuple[str, ...]]:
        if event.customer_id in self._faults:
            raise ZeroDivisionError(self._words)
        return super().moved(before, event, session, met, visit_is_news=visit_is_news)


@dataclass
class Gateway:
    """Intake with a fault in it: `faults` are the visitors whose events make it raise, until the fault is mended."""

    database: Database
    faults: set[str] = field(default_factory=set)
    words: str = "division by zero"

    async def send(self, *requests: Delivery) -> list[Statuses]:
        """Send requests at once, so that they share a batch, and return (message id, status, reason) of each event."""
        async with Writer(self.database, self.definitions).running() as writer:
            answers = await asyncio.gather(*map(writer.accept, requests))
        return [[(r.messageId, r.status, r.reason) for r in answer.receipts] for answer in answers]

    async def replay(self, *ids: str) -> list[str]:
        """Apply rejected events again."""
        return sorted(await Replay(self.database, self.definitions)(ids))

    async def rejected(self) -> list[Row]:
        """Return what is set aside."""
        return await self.database["rejectedEvents"].find().sort("_id").to_list()

    @property
    def definitions(self) -> DefinitionReader:
        return _FaultyDefinitions(self)


class _FaultyDefinitions(DefinitionReader):
    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway.database, Definitions())
        self._gateway = gateway

    async def read(self) -> InForce:
        in_force = await super().read()
        watch = FaultyWatch(self._gateway.faults, self._gateway.words)
        return replace(in_force, definitions=replace(in_force.definitions, of_session=watch))


@pytest.fixture
async def gateway(database: Database) -> Gateway:
    await add_row(database, "writeKeys", new_write_key_row(KEY.key, KEY.name, NOON))
    return Gateway(database, faults={"odd"})


def call(message: str, visitor: str, seconds: float = 0) -> TimedEvent:
    return TimedEvent(
        WireEvent(type="page", messageId=message, anonymousId=visitor, properties={"a.b": {"$c": 1}}),
        NOON + timedelta(seconds=seconds),
    )


def request(*calls: TimedEvent) -> Delivery:
    return Delivery(KEY, calls, NOON + timedelta(minutes=1), "192.0.2.1", "Mozilla/5.0")


def id_of(message: str) -> str:
    return derive_id("event", KEY.id, message)


async def test_the_others_of_its_request_and_of_its_batch_are_accepted(gateway: Gateway, database: Database) -> None:
    sent = await gateway.send(
        request(call("a", "v"), call("bad", "odd"), call("b", "w"), call("a", "v")),
        request(call("c", "v", 5)),
        request(call("worse", "odd", 6)),
    )
    assert sent == [
        [("a", "accepted", None), ("bad", "rejected", REASON), ("b", "accepted", None), ("a", "duplicate", None)],
        [("c", "accepted", None)],
        [("worse", "rejected", REASON)],
    ]
    assert {row["messageId"] async for row in database["events"].find()} == {"a", "b", "c"}
    counts = {row["customerId"]: row["eventCount"] async for row in database["sessions"].find()}
    assert counts == {"v": 2, "w": 1}
    assert await database["contacts"].count_documents({}) == 2


async def test_it_is_kept_as_it_came_with_the_reason(gateway: Gateway) -> None:
    await gateway.send(request(call("bad", "odd", 7)))
    (row,) = await gateway.rejected()
    wire = row.pop("wire")
    assert (wire["type"], wire["anonymousId"], wire["properties"]) == ("page", "odd", {"a.b": {"$c": 1}})
    assert row == {
        "_id": id_of("bad"),
        "messageId": "bad",
        "writeKeyId": KEY.id,
        "reason": "ZeroDivisionError: division by zero",
        "createdDate": NOON + timedelta(seconds=7),
        "receivedDate": NOON + timedelta(minutes=1),
        "rejectedDate": NOON + timedelta(minutes=1),
        "ipAddress": "192.0.2.1",
        "userAgentString": "Mozilla/5.0",
    }


async def test_a_long_reason_is_cut(gateway: Gateway) -> None:
    gateway.words = "x" * 10_000
    await gateway.send(request(call("bad", "odd")))
    (row,) = await gateway.rejected()
    assert len(row["reason"]) == MAX_REASON


async def test_replayed_it_is_what_it_would_have_been(gateway: Gateway, database: Database) -> None:
    await gateway.send(request(call("before", "odder"), call("bad", "odd", 60)))
    gateway.faults = set()
    await gateway.send(request(call("first", "odd"), call("last", "odd", 120), call("later", "odd", 7_200)))
    assert await gateway.replay(id_of("bad")) == [id_of("bad")]
    event = await database["events"].find_one({"messageId": "bad"})
    session = await database["sessions"].find_one({"customerId": "odd", "createdDate": NOON})
    assert event is not None
    assert session is not None
    assert (event["createdDate"], event["receivedDate"]) == (NOON + timedelta(seconds=60), NOON + timedelta(minutes=1))
    assert (event["sessionId"], event["sequence"]) == (session["_id"], 3)
    assert event["attributes"] == {"a.b": {"$c": 1}}
    assert (session["eventCount"], session["lastEvent"]["id"]) == (3, id_of("last"))
    assert await gateway.rejected() == []


async def test_replayed_too_early_it_stays_with_its_new_reason(gateway: Gateway, database: Database) -> None:
    gateway.faults = {"odd", "odder"}
    await gateway.send(request(call("bad", "odd"), call("worse", "odder")))
    gateway.faults, gateway.words = {"odder"}, "float division by zero"
    assert await gateway.replay(id_of("bad"), id_of("worse"), "no such event") == [id_of("bad")]
    (row,) = await gateway.rejected()
    assert (row["messageId"], row["reason"]) == ("worse", "ZeroDivisionError: float division by zero")
    assert [event["messageId"] async for event in database["events"].find()] == ["bad"]


async def test_without_its_write_key_it_stays(gateway: Gateway, database: Database) -> None:
    await gateway.send(request(call("bad", "odd")))
    gateway.faults = set()
    await database["writeKeys"].delete_many({})
    assert await gateway.replay(id_of("bad")) == []
    assert len(await gateway.rejected()) == 1


async def test_sent_again_it_is_rejected_again_and_kept_once(gateway: Gateway) -> None:
    for _ in range(2):
        assert await gateway.send(request(call("bad", "odd"))) == [[("bad", "rejected", REASON)]]
    assert len(await gateway.rejected()) == 1


async def test_sent_again_after_the_cause_is_gone_it_is_accepted_once(gateway: Gateway, database: Database) -> None:
    await gateway.send(request(call("bad", "odd")))
    gateway.faults = set()
    assert await gateway.send(request(call("bad", "odd"))) == [[("bad", "accepted", None)]]
    assert await gateway.send(request(call("bad", "odd"))) == [[("bad", "duplicate", None)]]
    # what is still kept of it is no second event
    assert await gateway.replay(id_of("bad")) == [id_of("bad")]
    assert await gateway.rejected() == []
    assert [row["eventCount"] async for row in database["sessions"].find()] == [1]
    assert await gateway.send(request(call("bad", "odd"))) == [[("bad", "duplicate", None)]]


async def test_replayed_it_is_a_duplicate_for_whoever_sends_it_again(gateway: Gateway) -> None:
    await gateway.send(request(call("bad", "odd")))
    gateway.faults = set()
    await gateway.replay(id_of("bad"))
    assert await gateway.send(request(call("bad", "odd"), call("good", "odd"))) == [
        [("bad", "duplicate", None), ("good", "accepted", None)]
    ]


async def test_of_a_large_batch_only_the_culprits_are_set_aside(gateway: Gateway, database: Database) -> None:
    calls = [call(f"m{number}", "odd" if number % 97 == 0 else f"v{number % 7}", number) for number in range(300)]
    sent = await gateway.send(*(request(*calls[start : start + 30]) for start in range(0, 300, 30)))
    rejected = {message for statuses in sent for message, status, _ in statuses if status == "rejected"}
    assert rejected == {"m0", "m97", "m194", "m291"}
    assert await database["events"].count_documents({}) == 296
    assert sum([row["eventCount"] async for row in database["sessions"].find()]) == 296
