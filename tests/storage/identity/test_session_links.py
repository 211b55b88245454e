"""Sessions that agents link to another contact: features D6, D27."""

from datetime import timedelta

import pytest

from gateway.journey.contact import ContactType
from gateway.journey.errors import SameCustomer, UnknownContact
from gateway.journey.identity_path import SessionLink
from gateway.storage.database import Database
from gateway.storage.documents.session_link import SessionLinkDocument, session_link_from, session_link_row
from gateway.storage.identity.linking import link_contacts
from gateway.storage.identity.session_links import link_session, unlink_session
from tests.storage.identity.people import (
    BY_JO,
    NOON,
    audited,
    everything,
    happen,
    move_in,
    person,
    stored,
    visit,
)

LATER = NOON + timedelta(days=1)


async def people(database: Database) -> None:
    """Have a visitor with two sessions, and two customers."""
    await move_in(
        database,
        person("visitor"),
        person("alexis", day=1, kind=ContactType.CURATED),
        person("david", day=2, kind=ContactType.CURATED),
    )
    await visit(database, "visitor", "s")
    await visit(database, "visitor", "other")
    await database["contacts"].update_one({"_id": "visitor"}, {"$set": {"sessionCount": 2}})


async def whose(database: Database, session_id: str) -> set[str]:
    """Return the contacts that a session and its events belong to."""
    sessions = await database["sessions"].distinct("contactId", {"_id": session_id})
    return {*sessions, *await database["events"].distinct("contactId", {"sessionId": session_id})}


async def test_an_agent_links_an_interaction_to_the_best_match(database: Database) -> None:
    await people(database)
    row = await link_session(database, "s", "alexis", "Jo", NOON)
    assert row is not None
    assert row == await database["sessions"].find_one({"_id": "s"})
    assert (row["contactId"], row["formerContactId"]) == ("alexis", "visitor")
    assert (await whose(database, "s"), await whose(database, "other")) == ({"alexis"}, {"visitor"})
    assert [(await stored(database, id_)).session_count for id_ in ("visitor", "alexis")] == [1, 2]
    links = [session_link_from(link) async for link in database["sessionLinks"].find()]
    assert links == [SessionLink("s.1", "s", "alexis", "visitor", "Jo", NOON)]
    assert await audited(database) == [("Jo", "LINKED", {"visitor", "alexis"})]


async def test_the_wrong_contact_is_unlinked_with_what_came_in_between(database: Database) -> None:
    await people(database)
    before = await everything(database)
    await link_session(database, "s", "alexis", "Jo", NOON)
    await happen(database, "alexis", "s", [2, 3])
    row = await unlink_session(database, "s", "Kim", LATER)
    assert row == await database["sessions"].find_one({"_id": "s"})
    assert await whose(database, "s") == {"visitor"}
    assert await database["events"].count_documents({"contactId": "visitor", "sessionId": "s"}) == 4
    await database["events"].delete_many({"_id": {"$in": ["s2", "s3"]}})
    assert await everything(database) == before
    (link,) = await database["sessionLinks"].find().to_list()
    assert (link["undoneBy"], link["undoneDate"]) == ("Kim", LATER)
    assert ("Kim", "UNLINKED", {"alexis", "visitor"}) in await audited(database)


async def test_a_session_that_is_moved_on_goes_back_to_the_visitors_own_contact(database: Database) -> None:
    await people(database)
    before = await everything(database)
    await link_session(database, "s", "alexis", "Jo", NOON)
    await link_session(database, "s", "david", "Kim", LATER)
    links = await database["sessionLinks"].find().sort("_id", 1).to_list()
    assert [(link["_id"], link["contactId"], link["formerContactId"]) for link in links] == [
        ("s.1", "alexis", "visitor"),
        ("s.2", "david", "visitor"),
    ]
    assert [link.get("undoneBy") for link in links] == ["Kim", None]
    await unlink_session(database, "s", "Jo", LATER)
    assert await everything(database) == before


async def test_a_session_can_be_linked_back_to_where_it_came_from(database: Database) -> None:
    await people(database)
    await link_session(database, "s", "alexis", "Jo", NOON)
    row = await link_session(database, "s", "visitor", "Kim", LATER)
    assert row is not None
    assert "formerContactId" not in row
    assert await whose(database, "s") == {"visitor"}
    assert await database["sessionLinks"].count_documents({"undoneDate": None}) == 0
    assert await unlink_session(database, "s", "Kim", LATER) is None


async def test_whoever_an_agent_links_a_session_to_is_kept(database: Database) -> None:
    await people(database)
    await move_in(database, person("known", day=3))
    await link_session(database, "s", "known", "Jo", NOON)
    assert (await stored(database, "known")).type is ContactType.CURATED


async def test_what_cannot_be_linked_is_refused(database: Database) -> None:
    await people(database)
    await link_contacts(database, "visitor", "david", BY_JO)
    before = await everything(database)
    for contact_id in ("visitor", "david"):
        with pytest.raises(SameCustomer):
            await link_session(database, "s", contact_id, "Jo", NOON)
    with pytest.raises(UnknownContact):
        await link_session(database, "s", "unheard", "Jo", NOON)
    assert await link_session(database, "unheard", "alexis", "Jo", NOON) is None
    assert await unlink_session(database, "s", "Jo", NOON) is None
    assert await everything(database) == before


async def test_a_session_whose_visitor_is_gone_stays_where_it_is(database: Database) -> None:
    await people(database)
    await link_session(database, "s", "alexis", "Jo", NOON)
    await database["contacts"].delete_one({"_id": "visitor"})
    with pytest.raises(UnknownContact):
        await unlink_session(database, "s", "Jo", LATER)
    assert await whose(database, "s") == {"alexis"}


@pytest.mark.usefixtures("database")
async def test_a_link_is_stored_as_declared() -> None:
    link = SessionLink("s.1", "s", "alexis", "visitor", "Jo", NOON, "Kim", LATER)
    assert SessionLinkDocument.model_validate(session_link_row(link)).undone_date == LATER
    assert session_link_from(session_link_row(link)) == link
