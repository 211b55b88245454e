"""Links by agents, features D4 to D6, D12 and D15, and promotion, D16."""

from datetime import timedelta

import pytest

from gateway.journey.contact import ContactType
from gateway.journey.errors import MergeConflict, SameCustomer, UnknownContact, UnknownEdge
from gateway.journey.event import Identifier
from gateway.journey.identity import EdgeKind
from gateway.storage.database import Database
from gateway.storage.identity.contact_records import delete_contact
from gateway.storage.identity.enriching import Teller
from gateway.storage.identity.linking import link_contacts, unlink_contacts
from gateway.storage.identity.merging import MergeWanted, merge_contacts
from gateway.storage.identity.promotion import promote_contact
from tests.storage.identity.people import (
    BY_JO,
    NOON,
    audited,
    everything,
    forest_of,
    found_by,
    holder_of,
    move_in,
    parents,
    person,
    stored,
)

LATER = NOON + timedelta(days=1)
PHONE = Identifier("Phone", "+18031230000")


async def test_alexis_and_david_share_a_number_and_only_once_alexis_is_deleted_david_gets_it(
    database: Database,
) -> None:
    curated = ContactType.CURATED
    await move_in(database, person("david", PHONE, day=44, kind=curated), person("alexis", PHONE, kind=curated))
    assert await holder_of(database, ("Phone", "+18031230000")) == "alexis"
    await delete_contact(database, "alexis", Teller("Jo", NOON))
    assert await holder_of(database, ("Phone", "+18031230000")) == "david"


async def test_an_agent_links_a_visitor_to_a_customer_and_that_customer_is_kept(database: Database) -> None:
    await move_in(database, person("visitor"), person("alexis", PHONE, day=9, firstName="Alexis"))
    linked = await link_contacts(database, "visitor", "alexis", BY_JO)
    assert linked.contact["_id"] == "alexis"
    assert parents((await forest_of(database)).in_force()) == {"visitor": "alexis"}
    alexis = await stored(database, "alexis")
    assert (alexis.type, alexis.expires_date, alexis.modified_date) == (ContactType.CURATED, None, NOON)
    assert await found_by(database, "alex") == ["alexis"]
    assert await audited(database) == [("Jo", "LINKED", {"visitor", "alexis"})]


async def test_the_wrong_contact_is_unlinked_and_the_right_one_linked(database: Database) -> None:
    await move_in(database, person("visitor"), person("alexis", PHONE), person("david", PHONE, day=44))
    wrong = await link_contacts(database, "visitor", "alexis", BY_JO)
    rows = await unlink_contacts(database, wrong.edge["_id"], "Kim", LATER)
    assert [row["_id"] for row in rows] == ["visitor", "alexis"]
    await link_contacts(database, "visitor", "david", BY_JO)
    forest = await forest_of(database)
    assert forest.ancestors == {"visitor": ("david",), "alexis": (), "david": ()}
    assert (forest.edges[wrong.edge["_id"]].undone_by, forest.edges[wrong.edge["_id"]].undone_date) == ("Kim", LATER)


async def test_a_customer_goes_below_the_very_contact_that_it_was_linked_to(database: Database) -> None:
    await move_in(database, person("a"), person("b", day=1), person("c", day=2), person("d", day=3))
    await link_contacts(database, "b", "a", BY_JO)
    await link_contacts(database, "d", "c", BY_JO)
    await link_contacts(database, "d", "b", BY_JO)
    assert (await forest_of(database)).ancestors == {"a": (), "b": ("a",), "c": ("b", "a"), "d": ("c", "b", "a")}
    assert await found_by(database, "") == ["a"]


@pytest.mark.parametrize(
    ("ids", "error"),
    [
        pytest.param(("visitor", "unheard"), UnknownContact, id="nobody"),
        pytest.param(("unheard", "visitor"), UnknownContact, id="nobody first"),
        pytest.param(("visitor", "visitor"), SameCustomer, id="itself"),
    ],
)
async def test_what_cannot_be_linked_is_refused(
    ids: tuple[str, str], error: type[Exception], database: Database
) -> None:
    await move_in(database, person("visitor"))
    before = await everything(database)
    with pytest.raises(error):
        await link_contacts(database, *ids, BY_JO)
    assert await everything(database) == before


async def test_what_is_no_link_in_force_cannot_be_undone(database: Database) -> None:
    await move_in(database, person("a"), person("b"))
    linked = await link_contacts(database, "a", "b", BY_JO)
    await unlink_contacts(database, linked.edge["_id"], "Jo", LATER)
    for edge_id in (linked.edge["_id"], "unheard"):
        with pytest.raises(UnknownEdge, match=edge_id):
            await unlink_contacts(database, edge_id, "Jo", LATER)
    await merge_contacts(database, MergeWanted("m", ["a", "b"], {}, BY_JO))
    (part, _) = (edge for edge in (await forest_of(database)).in_force() if edge.kind is EdgeKind.MERGE)
    with pytest.raises(MergeConflict, match="undo that as a whole"):
        await unlink_contacts(database, part.id, "Jo", LATER)


@pytest.mark.parametrize("claims", [pytest.param((), id="ephemeral"), pytest.param((PHONE,), id="identified")])
async def test_add_to_contacts_makes_a_contact_that_came_by_itself_a_curated_one(
    claims: tuple[Identifier, ...], database: Database
) -> None:
    await move_in(database, person("visitor", *claims, firstName="Ada"))
    row = await promote_contact(database, "visitor", "Jo", LATER)
    assert row["type"] == "CURATED"
    promoted = await stored(database, "visitor")
    assert (promoted.type, promoted.expires_date, promoted.modified_date) == (ContactType.CURATED, None, LATER)
    assert await found_by(database, "ada") == ["visitor"]
    again = await promote_contact(database, "visitor", "Kim", LATER + timedelta(days=1))
    assert again["modifiedDate"] == LATER
    assert await audited(database) == [("Jo", "PROMOTED", {"visitor"})]


async def test_an_alias_is_promoted_as_its_customer(database: Database) -> None:
    await move_in(database, person("a", PHONE), person("b"))
    await link_contacts(database, "a", "b", BY_JO)
    await database["contacts"].update_one({"_id": "a"}, {"$set": {"type": "IDENTIFIED"}})
    assert (await promote_contact(database, "b", "Jo", LATER))["_id"] == "a"
    assert [(await stored(database, id_)).type for id_ in "ab"] == [ContactType.CURATED, ContactType.EPHEMERAL]
    with pytest.raises(UnknownContact):
        await promote_contact(database, "unheard", "Jo", LATER)
