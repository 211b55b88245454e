"""People who visit a shop, through the real commit, for tests of what is held of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import InForce
from gateway.journey.contact import contact_id_of
from gateway.journey.definitions import Definitions
from gateway.journey.identity import Cause, EdgeKind, Rule, merge_edges
from gateway.storage.database import Database
from gateway.storage.documents.identity_edge import edge_row
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY = WriteKey("key-1", "wk", "Shop")
IN_FORCE = InForce(Definitions())
LATER = NOON + timedelta(days=61)
"""When whoever came at noon has expired."""


def call(message: str, visitor: str, at: datetime = NOON, **wire: Any) -> TimedEvent:
    """Return a call; `wire` is what a WireEvent takes."""
    return TimedEvent(WireEvent(**{"type": "page", "messageId": message, "anonymousId": visitor, **wire}), at)


async def happens(database: Database, *calls: TimedEvent) -> list[str]:
    """Commit these calls, and return the status of each."""
    delivery = Delivery(KEY, calls, max(one.created_date for one in calls), None, "Mozilla/5.0")
    (answer,) = await commit_batch(database, [delivery], IN_FORCE)
    return [receipt.status for receipt in answer.receipts]


async def merged(database: Database, child_ids: Sequence[str], head_id: str, *, keeps: bool = False) -> None:
    """Put roots below a contact, by links, or with `keeps` by a merge in force."""
    cause = Cause(Rule.AGENT, "Ada", NOON, {"reason": "same telephone"})
    for edge in merge_edges("merge-1", head_id, child_ids, cause):
        row = edge_row(edge) | {"kind": EdgeKind.MERGE.value if keeps else EdgeKind.LINK.value}
        await database["identityEdges"].insert_one(row)
    await database["contacts"].update_many({"_id": {"$in": list(child_ids)}}, {"$set": {"ancestors": [head_id]}})


def contact_of(visitor: str) -> str:
    """Return the id of the contact of a cookie."""
    return contact_id_of("cookie", visitor)


async def held(database: Database) -> dict[str, int]:
    """Return how many documents there are, by collection, without empty ones."""
    names = await database.list_collection_names()
    counts = {name: await database[name].count_documents({}) for name in names}
    return {name: count for name, count in sorted(counts.items()) if count}


async def nothing_is_half(database: Database) -> None:
    """Check that every event has its session, every session its contact and as many events as it counts."""
    contacts = {row["_id"]: row["sessionCount"] async for row in database["contacts"].find()}
    sessions = {row["_id"]: row async for row in database["sessions"].find()}
    events = await database["events"].find().to_list()
    assert {row["sessionId"] for row in events} == set(sessions)
    for id_, session in sessions.items():
        assert session["eventCount"] == sum(row["sessionId"] == id_ for row in events)
    for id_, number in contacts.items():
        assert number == sum(session["contactId"] == id_ for session in sessions.values())
    assert {session["contactId"] for session in sessions.values()} <= set(contacts)
