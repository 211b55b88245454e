"""Records that people keep by hand, as they are stored, and that none is left behind without what it is about."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from beanie import Document
from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.external_source import ExternalSource, new_external_source
from gateway.journey.note import new_note
from gateway.journey.organization import new_organization
from gateway.journey.relationship import new_relationship
from gateway.storage.database import Database, Row
from gateway.storage.documents.external_organization import ExternalOrganizationDocument
from gateway.storage.documents.external_source import ExternalSourceDocument, external_source_from
from gateway.storage.documents.note import NoteDocument
from gateway.storage.documents.relationship import RelationshipDocument
from gateway.storage.organizations import delete_organization
from gateway.storage.records import (
    AlreadyThere,
    add_record,
    add_record_under,
    change_record,
    contact_parent,
    delete_record,
    in_one_transaction,
    organization_parent,
    stored_row,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LINK = "https://crm.example/{{externalId.value}}"
ORGANIZATION = stored_row(
    new_organization(
        {
            "name": "Acme",
            "address": {"city": "Bern", "postalCode": "3000"},
            "employeeCount": 12,
            "revenue": 1.5,
            "tickers": [{"symbol": "ACME", "exchange": "SIX"}],
            "externalIds": [{"externalSourceId": "s", "value": "1"}],
            "customFields": {"tier": 1},
        },
        "n",
        NOON,
    )
)
RELATIONSHIP = stored_row(
    new_relationship(
        {"externalOrganizationId": ORGANIZATION["_id"], "userId": "ada", "relationship": "Sponsor"}, "n", NOON
    )
)
SOURCE = stored_row(new_external_source({"name": "CRM", "linkConfiguration": {"uriTemplate": LINK}}, "n", NOON))


def note_about(field: str, stored_id: str, nonce: str = "n") -> Row:
    return stored_row(new_note({field: stored_id}, "Likes tea.", "Bob", nonce, NOON))


@pytest.mark.parametrize(
    ("row", "document"),
    [
        pytest.param(ORGANIZATION, ExternalOrganizationDocument, id="organization"),
        pytest.param(RELATIONSHIP, RelationshipDocument, id="relationship"),
        pytest.param(SOURCE, ExternalSourceDocument, id="source"),
        pytest.param(note_about("contactId", "c"), NoteDocument, id="note"),
    ],
)
async def test_a_record_is_stored_as_declared(row: Row, document: type[Document], database: Database) -> None:
    collection = document.get_collection_name()
    await add_record(database, collection, row)
    stored = await database[collection].find_one({"_id": row["_id"]})
    assert stored == row
    assert document.model_validate(stored).id == row["_id"]


def test_a_source_comes_back_as_the_domain_knows_it() -> None:
    assert external_source_from(SOURCE) == ExternalSource(SOURCE["_id"], "CRM", active=True, uri_template=LINK)
    bare = stored_row(new_external_source({"name": "CRM"}, "n", NOON))
    assert external_source_from(bare).uri_template is None


async def test_a_change_sets_what_is_told_and_takes_away_what_is_none(database: Database) -> None:
    await add_record(database, "externalOrganizations", ORGANIZATION)
    later = NOON + timedelta(days=1)
    changes = {"revenue": None, "industry": "Anvils", "modifiedDate": later}
    changed = await change_record(database, "externalOrganizations", ORGANIZATION["_id"], changes)
    expected = {**ORGANIZATION, "industry": "Anvils", "modifiedDate": later}
    del expected["revenue"]
    assert changed == expected


async def test_what_is_not_there_is_neither_changed_nor_deleted(database: Database) -> None:
    assert await change_record(database, "notes", "none", {"noteText": "x"}) is None
    assert await delete_record(database, "notes", "none") is None
    assert await delete_organization(database, "none") is None
    for parent in (contact_parent("none"), organization_parent("none")):
        assert not await add_record_under(database, "notes", note_about("contactId", "none"), parent, NOON)
    assert await database["notes"].count_documents({}) == 0


async def test_what_must_be_unique_is_there_once(database: Database) -> None:
    await add_record(database, "externalOrganizations", ORGANIZATION)
    parent = organization_parent(ORGANIZATION["_id"])
    rows = [{**RELATIONSHIP, "_id": str(number)} for number in range(5)]
    added = (add_record_under(database, "relationships", row, parent, NOON) for row in rows)
    results = await asyncio.gather(*added, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["AlreadyThere"] * 4 + ["bool"]
    await add_record(database, "externalSources", SOURCE)
    with pytest.raises(AlreadyThere):
        await add_record(database, "externalSources", {**SOURCE, "_id": "other"})
    await add_record(database, "externalSources", {**SOURCE, "_id": "other", "name": "ERP"})
    with pytest.raises(AlreadyThere):
        await change_record(database, "externalSources", "other", {"name": "CRM"})


async def test_an_organization_takes_its_notes_and_relationships_along_and_leaves_its_contacts(
    database: Database,
) -> None:
    of_it = ORGANIZATION["_id"]
    await add_record(database, "externalOrganizations", ORGANIZATION)
    await add_record(database, "externalOrganizations", {**ORGANIZATION, "_id": "other"})
    for number, organization_id in enumerate((of_it, of_it, "other")):
        parent = organization_parent(organization_id)
        note = note_about("externalOrganizationId", organization_id, str(number))
        assert await add_record_under(database, "notes", note, parent, NOON)
    assert await add_record_under(database, "relationships", RELATIONSHIP, organization_parent(of_it), NOON)
    await database["contacts"].insert_many(
        [{"_id": "c1", "externalOrganizationId": of_it}, {"_id": "c2", "externalOrganizationId": "other"}]
    )
    deleted = await delete_organization(database, of_it)
    touched_twice_more = NOON + timedelta(milliseconds=2)
    assert deleted == {**ORGANIZATION, "recordsChangedDate": touched_twice_more}
    assert [note["externalOrganizationId"] async for note in database["notes"].find()] == ["other"]
    assert await database["relationships"].count_documents({}) == 0
    contacts = await database["contacts"].find().sort("_id").to_list()
    assert contacts == [{"_id": "c1"}, {"_id": "c2", "externalOrganizationId": "other"}]


async def test_a_note_that_is_written_while_its_contact_is_deleted_is_not_left_behind(database: Database) -> None:
    """Whoever deletes a contact with its notes in one transaction, as erasure does, leaves none behind."""

    async def erased(contact_id: str) -> None:
        async def work(session: AsyncClientSession) -> None:
            await database["notes"].delete_many({"contactId": contact_id}, session=session)
            await asyncio.sleep(0)
            await database["contacts"].delete_one({"_id": contact_id}, session=session)

        await in_one_transaction(database, work)

    async def written(contact_id: str) -> None:
        note = note_about("contactId", contact_id, contact_id)
        await add_record_under(database, "notes", note, contact_parent(contact_id), NOON)

    ids = [f"c{number}" for number in range(30)]
    await database["contacts"].insert_many([{"_id": id_} for id_ in ids])
    await asyncio.gather(*(work(id_) for id_ in ids for work in (erased, written)))
    assert await database["contacts"].count_documents({}) == 0
    assert await database["notes"].count_documents({}) == 0
