"""Erasure: whatever is held of a customer goes, also when it is much, and also when it is interrupted."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from gateway.storage.audit_log import AuditAction, AuditEntry, record
from gateway.storage.connection import connect
from gateway.storage.database import Database, Row
from gateway.storage.identity.erasure import erase_contact
from gateway.storage.identity.expiry import expire
from gateway.storage.identity.removal import PORTION
from gateway.storage.identity.traces import PAGE, Traces
from snippet.delivery import TimedEvent
from tests.storage.identity.visits import NOON, call, contact_of, happens, held, merged, nothing_is_half

ADA = contact_of("ada")


def visit(visitor: str, number: int) -> list[TimedEvent]:
    """Return the calls of one visit, in which somebody tells who they are."""
    told = {"email": f"{visitor}@shop.example", "phone": "+41443334455" if visitor == "ada" else "+41443334466"}
    at = NOON + timedelta(hours=number)
    page = call(f"{visitor}-{number}-page", visitor, at)
    return [page, call(f"{visitor}-{number}-told", visitor, at, type="identify", traits=told)]


async def test_a_receipt_tells_how_much_went_and_nothing_of_whom(database: Database) -> None:
    await happens(database, *visit("ada", 1), *visit("ada", 2), *visit("bob", 1))
    receipt = await erase_contact(database, ADA, "Eve", NOON)
    assert receipt is not None
    assert receipt.counts == {"contacts": 1, "sessions": 2, "events": 4, "identifiers": 2}
    stored = await database["erasures"].find_one()
    assert stored == {"_id": receipt.id, "date": NOON, "actor": "Eve", "counts": dict(receipt.counts)}
    assert await database["contacts"].distinct("_id") == [contact_of("bob")]
    assert await database["removals"].count_documents({}) == 0
    await nothing_is_half(database)


async def test_there_is_nothing_to_erase_of_nobody_and_no_receipt(database: Database) -> None:
    await happens(database, *visit("bob", 1))
    before = await held(database)
    assert await erase_contact(database, ADA, "Eve", NOON) is None
    assert await held(database) == before


@pytest.mark.parametrize("named", ["root", "ada", "phone"])
async def test_the_whole_merge_set_goes_by_whichever_contact_it_is_named(named: str, database: Database) -> None:
    await happens(database, *(call(visitor, visitor) for visitor in ("root", "ada", "phone", "bob")))
    await merged(database, [ADA, contact_of("phone")], contact_of("root"), keeps=True)
    receipt = await erase_contact(database, contact_of(named), "Eve", NOON)
    assert receipt is not None
    assert receipt.counts == {"contacts": 3, "sessions": 3, "events": 3, "identityEdges": 2}
    assert await database["contacts"].distinct("_id") == [contact_of("bob")]
    (entry,) = await database["auditLog"].find().to_list()
    assert set(entry["contactIds"]) == {contact_of(name) for name in ("root", "ada", "phone")}
    assert (entry["action"], entry["details"]) == ("ERASED", {"erasureId": receipt.id})


async def test_of_the_audit_log_stays_who_did_what_but_no_details(database: Database) -> None:
    await happens(database, *visit("ada", 1), *visit("bob", 1))
    for contact_ids in ((ADA,), (ADA, contact_of("bob")), (contact_of("bob"),)):
        await record(database, AuditEntry(NOON, "Eve", AuditAction.UPDATED, contact_ids, {"fields": "Ada's"}))
    await erase_contact(database, ADA, "Eve", NOON)
    told = [(len(row["contactIds"]), row["details"]) async for row in database["auditLog"].find({"action": "UPDATED"})]
    assert sorted(told, key=str) == [(1, {"fields": "Ada's"}), (1, {}), (2, {})]


async def test_a_session_that_was_moved_goes_with_the_contact_that_it_was_moved_to(database: Database) -> None:
    await happens(database, *visit("ada", 1), *visit("bob", 1), *visit("bob", 9))
    moved = await database["sessions"].find_one({"customerId": "bob"}, sort={"createdDate": 1})
    assert moved is not None
    for collection, field in (("sessions", "_id"), ("events", "sessionId")):
        await database[collection].update_many({field: moved["_id"]}, {"$set": {"contactId": ADA}})
    link = {"sessionId": moved["_id"], "contactId": ADA, "formerContactId": contact_of("bob"), "madeBy": "Eve"}
    await database["sessionLinks"].insert_one({"_id": "l", **link, "madeDate": NOON})
    receipt = await erase_contact(database, ADA, "Eve", NOON)
    assert receipt is not None
    assert (receipt.counts["sessions"], receipt.counts["events"], receipt.counts["sessionLinks"]) == (2, 4, 1)
    assert await database["sessions"].count_documents({"customerId": "bob"}) == 1


def rejected(id_: str, visitor: str | None = None, **wire: object) -> Row:
    told = {"type": "identify", "messageId": id_, "anonymousId": visitor, "userId": None, **wire}
    return {"_id": id_, "messageId": id_, "reason": "ValueError", "wire": told, "rejectedDate": NOON}


WITH_TRACES = [
    pytest.param("ada", {}, True, id="sent by the cookie"),
    pytest.param("x", {"traits": {"email": "ADA@Shop.example "}}, True, id="the address in capitals"),
    pytest.param("x", {"context": {"page": {"url": "https://s.example/?m=ada%40shop.example"}}}, True, id="in a URL"),
    pytest.param("x", {"traits": {"name": "mail ada@shop.example"}}, True, id="the address within a text"),
    pytest.param("x", {"properties": {"ada@shop.example": 1}}, True, id="the address as a name"),
    pytest.param("x", {"traits": {"phone": "+41 44 333 44 55"}}, True, id="the number with spaces"),
    pytest.param("x", {"traits": {"more": [{"phone": "0041443334455"}, "+41443334455"]}}, True, id="in a list"),
    pytest.param("bob", {"traits": {"email": "bob@shop.example"}}, False, id="of somebody else"),
    pytest.param("adam", {"properties": {"colour": "adamant"}}, False, id="a short cookie within a word"),
    pytest.param("x", {"traits": {"phone": "+41443334456"}}, False, id="another number"),
]


@pytest.mark.parametrize(("visitor", "wire", "goes"), WITH_TRACES)
async def test_rejected_events_go_that_tell_of_the_person(
    visitor: str, wire: dict[str, object], goes: bool, database: Database
) -> None:
    await happens(database, *visit("ada", 1))
    await database["rejectedEvents"].insert_one(rejected("r", visitor, **wire))
    receipt = await erase_contact(database, ADA, "Eve", NOON)
    assert receipt is not None
    assert receipt.counts.get("rejectedEvents", 0) == goes
    assert await database["rejectedEvents"].count_documents({}) == 1 - goes


async def test_however_many_rejected_events_there_are_all_are_looked_through(database: Database) -> None:
    await happens(database, *visit("ada", 1))
    number = 2 * PAGE + 10
    rows = (rejected(f"r{n:05d}", "ada" if n % 100 == 0 else "bob") for n in range(number))
    await database["rejectedEvents"].insert_many(rows)
    receipt = await erase_contact(database, ADA, "Eve", NOON)
    assert receipt is not None
    assert receipt.counts["rejectedEvents"] == len(range(0, number, 100))
    assert await database["rejectedEvents"].distinct("wire.anonymousId") == ["bob"]


def test_the_traces_of_nobody_are_nowhere() -> None:
    assert not Traces([]).are_in({"a": ["", "x", {"": None, "b": 1}]})


async def many_events(database: Database, visitor: str, sessions: int, events: int) -> None:
    """Have a visitor's journey, of as many sessions and events in each, without the work of living it."""
    await happens(database, *visit(visitor, 1))
    session = await database["sessions"].find_one({"customerId": visitor})
    event = await database["events"].find_one({"customerId": visitor})
    assert session is not None
    assert event is not None
    for number in range(sessions):
        id_ = f"{visitor}-{number}"
        await database["sessions"].insert_one({**session, "_id": id_, "eventCount": events})
        rows = ({**event, "_id": f"{id_}-{n}", "sessionId": id_, "sequence": n + 1} for n in range(events))
        await database["events"].insert_many(rows, ordered=False)


async def test_a_journey_of_any_length_is_erased_in_portions(database: Database) -> None:
    await many_events(database, "ada", sessions=3, events=2 * PORTION)
    await happens(database, *visit("bob", 1))
    receipt = await erase_contact(database, ADA, "Eve", NOON)
    assert receipt is not None
    assert receipt.counts == {"contacts": 1, "sessions": 4, "events": 6 * PORTION + 2, "identifiers": 2}
    await nothing_is_half(database)


async def interrupted(database: Database, left: int) -> None:
    """Erase Ada, and end that in the middle, when there are fewer events than this."""
    erasing = asyncio.create_task(erase_contact(database, ADA, "Eve", NOON))
    while await database["events"].estimated_document_count() >= left:
        assert not erasing.done()
    erasing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await erasing


async def test_an_erasure_that_was_interrupted_is_finished_by_the_next_sweep(database: Database) -> None:
    await many_events(database, "ada", sessions=30, events=500)
    await happens(database, *visit("bob", 1))
    await interrupted(database, left=14_000)
    assert await database["contacts"].distinct("_id") == [contact_of("bob")]
    assert await database["events"].count_documents({"customerId": "ada"}) > 0
    assert await database["erasures"].count_documents({}) == 0
    await expire(database, NOON)
    receipt = await database["erasures"].find_one()
    assert receipt is not None
    assert receipt["counts"] == {"contacts": 1, "sessions": 31, "events": 15_002, "identifiers": 2}
    assert await database["removals"].count_documents({}) == 0
    await nothing_is_half(database)


async def test_two_processes_that_finish_the_same_erasure_count_everything_once(
    mongodb_url: str, database: Database
) -> None:
    await many_events(database, "ada", sessions=30, events=500)
    await interrupted(database, left=14_000)
    async with await connect(mongodb_url, database.name) as other:
        await asyncio.gather(expire(database, NOON), expire(other.database, NOON))
    receipts = [row["counts"] async for row in database["erasures"].find()]
    assert receipts == [{"contacts": 1, "sessions": 31, "events": 15_002, "identifiers": 2}]
    assert "events" not in await held(database)


async def test_events_in_flight_begin_a_new_visitor_whom_the_rest_of_the_erasure_spares(database: Database) -> None:
    await many_events(database, "ada", sessions=30, events=500)
    await interrupted(database, left=14_000)
    assert await happens(database, call("in flight", "ada")) == ["accepted"]
    await expire(database, NOON)
    assert await held(database) == {"auditLog": 1, "contacts": 1, "erasures": 1, "events": 1, "sessions": 1}
    await nothing_is_half(database)


async def test_a_message_that_is_sent_once_more_opens_the_same_session_anew_and_is_spared(database: Database) -> None:
    opening, told = visit("ada", 1)
    await many_events(database, "ada", sessions=30, events=500)
    (erased,) = await database["sessions"].distinct("_id", {"_id": {"$not": {"$regex": "^ada-"}}})
    await interrupted(database, left=14_000)
    await database["events"].delete_many({"sessionId": erased})  # as far as another process may have come meanwhile
    assert await happens(database, opening, told) == ["accepted"] * 2
    assert await database["sessions"].distinct("_id") == [erased]
    await expire(database, NOON)
    assert await held(database) == {
        "auditLog": 1, "contacts": 1, "erasures": 1, "events": 2, "identifiers": 2, "sessions": 1,
    }  # fmt: skip
    await nothing_is_half(database)


async def test_messages_that_are_sent_again_meanwhile_leave_nothing_half(mongodb_url: str, database: Database) -> None:
    calls = [one for number in range(40) for one in visit("ada", 2 * number)]
    for start in range(0, len(calls), 10):
        await happens(database, *calls[start : start + 10])

    async def again(database: Database, some: Sequence[TimedEvent]) -> None:
        for one in some:
            await happens(database, one)

    async with await connect(mongodb_url, database.name) as other:
        await asyncio.gather(erase_contact(database, ADA, "Eve", NOON), again(other.database, calls[::4]))
    await nothing_is_half(database)
