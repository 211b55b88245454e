"""The batch commit under competition: several clients at the same visitors, and every count is exact."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from pymongo.errors import OperationFailure

from gateway.intake.batch import commit_batch, play
from gateway.intake.crowd import load_crowd
from gateway.intake.definitions import InForce
from gateway.intake.translate import translate
from gateway.journey.definitions import Definitions
from gateway.storage.batch_commit import BatchTransaction, in_transaction
from gateway.storage.connection import Connection, connect
from gateway.storage.database import Database
from gateway.storage.errors import DocumentRefused
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY = WriteKey("key-1", "wk", "Shop")
DEFINITIONS = Definitions()
IN_FORCE = InForce(DEFINITIONS)


def call(message: str, visitor: str, seconds: float = 0) -> TimedEvent:
    wire = WireEvent(type="page", messageId=message, anonymousId=visitor)
    return TimedEvent(wire, NOON + timedelta(seconds=seconds))


def delivery(*calls: TimedEvent) -> Delivery:
    return Delivery(KEY, calls, NOON, None, None)


async def commit(database: Database, calls: Sequence[TimedEvent]) -> Counter[str]:
    answers = await commit_batch(database, [delivery(one) for one in calls], IN_FORCE)
    return Counter(receipt.status for answer in answers for receipt in answer.receipts)


async def counts_are_exact(database: Database) -> None:
    """Recount sessions and contacts from the events."""
    events = await database["events"].find().to_list()
    by_session = Counter(event["sessionId"] for event in events)
    sessions = await database["sessions"].find().to_list()
    assert {session["_id"]: session["eventCount"] for session in sessions} == by_session
    assert {session["_id"]: session["pageviewCount"] for session in sessions} == by_session
    sequences = {(event["sessionId"], event["sequence"]) for event in events}
    assert sequences == {(id_, n) for id_, number in by_session.items() for n in range(1, number + 1)}
    by_contact = Counter(session["contactId"] for session in sessions)
    contacts = await database["contacts"].find().to_list()
    assert {contact["_id"]: contact["sessionCount"] for contact in contacts} == by_contact


@pytest.fixture
async def others(mongodb_url: str, database: Database) -> list[Connection]:
    return [await connect(mongodb_url, database.name) for _ in range(3)]


async def test_several_writers_at_the_same_visitors_give_exact_counts(
    database: Database, others: list[Connection]
) -> None:
    random = Random(1)  # noqa: S311 - no secret
    accepted = Counter[str]()
    for turn in range(20):
        calls = [call(f"{turn}-{n}", random.choice("abc"), random.randrange(3_600)) for n in range(24)]
        parts = [[*calls[w * 8 : w * 8 + 8], calls[0]] for w in range(3)]  # the first message reaches all of them
        for statuses in await asyncio.gather(*(commit(o.database, p) for o, p in zip(others, parts, strict=True))):
            accepted += statuses
    for other in others:
        await other.close()
    assert accepted == {"accepted": 20 * 24, "duplicate": 20 * 3}
    assert await database["events"].count_documents({}) == 20 * 24
    await counts_are_exact(database)


async def test_the_same_batch_again_changes_nothing(database: Database) -> None:
    calls = [call(f"m{n}", "abc"[n % 3], n * 700) for n in range(9)]
    assert await commit(database, calls) == {"accepted": 9}
    before = [await database[name].find().sort("_id").to_list() for name in ("events", "sessions", "contacts")]
    assert await commit(database, calls) == {"duplicate": 9}
    assert before == [await database[name].find().sort("_id").to_list() for name in ("events", "sessions", "contacts")]


async def test_batches_of_any_size_come_to_the_same_end(database: Database) -> None:
    calls = [call(f"m{n}", "ab"[n % 2], n * 400) for n in range(20)]
    await commit(database, calls)
    at_once = [await database[name].find().sort("_id").to_list() for name in ("events", "sessions", "contacts")]
    for name in ("events", "sessions", "contacts"):
        await database[name].delete_many({})
    for one in calls:
        await commit(database, [one])
    assert at_once == [await database[name].find().sort("_id").to_list() for name in ("events", "sessions", "contacts")]
    await counts_are_exact(database)


async def test_a_late_event_joins_the_stored_session_of_its_own_time(database: Database) -> None:
    await commit(database, [call("m1", "a", 0), call("m2", "a", 7_200)])
    await commit(database, [call("late", "a", 60)])
    sessions = await database["sessions"].find().sort("createdDate").to_list()
    assert [session["eventCount"] for session in sessions] == [2, 1]
    await counts_are_exact(database)


async def test_a_cookie_and_a_user_of_the_same_text_are_two_visitors(database: Database) -> None:
    by_user = TimedEvent(WireEvent(type="page", messageId="m2", userId="a"), NOON)
    await commit(database, [call("m1", "a"), by_user])
    await commit(database, [call("m3", "a", 5)])
    kinds = {row["customerIdType"]: row["eventCount"] async for row in database["sessions"].find()}
    assert kinds == {"cookie": 2, "externalId": 1}
    await counts_are_exact(database)


@pytest.mark.parametrize("refusing", ["events", "sessions", "contacts"])
async def test_when_mongodb_refuses_one_document_nothing_of_its_batch_is_there(
    refusing: str, database: Database
) -> None:
    await database.command("collMod", refusing, validator={"_id": "nobody"})
    events = [translate(one, delivery(one)) for one in (call("m1", "a"), call("m2", "b"))]

    async def work(transaction: BatchTransaction) -> None:
        await transaction.write(play(events, await load_crowd(transaction, events, DEFINITIONS), DEFINITIONS))

    with pytest.raises(DocumentRefused, match="Document failed validation"):
        await in_transaction(database, work)
    for name in ("events", "sessions", "contacts"):
        assert await database[name].count_documents({}) == 0


async def test_an_error_of_the_work_itself_leaves_nothing_and_is_not_renamed(database: Database) -> None:
    async def work(transaction: BatchTransaction) -> None:
        assert await transaction.known_events(["e"]) == set()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await in_transaction(database, work)


async def test_work_that_collided_is_done_again(database: Database) -> None:
    turns = 0

    async def work(_: BatchTransaction) -> str:
        nonlocal turns
        turns += 1
        if turns < 3:
            error = OperationFailure("collided", 112, {"errorLabels": ["TransientTransactionError"]})
            raise error
        return "done"

    assert await in_transaction(database, work) == "done"
    assert turns == 3
