"""Expiry: whoever nobody keeps by hand goes some time after the last visit, as a whole or not at all."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Mapping
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

import pytest

from gateway.storage.connection import connect
from gateway.storage.database import Database, Row
from gateway.storage.identity.expiry import _expired, expire, would_expire
from gateway.storage.identity.removal import Counts, _belonging
from gateway.storage.identity.traces import sent_by
from gateway.storage.records import add_record
from gateway.storage.turns import take_turn
from tests.storage.explained import stages_of
from tests.storage.identity.visits import (
    LATER,
    NOON,
    call,
    contact_of,
    happens,
    held,
    merged,
    nothing_is_half,
)

Result = TypeVar("Result")
DAY = timedelta(days=1)


async def test_a_visitor_expires_sixty_days_after_the_last_interaction(database: Database) -> None:
    await happens(database, call("m1", "ada"), call("m2", "ada", NOON + 3 * DAY))
    assert await expire(database, NOON + timedelta(days=62, hours=23)) == {}
    assert await expire(database, NOON + 63 * DAY) == {"contacts": 1, "sessions": 2, "events": 2}
    assert await held(database) == {}


async def test_everything_of_a_visitor_goes_and_everything_of_others_stays(database: Database) -> None:
    for visitor, at in (("ada", NOON), ("bob", LATER)):
        told = {"email": f"{visitor}@shop.example", "name": visitor}
        await happens(
            database, call(f"{visitor}1", visitor, at), call(f"{visitor}2", visitor, at, type="identify", traits=told)
        )
        note = {"_id": f"n-{visitor}", "contactId": contact_of(visitor), "noteText": "Likes tea.", "createdBy": "Eve"}
        await add_record(database, "notes", note | {"createdDate": at, "modifiedDate": at})
        rejected = {"_id": f"r-{visitor}", "wire": {"anonymousId": visitor}, "rejectedDate": at}
        await database["rejectedEvents"].insert_one(rejected)
    before = await held(database)
    removed = await expire(database, LATER)
    assert removed == {
        "contacts": 1, "sessions": 1, "events": 2, "notes": 1, "rejectedEvents": 1, "identifiers": 1,
    }  # fmt: skip
    assert await held(database) == {name: count - removed[name] for name, count in before.items()}
    assert await database["contacts"].distinct("_id") == [contact_of("bob")]
    assert await database["notes"].distinct("_id") == ["n-bob"]
    await nothing_is_half(database)


Changes = Mapping[str, Any]
KEPT = [
    pytest.param({"type": "CURATED"}, {}, id="a curated root"),
    pytest.param({}, {"type": "CURATED"}, id="a curated member"),
    pytest.param({"expiresDate": None}, {}, id="a root without expiry"),
    pytest.param({}, {"expiresDate": None}, id="a member without expiry"),
    pytest.param({}, {"expiresDate": LATER + DAY}, id="a member who was here"),
    pytest.param({"expiresDate": LATER + DAY}, {}, id="a root who was here"),
]


@pytest.mark.parametrize(("of_root", "of_member"), KEPT)
async def test_a_merge_set_stays_for_one_of_its_contacts(
    of_root: Changes, of_member: Changes, database: Database
) -> None:
    await happens(database, call("m1", "root"), call("m2", "member"))
    await merged(database, [contact_of("member")], contact_of("root"))
    for visitor, changes in (("root", of_root), ("member", of_member)):
        if changes:
            await database["contacts"].update_one({"_id": contact_of(visitor)}, {"$set": dict(changes)})
    before = await held(database)
    assert await expire(database, LATER) == {}
    assert await held(database) == before


async def test_the_head_of_a_merge_keeps_its_set_until_the_merge_is_undone(database: Database) -> None:
    await happens(database, call("m1", "head"), call("m2", "member"))
    await merged(database, [contact_of("member")], contact_of("head"), keeps=True)
    assert await expire(database, LATER) == {}
    await database["identityEdges"].update_many({}, {"$set": {"undoneDate": NOON, "undoneBy": "Ada"}})
    assert (await expire(database, LATER))["contacts"] == 2


async def test_a_merge_set_that_has_expired_goes_as_a_whole_with_its_edges(database: Database) -> None:
    await happens(database, *(call(f"m{n}", f"v{n}") for n in range(5)))
    await merged(database, [contact_of(f"v{n}") for n in range(1, 5)], contact_of("v0"))
    link = {"_id": "l1", "sessionId": "moved", "contactId": contact_of("v3"), "formerContactId": "elsewhere"}
    await database["sessionLinks"].insert_one(link)
    assert await expire(database, LATER) == {
        "contacts": 5, "sessions": 5, "events": 5, "identityEdges": 4, "sessionLinks": 1,
    }  # fmt: skip
    assert await held(database) == {}


async def test_an_identifier_falls_to_the_next_oldest_who_holds_it(database: Database) -> None:
    shared = {"type": "Phone", "value": "+41443334455", "isNormalised": True, "isVerified": False, "source": "visitor"}
    for number, visitor in enumerate(("first", "third", "second")):
        await happens(database, call(f"m{number}", visitor, NOON if visitor == "first" else LATER))
        row = {"identifiers": [{**shared, "createdDate": NOON, "lastSeenDate": NOON}]}
        await database["contacts"].update_one({"_id": contact_of(visitor)}, {"$set": row})
    await database["contacts"].update_one({"_id": contact_of("second")}, {"$set": {"createdDate": NOON + DAY}})
    held_by = {"contactId": contact_of("first"), "contactCreatedDate": NOON}
    await database["identifiers"].insert_one({"_id": "i", "type": "Phone", "value": shared["value"], **held_by})
    assert (await expire(database, LATER))["contacts"] == 1
    holders = [row["contactId"] async for row in database["identifiers"].find()]
    assert holders == [contact_of("second")]


async def test_a_rehearsal_tells_what_would_go_and_changes_nothing(database: Database) -> None:
    await happens(database, *(call(f"m{n}", f"v{n % 150}", NOON + timedelta(hours=n)) for n in range(300)))
    now = NOON + timedelta(days=60, hours=200)
    before = await held(database)
    told = sum([counts async for counts in would_expire(database, now)], Counts())
    assert await held(database) == before
    removed = await expire(database, now)
    assert told == removed
    assert 0 < removed["contacts"] < 150
    await nothing_is_half(database)


async def test_no_more_merge_sets_go_than_asked_for(database: Database) -> None:
    await happens(database, *(call(f"m{n}", f"v{n}") for n in range(250)))
    assert (await expire(database, LATER, limit=120))["contacts"] == 120
    assert (await expire(database, LATER))["contacts"] == 130


async def test_a_visitor_who_comes_back_at_that_very_moment_is_never_half_deleted(
    mongodb_url: str, database: Database
) -> None:
    random = Random(1)  # noqa: S311 - no secret
    ends = Counter[str]()
    async with await connect(mongodb_url, database.name) as other:
        for turn in range(60):
            await database["contacts"].delete_many({})
            await database["sessions"].delete_many({})
            await database["events"].delete_many({})
            visitors = [f"{turn}-{n}" for n in range(3)]
            await happens(database, *(call(f"{visitor}-{n}", visitor) for visitor in visitors for n in range(3)))
            back_at = random.choice((LATER, NOON + timedelta(minutes=1)))  # a new visit, or a late event of the old one
            back = [call(f"{visitor}-back", visitor, back_at) for visitor in visitors[: random.randint(1, 3)]]
            head_start = random.uniform(-0.01, 0.02)  # seconds, of the sweep
            visit = _later(head_start, happens(other.database, *back))
            statuses, _ = await asyncio.gather(visit, _later(-head_start, expire(database, LATER)))
            assert statuses == ["accepted"] * len(back)
            await nothing_is_half(database)
            if back_at == LATER:
                assert await database["events"].count_documents({"createdDate": LATER}) == len(back)
                ends["anew"] += await database["contacts"].count_documents({"sessionCount": 1})
                ends["kept"] += await database["contacts"].count_documents({"sessionCount": 2})
            assert await database["removals"].count_documents({}) == 0
    assert set(+ends) == {"anew", "kept"}  # else one of the two was always too late to meet the other


async def _later(delay: float, work: Awaitable[Result]) -> Result:
    await asyncio.sleep(max(delay, 0))
    return await work


async def test_two_sweeps_at_once_remove_everything_once(mongodb_url: str, database: Database) -> None:
    await happens(database, *(call(f"m{n}", f"v{n % 200}") for n in range(450)))
    async with await connect(mongodb_url, database.name) as other:
        one, two = await asyncio.gather(expire(database, LATER), expire(other.database, LATER))
    assert await held(database) == {}
    assert one["contacts"] + two["contacts"] == 200


IDS = ["a", "b"]
LOOKED_FOR = [
    *(pytest.param(name, filter_, {}, id=name) for name, filter_ in _belonging(IDS, IDS).items()),
    pytest.param("contacts", _expired(LATER), {"expiresDate": 1, "_id": 1}, id="expired roots"),
    pytest.param("contacts", {"ancestors": {"$in": IDS}}, {}, id="merged contacts"),
    pytest.param("events", {"sessionId": {"$in": IDS}, "sequence": {"$gt": 1}}, {}, id="events"),
    pytest.param("rejectedEvents", sent_by([("Cookie", "a"), ("ExternalId", "b")]), {}, id="rejected events"),
    pytest.param("auditLog", {"contactIds": {"$in": IDS}, "details": {"$ne": {}}}, {}, id="audit log"),
]


@pytest.mark.parametrize(("collection", "filter_", "sort"), LOOKED_FOR)
async def test_whatever_goes_is_found_by_an_index(
    collection: str, filter_: Row, sort: dict[str, int], database: Database
) -> None:
    await happens(database, *(call(f"m{n}", f"v{n}") for n in range(50)))
    find = {"find": collection, "filter": filter_, "sort": sort}
    plan = await database.command("explain", find, verbosity="queryPlanner")
    stages = {stage["stage"] for stage in stages_of(plan["queryPlanner"]["winningPlan"])}
    assert stages & {"IXSCAN", "IDHACK"}
    assert not stages & {"COLLSCAN", "SORT"}


async def test_a_task_is_the_turn_of_one_process_an_hour(mongodb_url: str, database: Database) -> None:
    hour = timedelta(hours=1)
    assert not await take_turn(database, "expiry", hour, NOON)
    assert not await take_turn(database, "expiry", hour, NOON + hour / 2)
    async with await connect(mongodb_url, database.name) as other:
        asked = (take_turn(one, "expiry", hour, NOON + hour) for one in (database, other.database) for _ in range(3))
        assert sorted(await asyncio.gather(*asked)) == [False] * 5 + [True]
    assert not await take_turn(database, "expiry", hour, NOON + 1.5 * hour)
    assert await take_turn(database, "expiry", hour, NOON + 2 * hour)
