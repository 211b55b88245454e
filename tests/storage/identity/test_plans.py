"""Whatever joining and parting read or write, they find it by an index."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC

import pytest
from pymongo import AsyncMongoClient

from gateway.journey.contact import ContactType
from gateway.journey.event import Identifier
from gateway.storage.connection import Connection
from gateway.storage.database import Database, Row
from gateway.storage.identity.claims import claim_identifier, release_identifier
from gateway.storage.identity.linking import link_contacts, unlink_contacts
from gateway.storage.identity.merging import MergeWanted, merge_contacts, unmerge_contacts
from gateway.storage.identity.promotion import promote_contact
from gateway.storage.identity.session_links import link_session, unlink_session
from tests.storage.explained import Commands, faults_of, reads, stages_of
from tests.storage.identity.people import BY_JO, NOON, move_in, person, visit

MAIL = Identifier("Email", "a@b.example", verified=True, source="Jo")


@pytest.fixture
async def commands() -> Commands:
    return Commands()


@pytest.fixture
async def listened(database: Database, mongodb_url: str, commands: Commands) -> AsyncIterator[Database]:
    """The database by a client whose commands are written down."""
    client = AsyncMongoClient[Row](mongodb_url, tz_aware=True, tzinfo=UTC, event_listeners=[commands])
    async with Connection(client, database.name) as connection:
        yield connection.database


def writes(commands: list[Row]) -> Iterator[Row]:
    """Yield the updates and deletions, one by one."""
    for command in commands:
        for kind, each in (("update", "updates"), ("delete", "deletes")):
            yield from ({kind: command[kind], each: [one]} for one in command.get(each, ()) if kind in command)


async def test_every_operation_finds_contacts_edges_and_sessions_by_an_index(
    database: Database, listened: Database, commands: Commands
) -> None:
    kinds = {0: ContactType.CURATED}
    await move_in(database, *(person(f"p{number}", day=number, kind=kinds.get(number)) for number in range(300)))
    for number in range(50):
        await visit(database, f"p{number}", f"s{number}")
    linked = await link_contacts(listened, "p1", "p0", BY_JO)
    await merge_contacts(listened, MergeWanted("m", ["p1", "p2", "p3"], {}, BY_JO))
    await unmerge_contacts(listened, "m", "Jo", NOON)
    await unlink_contacts(listened, linked.edge["_id"], "Jo", NOON)
    await promote_contact(listened, "p5", "Jo", NOON)
    await claim_identifier(listened, "p6", MAIL, NOON)
    await release_identifier(listened, "p6", MAIL, NOON)
    await link_session(listened, "s7", "p8", "Jo", NOON)
    await unlink_session(listened, "s7", "Jo", NOON)
    seen = commands.take()
    faults = []
    for read in reads(seen):
        plan = await database.command("explain", read, verbosity="executionStats")
        faults += [f"{fault}: {read}" for fault in faults_of(plan, 0)]
    written = list(writes(seen))
    for write in written:
        plan = await database.command("explain", write, verbosity="queryPlanner")
        faults += [f"scans: {write}" for stage in stages_of(plan) if stage["stage"] == "COLLSCAN"]
    assert len(written) > 30
    assert faults == []
