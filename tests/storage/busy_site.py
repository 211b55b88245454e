"""A few thousand rows of everything: the visits of weeks, through the real commit, and what no call leads to."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import InForce
from gateway.journey.definitions import definitions_of
from gateway.journey.outcome import Outcome
from gateway.prediction.model_rows import model_from
from gateway.storage.audit_log import AuditAction, AuditEntry, record_all
from gateway.storage.database import Database, Row
from gateway.storage.keyset import (
    AS_IT_HAPPENED,
    LAST_RECORDED_FIRST,
    LAST_REJECTED_FIRST,
    LAST_TRAINED_FIRST,
    NEWEST_EVENT_FIRST,
    NEWEST_FIRST,
    Order,
    cursor_of,
)
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY = WriteKey("key-1", "wk", "Shop")
BUSY, RARE = "busy", "rare"
"""Divisions, beside the home division."""
SEGMENT = "loyal"
"""A segment of customers, that few are in."""
ORDER = Outcome("o-1", "Order", "order_completed")
MODELS: list[Row] = [
    {
        "_id": f"model-{number}",
        "outcomeId": f"o-{number % 3}",
        "kind": "BASE_RATE",
        "trainedDate": NOW - timedelta(minutes=5 * number),
        "sessionCount": 0,
        "achievedCount": 0,
        "reached": [],
        "achieved": [],
    }
    for number in range(1_000)
]
IN_FORCE = InForce(definitions_of([ORDER]), {"o-1": model_from(MODELS[1])})


def calls() -> Iterator[TimedEvent]:
    """Yield the visits of a few weeks: a regular's, a long one, those of many others, and of those who are here now.

    Who is known, has achieved something or came by an app came long ago: a walk from today on would take long to them.
    """
    for number in range(1_200):
        at = NOW - timedelta(hours=2, minutes=31 * number)
        visitor = "regular" if number % 3 == 0 else f"v{number}"
        yield call(f"a{number}", visitor, at)
        yield call(f"b{number}", visitor, at + timedelta(seconds=9))
        if number >= 1_140:
            then = at + timedelta(seconds=20)
            yield call(f"c{number}", visitor, then, type="track", event="Order Completed")
            yield call(f"d{number}", visitor, then, type="identify", traits={"email": "a@b.example"})
    for number in range(400):
        yield call(f"e{number}", "patient", NOW - timedelta(hours=1, seconds=-number))
    for number in range(60):
        yield call(f"f{number}", f"here{number}", NOW - timedelta(seconds=number))


def call(message: str, visitor: str, at: datetime, **wire: Any) -> TimedEvent:
    """Return a call; `wire` is what a WireEvent takes."""
    return TimedEvent(WireEvent(messageId=message, anonymousId=visitor, **{"type": "page", **wire}), at)


async def fill(database: Database) -> None:
    """Let all that happen, and put beside it what no call leads to."""
    happened = list(calls())
    for start in range(0, len(happened), 500):
        await commit_batch(database, [Delivery(KEY, tuple(happened[start : start + 500]), NOW, None, None)], IN_FORCE)
    oldest = await database["sessions"].find().sort("createdDate", 1).limit(60).to_list()
    await database["sessions"].update_many({"_id": {"$in": [row["_id"] for row in oldest]}}, {"$set": {"type": "app"}})
    await database["contacts"].update_many(
        {"_id": {"$in": [row["contactId"] for row in oldest[:30]]}}, {"$set": {"type": "CURATED"}}
    )
    members = [row["contactId"] for row in oldest[:30]]
    assigned = {"segmentAssignments": [{"segmentId": SEGMENT, "assignedDate": NOW}]}
    await database["contacts"].update_many({"_id": {"$in": members}}, {"$set": assigned})
    await database["predictionModels"].insert_many(MODELS)
    await database["outcomes"].insert_one(
        {
            "_id": "o-1",
            "displayName": "Order",
            "eventName": "order_completed",
            "isActive": True,
            "isPositive": True,
            "version": 1,
            "createdDate": NOW,
            "modifiedDate": NOW,
        }
    )
    await database["rejectedEvents"].insert_many(
        {
            "_id": f"r{number}",
            "messageId": f"r{number}",
            "writeKeyId": "gone",
            "reason": "ValueError",
            "wire": {},
            "createdDate": NOW,
            "receivedDate": NOW,
            "rejectedDate": NOW - timedelta(minutes=number),
        }
        for number in range(1_000)
    )
    regular = await database["sessions"].find_one({"customerId": "regular"})
    assert regular is not None
    looks = (
        AuditEntry(NOW - timedelta(minutes=number), "Ada", AuditAction.LOOKED_AT, (regular["contactId"], f"c{number}"))
        for number in range(1_000)
    )
    others = (AuditEntry(NOW, "Bob", AuditAction.LOOKED_AT, (f"o{number}",)) for number in range(1_000))
    await record_all(database, [*looks, *others])


async def divide(database: Database) -> None:
    """Make most visits of the regular those of one division, and every sixth of the others that of another one."""
    names = {BUSY: "Busy", RARE: "Rare"}
    rows = [{"_id": id_, "name": name, "createdDate": NOW, "modifiedDate": NOW} for id_, name in names.items()]
    await database["divisions"].insert_many(rows)
    sessions = await database["sessions"].find({}, {"customerId": 1, "contactId": 1}).sort("_id", 1).to_list()
    regular = [row for row in sessions if row["customerId"] == "regular"]
    others = [row for row in sessions if row["customerId"] != "regular"]
    for division, theirs in ((BUSY, [row for n, row in enumerate(regular) if n % 6]), (RARE, others[::6])):
        of_them = {"$in": [row["_id"] for row in theirs]}
        await database["sessions"].update_many({"_id": of_them}, {"$set": {"divisionId": division}})
        await database["events"].update_many({"sessionId": of_them}, {"$set": {"divisionId": division}})
        contacts = {"_id": {"$in": [row["contactId"] for row in theirs]}}
        await database["contacts"].update_many(contacts, {"$set": {"divisionIds": ["home", division]}})
    rejected = {"_id": {"$in": [f"r{number}" for number in range(0, 1_000, 50)]}}
    await database["rejectedEvents"].update_many(rejected, {"$set": {"divisionId": RARE}})


async def cursors(database: Database) -> dict[str, str]:
    """Return a place in the middle of each list."""
    places: dict[str, tuple[str, Row, Order]] = {
        "session": ("sessions", {"customerId": "regular"}, NEWEST_FIRST),
        "contact": ("contacts", {}, NEWEST_FIRST),
        "event": ("events", {"customerId": "patient"}, AS_IT_HAPPENED),
        "step": ("events", {"customerId": "regular"}, NEWEST_EVENT_FIRST),
        "rejected": ("rejectedEvents", {}, LAST_REJECTED_FIRST),
        "audit": ("auditLog", {"actor": "Ada"}, LAST_RECORDED_FIRST),
        "model": ("predictionModels", {"outcomeId": "o-1"}, LAST_TRAINED_FIRST),
    }
    found = {}
    for name, (collection, filter_, order) in places.items():
        (row,) = await database[collection].find(filter_).sort(order.sort()).skip(150).limit(1).to_list()
        found[name] = cursor_of(row, order)
    return found
