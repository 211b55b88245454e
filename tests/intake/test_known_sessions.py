"""What a writer remembers of sessions never shows: it stores the same as one that reads everything anew."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from pymongo import monitoring

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import DefinitionReader, InForce
from gateway.intake.session_ends import end_sessions
from gateway.intake.writer import Writer
from gateway.journey.conditions import NEVER, Conditions, Pattern
from gateway.journey.contact import contact_id_of
from gateway.journey.criterion import Criterion
from gateway.journey.definitions import Definitions, definitions_of
from gateway.journey.errors import IdentityError
from gateway.journey.external_segments import Held
from gateway.journey.outcome import Outcome
from gateway.journey.segment import Segment, SegmentAssignment
from gateway.prediction.base_rate import BaseRate
from gateway.storage.audit_log import AuditAction
from gateway.storage.connection import connect
from gateway.storage.database import Database, Row
from gateway.storage.identity.erasure import erase_contact
from gateway.storage.identity.segment_assigning import Assigning, change_segments_of_session
from gateway.storage.identity.session_links import link_session, unlink_session
from gateway.storage.known_sessions import KnownSessions
from gateway.storage.preparation import prepare
from gateway.storage.sight import EVERYTHING
from gateway.storage.visitor_sessions import STAMP, WITHOUT_VISIT
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey
from tests.storage.explained import Commands, stages_of

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY = WriteKey("key-1", "wk", "Shop")
VISITORS = "abcde"
ORDER = Outcome("o-1", "Order", "order_completed")
SEGMENTS = [
    Segment("news", "From the newsletter", 1, Conditions(((Criterion("mktCampaign.source", ("news",)),),))),
    Segment("left", "Ordered nothing", 1, Conditions(journey=(Pattern(count=NEVER, event_name="order_completed"),))),
]
MODELS = {"o-1": BaseRate("model-1", "o-1", (9, 7, 5, 3), (1, 2, 2, 2))}
ASKING = InForce(definitions_of([ORDER], SEGMENTS, number=1), MODELS)
"""Asks for what is known of the visit."""
PLAIN = InForce(definitions_of([ORDER], number=2), MODELS)

Change = Callable[[Database, KnownSessions | None], Awaitable[object]]
"""Something that happens to a database, through a process that knows these sessions."""


class Asking(KnownSessions):
    """Known sessions that are always asked for first, also where that was of little use before."""

    def is_worth_asking(self, visitors: int) -> bool:
        return visitors > 0


def call(message: str, visitor: str = "a", at: datetime = NOON, url: str = "/", **wire: Any) -> TimedEvent:
    context: dict[str, object] = {"page": {"url": f"https://shop.example{url}"}}
    told: dict[str, Any] = {"type": "page", "messageId": message, "anonymousId": visitor, "context": context}
    return TimedEvent(WireEvent(**(told | wire)), at)


def searched(query: str) -> dict[str, Any]:
    """Return what makes a call one that tells of a search."""
    return {"type": "track", "event": "Search Performed", "properties": {"query": query}}


async def commit(
    database: Database,
    known: KnownSessions | None,
    *calls: TimedEvent,
    in_force: InForce = ASKING,
    received: datetime = NOON,
) -> list[str]:
    delivery = Delivery(KEY, calls, received, "192.0.2.1", None)
    (answer,) = await commit_batch(database, [delivery], in_force, known)
    return [receipt.status for receipt in answer.receipts]


async def stored(database: Database) -> dict[str, list[Row]]:
    """Return everything that intake keeps."""
    return {name: await database[name].find().sort("_id").to_list() for name in ("events", "sessions", "contacts")}


async def link(database: Database, visitor: str, at: datetime) -> None:
    """Link the visitor's newest session to the contact of visitor e; or unlink it, where it is linked."""
    newest = await database["sessions"].find_one({"customerId": visitor}, sort=[("createdDate", -1), ("_id", 1)])
    if newest is None:
        return
    with suppress(IdentityError):
        if "formerContactId" in newest:
            await unlink_session(database, newest["_id"], "Jo", at)
        else:
            await link_session(database, newest["_id"], contact_id_of("cookie", "e"), "Jo", at)


async def assign(database: Database, visitor: str, at: datetime) -> None:
    """Assign a segment to the visitor's newest session; or take them all away, where it has some."""
    newest = await database["sessions"].find_one({"customerId": visitor}, sort=[("createdDate", -1), ("_id", 1)])
    if newest is None:
        return
    told = () if newest.get("segmentAssignments") else (SegmentAssignment("vip", at),)

    def change(held: Held) -> Held:
        return dict.fromkeys(held, told)

    wanted = Assigning(AuditAction.ASSIGNED, ["vip"], change, "CRM", at, EVERYTHING)
    await change_segments_of_session(database, newest["_id"], wanted)


async def erase(database: Database, visitor: str, at: datetime) -> None:
    await erase_contact(database, contact_id_of("cookie", visitor), "Eve", at)


async def end(database: Database, at: datetime) -> None:
    await end_sessions(database, ASKING, at + timedelta(minutes=10))


@pytest.fixture
async def without_memory(mongodb_url: str) -> AsyncIterator[Database]:
    """Another database, of a process that remembers nothing."""
    async with await connect(mongodb_url, f"test_{uuid4().hex}") as connection:
        await prepare(connection)
        yield connection.database
        await connection.client.drop_database(connection.database.name)


def random_calls(random: Random, number: int, now: datetime) -> list[TimedEvent]:
    """Return calls of several kinds, to be sent at once; few of them are late, fewer have been sent before."""
    calls = []
    for part in range(random.randrange(1, 7)):
        late = timedelta(seconds=random.choice([0, 0, 0, 0, 5, 200, 1_500]))
        message = f"{number - 7}-0" if random.random() < 0.05 else f"{number}-{part}"
        kind: dict[str, Any] = random.choice(
            [
                {},
                searched(random.choice(["shoes", "hats"])),
                {"url": "/?utm_source=news"},
                {"type": "screen", "name": "Start"},
                {"type": "track", "event": "Order Completed", "properties": {"total": random.randrange(99)}},
                {"type": "identify", "traits": {"name": random.choice(["Ada", "Bob"])}},
            ]
        )
        calls.append(call(message, random.choice(VISITORS), now - late, **kind))
    return calls


def random_changes(seed: int) -> list[tuple[int, Change]]:
    """Return two hundred things that happen, each with the number of the process that does it, of two."""
    random = Random(seed)  # noqa: S311 - the same story every time
    changes: list[tuple[int, Change]] = []
    now, in_force = NOON, ASKING
    for number in range(200):
        now += timedelta(seconds=random.choice([1, 5, 30, 300]))
        process, visitor, kind = random.randrange(2), random.choice(VISITORS), random.random()
        if kind < 0.7:
            calls = random_calls(random, number, now)
            changes.append((process, _of(calls, in_force, now)))
            continue
        if kind < 0.74:
            in_force = random.choice([ASKING, PLAIN])
            continue
        other = link if kind < 0.84 else assign if kind < 0.94 else erase if kind < 0.96 else None
        changes.append((process, _other(partial(other, visitor=visitor, at=now) if other else partial(end, at=now))))
    return changes


def _of(calls: Sequence[TimedEvent], in_force: InForce, now: datetime) -> Change:
    async def happens(database: Database, known: KnownSessions | None) -> object:
        return await commit(database, known, *calls, in_force=in_force, received=now)

    return happens


def _other(change: Callable[[Database], Awaitable[None]]) -> Change:
    async def happens(database: Database, _: KnownSessions | None) -> None:
        await change(database)

    return happens


@pytest.mark.parametrize(("seed", "kind"), [(1, KnownSessions), (2, Asking), (3, Asking)])
async def test_two_processes_store_whatever_happens_as_one_that_reads_everything(
    seed: int, kind: type[KnownSessions], database: Database, without_memory: Database
) -> None:
    processes = [kind(), kind()]
    for number, (process, change) in enumerate(random_changes(seed)):
        assert await change(database, processes[process]) == await change(without_memory, None), number
        if number % 20 == 0:
            assert await stored(database) == await stored(without_memory), number
    assert await stored(database) == await stored(without_memory)
    assert all(len(process) for process in processes)


OTHER_WRITERS = {
    "linked": [partial(link, visitor="a", at=NOON)],
    "linked and unlinked": [partial(link, visitor="a", at=NOON)] * 2,
    "assigned a segment": [partial(assign, visitor="a", at=NOON)],
    "taken out of all segments": [partial(assign, visitor="a", at=NOON)] * 2,
    "over": [partial(end, at=NOON + timedelta(minutes=30))],
}
"""What changes a session, other than an event."""


@pytest.mark.parametrize("name", OTHER_WRITERS)
async def test_a_session_that_something_else_has_changed_is_read_anew(
    name: str, database: Database, without_memory: Database
) -> None:
    known = Asking()
    for one, memory in ((database, known), (without_memory, None)):
        await commit(one, memory, call("e", "e"), call("1"))
        (before,) = await one["sessions"].find({"customerId": "a"}).to_list()
        for change in OTHER_WRITERS[name]:
            await change(one)
        (changed,) = await one["sessions"].find({"customerId": "a"}).to_list()
        assert changed["revision"] == before["revision"] + len(OTHER_WRITERS[name])
        await commit(one, memory, call("2", at=NOON + timedelta(minutes=1)), call("3", at=NOON + timedelta(minutes=2)))
    assert await stored(database) == await stored(without_memory)
    (session,) = await database["sessions"].find({"customerId": "a"}).to_list()
    events = await database["events"].find({"customerId": "a"}).to_list()
    assert {event["contactId"] for event in events} == {session["contactId"]}


async def test_of_an_erased_session_nothing_comes_back_with_the_one_that_opens_under_its_id(database: Database) -> None:
    known = Asking()
    await commit(database, known, call("1", **searched("secret")), call("2", at=NOON + timedelta(seconds=1)))
    await erase(database, "a", NOON)
    await commit(database, None, call("1"), call("2"), received=NOON + timedelta(seconds=9))  # by another process
    await commit(database, known, call("3", **searched("open")))
    (session,) = await database["sessions"].find().to_list()
    assert (session["eventCount"], session["searchTerms"]) == (3, ["open"])


async def test_a_session_that_is_known_without_its_visit_is_read_once_that_is_asked_for(database: Database) -> None:
    known = Asking()
    await commit(database, None, call("1", url="/?utm_source=news"), in_force=PLAIN)
    await commit(database, known, call("2"), in_force=PLAIN)
    await commit(database, known, call("3"), in_force=ASKING)
    (session,) = await database["sessions"].find().to_list()
    assert [one["segmentId"] for one in session["segmentAssignments"]] == ["news"]


async def test_writers_at_the_same_visitors_at_once_give_exact_counts(database: Database, mongodb_url: str) -> None:
    random = Random(5)  # noqa: S311 - no secret
    sent = [f"m{n}" for n in range(240)]
    async with AsyncExitStack() as stack:
        writers = []
        for _ in range(2):
            connection = await stack.enter_async_context(await connect(mongodb_url, database.name))
            writer = Writer(connection.database, DefinitionReader(connection.database, Definitions()))
            writers.append(await stack.enter_async_context(writer.running()))
        for start in range(0, len(sent), 12):
            deliveries = [
                Delivery(KEY, (call(message, random.choice("abc")),), NOON, None, None)
                for message in sent[start : start + 12]
            ]
            await asyncio.gather(*(random.choice(writers).accept(one) for one in deliveries))
    events = await database["events"].find().to_list()
    by_session = Counter(event["sessionId"] for event in events)
    assert by_session.total() == len(sent)
    sessions = await database["sessions"].find().to_list()
    assert {one["_id"]: (one["eventCount"], one["pageviewCount"]) for one in sessions} == {
        id_: (count, count) for id_, count in by_session.items()
    }
    sequences = {(event["sessionId"], event["sequence"]) for event in events}
    assert sequences == {(id_, n) for id_, number in by_session.items() for n in range(1, number + 1)}


async def test_a_process_asks_of_the_sessions_that_it_knows_no_more_than_whether_they_have_changed(
    database: Database, mongodb_url: str
) -> None:
    commands, known = Commands(), KnownSessions()

    async def asked() -> list[tuple[Row, str]]:
        finds = [one for one in commands.take() if one.get("find") == "sessions"]
        for one in finds:
            read = {name: one[name] for name in ("find", "filter", "projection", "hint")}
            plan = await database.command("explain", read, verbosity="queryPlanner")
            winning = list(stages_of(plan["queryPlanner"]["winningPlan"]))
            assert "COLLSCAN" not in {stage["stage"] for stage in winning}
            assert one["hint"] in {stage.get("indexName") for stage in winning}
        return [(one["projection"], one["hint"]) for one in finds]

    def of_everybody(turn: int) -> list[TimedEvent]:
        return [call(f"{turn}-{n}", f"v{n}") for n in range(40)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(monitoring, "_LISTENERS", monitoring._Listeners([commands], [], [], [], []))
        async with await connect(mongodb_url, database.name) as connection:
            await commit(connection.database, known, *of_everybody(1), in_force=PLAIN)
            assert await asked() == [(WITHOUT_VISIT, "visitor")]
            await commit(connection.database, known, *of_everybody(2), in_force=PLAIN)
            assert await asked() == [(WITHOUT_VISIT, "visitor")]  # it knows nothing yet of how good its memory is
            await commit(connection.database, known, *of_everybody(3), in_force=PLAIN)
            assert await asked() == [(STAMP, "visitor")]
            await commit(connection.database, None, call("other", "v7"), in_force=PLAIN)
            commands.take()
            await commit(connection.database, known, *of_everybody(4), in_force=PLAIN)
            assert await asked() == [(STAMP, "visitor"), (WITHOUT_VISIT, "_id_")]
    counts = {one["customerId"]: one["eventCount"] async for one in database["sessions"].find()}
    assert counts == {f"v{n}": 4 + (n == 7) for n in range(40)}
