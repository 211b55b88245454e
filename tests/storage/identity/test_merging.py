"""Merging and undoing it, in the words of the documented product: features D14, D18, D19, D20 and G7."""

from datetime import timedelta

import pytest

from gateway.journey.contact import ContactType
from gateway.journey.errors import (
    IdentityError,
    InvalidValue,
    MergeConflict,
    SameCustomer,
    UnknownContact,
    UnknownMerge,
)
from gateway.journey.event import Identifier
from gateway.storage.database import Database
from gateway.storage.identity.claims import claim_identifier, release_identifier
from gateway.storage.identity.linking import link_contacts
from gateway.storage.identity.merging import MergeWanted, merge_contacts, unmerge_contacts
from tests.storage.identity.people import (
    BY_JO,
    NOON,
    audited,
    everything,
    forest_of,
    found_by,
    move_in,
    person,
    stored,
    visit,
)

LATER = NOON + timedelta(days=9)
MAIL = Identifier("Email", "ada@shop.example")
PHONE = Identifier("Phone", "+18031230000")


def wanted(merge_id: str, *ids: str, **override: object) -> MergeWanted:
    return MergeWanted(merge_id, ids, override, BY_JO)


async def merged(database: Database, merge_id: str, *ids: str, **override: object) -> str:
    row = await merge_contacts(database, wanted(merge_id, *ids, **override))
    return str(row["_id"])


async def test_a_merge_makes_a_new_canonical_contact_and_the_earlier_ones_its_aliases(database: Database) -> None:
    await move_in(database, person("desktop", MAIL), person("tablet", PHONE, day=1), person("phone", day=2))
    await link_contacts(database, "phone", "tablet", BY_JO)
    head = await merged(database, "m", "desktop", "phone")
    forest = await forest_of(database)
    assert head not in {"desktop", "tablet", "phone"}
    assert forest.ancestors == {
        head: (),
        "desktop": (head,),
        "tablet": (head,),
        "phone": ("tablet", head),
    }
    assert forest.is_head(head)
    contact = await stored(database, head)
    assert (contact.type, contact.expires_date, contact.created_date) == (ContactType.CURATED, None, NOON)


async def test_null_fields_are_taken_from_the_most_recently_modified_and_value_override_wins(
    database: Database,
) -> None:
    await move_in(
        database,
        person("a", modified=1, firstName="Ada", lastName="Byron", title="Miss"),
        person("b", modified=2, lastName="King", middleName="Augusta"),
        person("c", kind=ContactType.CURATED, salutation="Lady", lastName="Lovelace"),
    )
    head = await merged(database, "m", "a", "b", "c", title="Countess")
    assert (await stored(database, head)).fields == {
        "firstName": "Ada",
        "middleName": "Augusta",
        "lastName": "King",
        "salutation": "Lady",
        "title": "Countess",
    }
    assert (await stored(database, "a")).fields["title"] == "Miss"


async def test_a_merge_set_is_found_by_everything_in_it_and_once(database: Database) -> None:
    await move_in(database, person("a", MAIL, firstName="Ada"), person("b", PHONE, lastName="King"))
    head = await merged(database, "m", "a", "b")
    for key in ("ada", "king", "=ada@shop.example", "=18031230000"):
        assert await found_by(database, key) == [head]
    await unmerge_contacts(database, "m", "Jo", LATER)
    assert [await found_by(database, key) for key in ("ada", "king", "")] == [["a"], ["b"], ["a", "b"]]


async def test_unmerging_restores_both_exactly_and_is_kept_as_evidence(database: Database) -> None:
    await move_in(database, person("a", MAIL, firstName="Ada"), person("b", PHONE, day=1, lastName="King"))
    await visit(database, "a", "s")
    before = await everything(database)
    head = await merged(database, "m", "a", "b", title="Countess")
    rows = await unmerge_contacts(database, "m", "Kim", LATER)
    assert await everything(database) == before
    assert {row["_id"] for row in rows} == {"a", "b"}
    edges = [edge for edge in (await forest_of(database)).edges.values() if edge.merge_id == "m"]
    assert [(edge.made_by, edge.undone_by, edge.undone_date) for edge in edges] == [("Jo", "Kim", LATER)] * 2
    log = await audited(database)
    assert ("Jo", "MERGED", {head, "a", "b"}) in log
    assert ("Kim", "UNMERGED", {"a", "b"}) in log


async def test_what_was_linked_to_a_side_since_stays_with_that_side(database: Database) -> None:
    await move_in(database, person("a", MAIL), person("b", PHONE), person("new", day=3))
    await merged(database, "m", "a", "b")
    await link_contacts(database, "new", "b", BY_JO)
    await unmerge_contacts(database, "m", "Jo", LATER)
    assert (await forest_of(database)).ancestors == {"a": (), "b": (), "new": ("b",)}


async def test_a_merge_set_of_more_than_52_can_be_made(database: Database) -> None:
    await move_in(database, *(person(f"p{number:02}") for number in range(60)))
    heads = [await merged(database, f"m{n}", *(f"p{i:02}" for i in range(20 * n, 20 * n + 20))) for n in range(3)]
    top = await merged(database, "top", *heads)
    assert len((await forest_of(database)).members_of(top)) == 64


async def test_merges_of_merges_are_undone_from_the_top(database: Database) -> None:
    await move_in(database, person("a"), person("b"), person("c"))
    before = (await forest_of(database)).ancestors
    head = await merged(database, "m", "a", "b")
    await merged(database, "top", "b", "c")
    with pytest.raises(MergeConflict, match="it went into the merge 'top' since"):
        await unmerge_contacts(database, "m", "Jo", LATER)
    assert {row["_id"] for row in await unmerge_contacts(database, "top", "Jo", LATER)} == {head, "c"}
    await unmerge_contacts(database, "m", "Jo", LATER)
    assert (await forest_of(database)).ancestors == before


@pytest.mark.parametrize("collection", ["notes", "sessions"])
async def test_a_head_that_was_given_something_of_its_own_stays_with_it(collection: str, database: Database) -> None:
    await move_in(database, person("a"), person("b"))
    head = await merged(database, "m", "a", "b")
    row = {"_id": "x", "contactId": head, "lastEvent": {"createdDate": NOON}, "createdDate": NOON}
    await database[collection].insert_one(row)
    rows = await unmerge_contacts(database, "m", "Jo", LATER)
    assert {row["_id"] for row in rows} == {"a", "b", head}
    assert (await forest_of(database)).ancestors == {"a": (), "b": (), head: ()}


@pytest.mark.parametrize(
    ("ids", "error"),
    [
        pytest.param(["a", "unheard"], UnknownContact, id="one that is not there"),
        pytest.param(["a", "linked"], SameCustomer, id="one customer already"),
        pytest.param(["a"], InvalidValue, id="one contact"),
        pytest.param(["a", "a"], InvalidValue, id="one contact twice"),
        pytest.param([f"p{number}" for number in range(26)], InvalidValue, id="more than 25"),
    ],
)
async def test_what_cannot_be_merged_is_refused_and_nothing_changed(
    ids: list[str], error: type[Exception], database: Database
) -> None:
    await move_in(database, person("a"), person("linked", day=1))
    await link_contacts(database, "a", "linked", BY_JO)
    before = await everything(database), await audited(database)
    with pytest.raises(error):
        await merge_contacts(database, wanted("m", *ids))
    assert (await everything(database), await audited(database)) == before
    assert await database["identityEdges"].count_documents({}) == 1


async def test_what_is_not_merged_cannot_be_unmerged(database: Database) -> None:
    await move_in(database, person("a"), person("b"))
    await merged(database, "m", "a", "b")
    await unmerge_contacts(database, "m", "Jo", LATER)
    for merge_id in ("m", "unheard"):
        with pytest.raises(UnknownMerge, match=merge_id) as refused:
            await unmerge_contacts(database, merge_id, "Jo", LATER)
        assert isinstance(refused.value, IdentityError)


async def test_a_head_that_was_given_an_identifier_stays_until_it_is_released(database: Database) -> None:
    await move_in(database, person("a"), person("b"))
    for merge_id, stays in (("m", True), ("again", False)):
        head = await merged(database, merge_id, "a", "b")
        await claim_identifier(database, head, MAIL, LATER)
        if not stays:
            await release_identifier(database, head, MAIL, LATER)
        await unmerge_contacts(database, merge_id, "Jo", LATER)
        assert (head in (await forest_of(database)).ancestors) == stays
