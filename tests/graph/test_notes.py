"""Notes about contacts and organizations."""

from typing import Any

import pytest

from gateway.graph.node import to_global_id
from tests.graph.conftest import Api
from tests.graph.test_organizations import created as created_organization

CREATE = """mutation($input: CreateNoteInput!) { createNote(input: $input) { note {
    id noteText createdBy createdDate modifiedDate contact { id } externalOrganization { id } } } }"""
UPDATE = """mutation($input: UpdateNoteInput!) { updateNote(input: $input) { note {
    id noteText createdBy createdDate modifiedDate } } }"""
DELETE = "mutation($input: DeleteNoteInput!) { deleteNote(input: $input) { note { id noteText contact { id } } } }"
OF_CONTACT = """query($id: ID!, $first: Int, $after: String) { contact(id: $id) { notes(first: $first, after: $after) {
    nodes { noteText createdBy } pageInfo { hasNextPage endCursor } } } }"""
CONTACT = to_global_id("Contact", "none")
ORGANIZATION = to_global_id("ExternalOrganization", "none")
NOTE = to_global_id("Note", "none")


async def contact_of(api: Api, visitor: str) -> str:
    """Have a visitor come, and return the contact's id."""
    await api.happens(visitor)
    document = "query($value: String!) { contactByIdentifier(type: COOKIE, value: $value) { id } }"
    contact_id: str = (await api.ask(document, value=visitor))["contactByIdentifier"]["id"]
    return contact_id


async def written(api: Api, **wanted: object) -> dict[str, Any]:
    note: dict[str, Any] = (await api.ask(CREATE, input=wanted))["createNote"]["note"]
    return note


async def test_a_note_about_a_contact_is_attributed_and_listed_newest_first(api: Api) -> None:
    contact_id = await contact_of(api, "ada")
    note = await written(api, contactId=contact_id, noteText=" Likes tea. ")
    assert (note["noteText"], note["createdBy"]) == ("Likes tea.", "first admin")
    assert (note["contact"], note["externalOrganization"]) == ({"id": contact_id}, None)
    assert note["createdDate"] == note["modifiedDate"]
    await written(api, contactId=contact_id, noteText="Came again.")
    await written(api, contactId=await contact_of(api, "bob"), noteText="Somebody else.")
    first = (await api.ask(OF_CONTACT, id=contact_id, first=1))["contact"]["notes"]
    assert first["nodes"] == [{"noteText": "Came again.", "createdBy": "first admin"}]
    rest = (await api.ask(OF_CONTACT, id=contact_id, after=first["pageInfo"]["endCursor"]))["contact"]["notes"]
    assert [node["noteText"] for node in rest["nodes"]] == ["Likes tea."]
    assert not rest["pageInfo"]["hasNextPage"]


async def test_a_note_about_an_organization_is_listed_with_it(api: Api) -> None:
    organization = await created_organization(api)
    note = await written(api, externalOrganizationId=organization["id"], noteText="Pays late.")
    assert (note["contact"], note["externalOrganization"]) == (None, {"id": organization["id"]})
    document = "query($id: ID!) { externalOrganization(id: $id) { notes { nodes { id } } } }"
    listed = (await api.ask(document, id=organization["id"]))["externalOrganization"]["notes"]["nodes"]
    assert listed == [{"id": note["id"]}]


async def test_a_note_is_written_anew_and_keeps_its_author_and_date(api: Api) -> None:
    note = await written(api, contactId=await contact_of(api, "ada"), noteText="Likes tea.")
    await api.database["tokens"].update_one({}, {"$set": {"name": "Bob"}})
    changed = (await api.ask(UPDATE, input={"id": note["id"], "noteText": "Likes coffee."}))["updateNote"]["note"]
    assert changed["noteText"] == "Likes coffee."
    assert changed["modifiedDate"] >= note["modifiedDate"]
    assert {name: changed[name] for name in ("id", "createdBy", "createdDate")} == {
        name: note[name] for name in ("id", "createdBy", "createdDate")
    }
    node = await api.ask("query($id: ID!) { node(id: $id) { id ... on Note { noteText } } }", id=note["id"])
    assert node["node"] == {"id": note["id"], "noteText": "Likes coffee."}


async def test_a_note_of_a_token_without_a_name_is_of_its_role(api: Api) -> None:
    await api.database["tokens"].update_one({}, {"$set": {"name": ""}})
    assert (await written(api, contactId=await contact_of(api, "ada"), noteText="x"))["createdBy"] == "admin"


async def test_a_deleted_note_is_told_once_more_and_gone(api: Api) -> None:
    contact_id = await contact_of(api, "ada")
    note = await written(api, contactId=contact_id, noteText="Likes tea.")
    deleted = (await api.ask(DELETE, input={"id": note["id"]}))["deleteNote"]["note"]
    assert deleted == {"id": note["id"], "noteText": "Likes tea.", "contact": {"id": contact_id}}
    assert (await api.ask(OF_CONTACT, id=contact_id))["contact"]["notes"]["nodes"] == []
    assert await api.database["notes"].count_documents({}) == 0


async def test_a_note_carries_the_id_of_its_contact_so_that_erasure_finds_it(api: Api) -> None:
    await written(api, contactId=await contact_of(api, "ada"), noteText="x" * 32_000)
    contact = await api.database["contacts"].find_one()
    assert contact is not None
    stored = await api.database["notes"].find_one({"contactId": contact["_id"]})
    assert stored is not None
    assert len(stored["noteText"]) == 32_000


@pytest.mark.parametrize(
    ("document", "given", "code", "field"),
    [
        pytest.param(CREATE, {"noteText": "x"}, "BAD_USER_INPUT", "contactId", id="about nothing"),
        pytest.param(
            CREATE,
            {"noteText": "x", "contactId": CONTACT, "externalOrganizationId": ORGANIZATION},
            "BAD_USER_INPUT",
            "contactId",
            id="about two things",
        ),
        pytest.param(CREATE, {"noteText": "", "contactId": CONTACT}, "BAD_USER_INPUT", "noteText", id="no text"),
        pytest.param(
            CREATE, {"noteText": "x" * 32_001, "contactId": CONTACT}, "BAD_USER_INPUT", "noteText", id="a novel"
        ),
        pytest.param(CREATE, {"noteText": "x", "contactId": CONTACT}, "NOT_FOUND", "contactId", id="no such contact"),
        pytest.param(CREATE, {"noteText": "x", "contactId": ""}, "BAD_USER_INPUT", "contactId", id="an empty id"),
        pytest.param(CREATE, {"noteText": "x", "contactId": NOTE}, "BAD_USER_INPUT", "contactId", id="about a note"),
        pytest.param(
            CREATE,
            {"noteText": "x", "externalOrganizationId": ORGANIZATION},
            "NOT_FOUND",
            "externalOrganizationId",
            id="no such organization",
        ),
        pytest.param(UPDATE, {"id": NOTE, "noteText": " "}, "BAD_USER_INPUT", "noteText", id="nothing but a space"),
        pytest.param(UPDATE, {"id": NOTE, "noteText": "x"}, "NOT_FOUND", "id", id="no such note"),
        pytest.param(DELETE, {"id": NOTE}, "NOT_FOUND", "id", id="nothing to delete"),
        pytest.param(DELETE, {"id": CONTACT}, "BAD_USER_INPUT", "id", id="a contact as note"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_stored(
    api: Api, document: str, given: dict[str, object], code: str, field: str
) -> None:
    (error,) = await api.errors(document, input=given)
    assert (error["extensions"]["code"], error["extensions"].get("field")) == (code, field)
    assert f"`{field}`" in error["message"]
    assert await api.database["notes"].count_documents({}) == 0
