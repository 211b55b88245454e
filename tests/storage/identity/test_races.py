"""Two servers that join and part the same contacts at once leave the same as one that does it in some order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from random import Random

import pytest

from gateway.journey.errors import IdentityError
from gateway.journey.identity import Cause, Rule
from gateway.storage.connection import connect
from gateway.storage.database import Database
from gateway.storage.identity.linking import link_contacts, unlink_contacts
from gateway.storage.identity.merging import MergeWanted, merge_contacts, unmerge_contacts
from gateway.storage.identity.session_links import link_session, unlink_session
from tests.storage.identity.people import NOON, forest_of, move_in, parents, person, visit

ROUNDS = 50
NAMES = ["a", "b", "c", "d"]


@pytest.fixture
async def servers(database: Database, mongodb_url: str) -> AsyncIterator[list[Database]]:
    """The same database as two servers see it, each by a client of its own."""
    async with AsyncExitStack() as stack:
        yield [(await stack.enter_async_context(await connect(mongodb_url, database.name))).database for _ in range(2)]


async def quietly(work: Awaitable[object]) -> bool:
    """Do it, and tell whether it was done: what the other has done first may leave nothing to do."""
    try:
        return await work is not None
    except IdentityError:
        return False


async def all_is_consistent(database: Database) -> None:
    """See that the ancestors are those that the edges in force make, and that nobody stands below two."""
    forest = await forest_of(database)
    above = parents(forest.in_force())
    assert len(above) == len(forest.in_force())
    for contact_id, ancestors in forest.ancestors.items():
        path, place = [], contact_id
        while place in above:
            place = above[place]
            path.append(place)
            assert len(path) <= len(above), "a circle"
        assert ancestors == tuple(path), contact_id
    assert set(above.values()) <= forest.ancestors.keys()


async def test_contacts_that_are_joined_and_parted_at_once_are_never_left_inconsistent(
    database: Database, servers: list[Database]
) -> None:
    random = Random(4)  # noqa: S311 - the same races every time
    done = 0
    for number in range(ROUNDS):
        names = [f"{name}{number}" for name in NAMES]
        await move_in(database, *(person(name, day=day) for day, name in enumerate(names)))
        joined = await link_contacts(database, names[0], names[1], Cause(Rule.AGENT, "jo", NOON))
        at_once = []
        for server in servers:
            one, other, third = random.sample(names, 3)
            wanted = MergeWanted(f"{number}{server is servers[0]}", [one, third], {}, Cause(Rule.AGENT, "jo", NOON))
            choices = [
                link_contacts(server, one, other, Cause(Rule.AGENT, f"jo{random.random()}", NOON)),
                merge_contacts(server, wanted),
                unlink_contacts(server, joined.edge["_id"], "jo", NOON),
            ]
            random.shuffle(choices)
            at_once += choices
        done += sum(await asyncio.gather(*map(quietly, at_once)))
        await all_is_consistent(database)
    assert done > 2 * ROUNDS
    assert await database["auditLog"].count_documents({}) == done + ROUNDS


async def test_a_merge_is_undone_once_and_its_contacts_linked_at_the_same_moment(
    database: Database, servers: list[Database]
) -> None:
    cause = Cause(Rule.AGENT, "jo", NOON)
    for number in range(ROUNDS // 5):
        a, b, c = names = [f"{name}{number}" for name in "abc"]
        await move_in(database, *map(person, names))
        await merge_contacts(database, MergeWanted(f"m{number}", [a, b], {}, cause))
        undoing = [quietly(unmerge_contacts(server, f"m{number}", "jo", NOON)) for server in servers]
        linking = [quietly(link_contacts(server, c, a, cause)) for server in servers]
        undone = await asyncio.gather(*undoing, *linking)
        assert sum(undone[:2]) == sum(undone[2:]) == 1
        await all_is_consistent(database)


async def test_a_session_that_is_moved_by_several_at_once_is_somewhere_with_all_its_events(
    database: Database, servers: list[Database]
) -> None:
    await move_in(database, *map(person, NAMES))
    await visit(database, "a", "s", events=5)
    for number in range(ROUNDS // 5):
        moves = [link_session(server, "s", NAMES[1 + number % 3], "jo", NOON) for server in servers]
        await asyncio.gather(*map(quietly, moves), quietly(unlink_session(servers[0], "s", "jo", NOON)))
        row = await database["sessions"].find_one({"_id": "s"})
        assert row is not None
        assert await database["events"].distinct("contactId") == [row["contactId"]]
        counts = {one["_id"]: one["sessionCount"] async for one in database["contacts"].find()}
        # each had one session of its own to begin with, and `a` has lost its only one while it is elsewhere
        assert counts == dict.fromkeys(NAMES, 1) | ({row["contactId"]: 2, "a": 0} if row["contactId"] != "a" else {})
        links = await database["sessionLinks"].count_documents({"undoneDate": None})
        assert links == (row["contactId"] != "a")
