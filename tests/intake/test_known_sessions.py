"""What a writer remembers of sessions never shows: it stores the same as one that reads everything anew."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from gateway.intake.definitions import InForce
from gateway.intake.session_ends import end_sessions
from gateway.journey.contact import contact_id_of
from gateway.journey.errors import IdentityError
from gateway.journey.external_segments import Held
from gateway.journey.segment import SegmentAssignment
from gateway.storage.audit_log import AuditAction
from gateway.storage.connection import connect
from gateway.storage.database import Database, Row
from gateway.storage.identity.erasure import erase_contact
from gateway.storage.identity.segment_assigning import Assigning, change_segments_of_session
from gateway.storage.identity.session_links import link_session, unlink_session
from gateway.storage.known_sessions import KnownSessions
from gateway.storage.preparation import prepare
from gateway.storage.sight import EVERYTHING
from snippet.delivery import TimedEvent
from tests.intake.committing import ASKING, NOON, PLAIN, Asking, call, commit

VISITORS = "abcde"

Change = Callable[[Database, KnownSessions | None], Awaitable[object]]
"""Something that happens to a database, through a process that knows these sessions."""


def searched(query: str) -> dict[str, Any]:
    """Return what makes a call one that tells of a search."""
    return {"type": "track", "event": "Search Performed", "properties": {"query": query}}


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
