"""Merging, linking, promoting and giving identifiers, as those do it who look at a customer: features D4 to D23."""

from typing import Any

import pytest

from gateway.graph.node import to_global_id
from tests.graph.conftest import Api
from tests.graph.test_notes import contact_of

MERGE = """mutation($input: MergeContactsInput!) { mergeContacts(input: $input) { merge { id }
    contact { id kind displayName title mergeSet { id } sessionCount } } }"""
UNMERGE = """mutation($input: UnmergeContactsInput!) { unmergeContacts(input: $input) {
    contacts { id kind displayName canonicalContact { id } } } }"""
PROMOTE = "mutation($input: PromoteContactInput!) { promoteContact(input: $input) { contact { id kind expiresDate } } }"
LINK = """mutation($input: LinkContactInput!) { linkContact(input: $input) {
    link { id kind rule madeBy child { id } parent { id } } contact { id kind mergeSet { id } } } }"""
UNLINK = "mutation($input: UnlinkContactInput!) { unlinkContact(input: $input) { contacts { id mergeSet { id } } } }"
LINK_SESSION = """mutation($input: LinkSessionInput!) { linkSession(input: $input) {
    session { id contact { id kind } formerContact { id } events { nodes { contact { id } } } } } }"""
UNLINK_SESSION = """mutation($input: UnlinkSessionInput!) { unlinkSession(input: $input) {
    session { id contact { id } formerContact { id } events { nodes { contact { id } } } } } }"""
CLAIM = """mutation($input: ClaimIdentifierInput!) { claimIdentifier(input: $input) {
    contact { id identifiers { type value } } } }"""
RELEASE = """mutation($input: ReleaseIdentifierInput!) { releaseIdentifier(input: $input) {
    contact { id identifiers { type value } } } }"""
CREATE = "mutation($input: CreateContactInput!) { createContact(input: $input) { contact { id } } }"
DELETE = "mutation($input: DeleteContactInput!) { deleteContact(input: $input) { deletedContactId } }"
BY_IDENTIFIER = (
    "query($type: IdentifierType!, $value: String!) { contactByIdentifier(type: $type, value: $value) { id } }"
)
SESSIONS = "query($id: ID!) { contact(id: $id) { sessions { nodes { id } } } }"
PHONE = {"type": "PHONE", "value": "+1 803-123-0000"}
NOBODY = to_global_id("Contact", "nobody")
NO_LINK = to_global_id("IdentityLink", "none")
NO_SESSION = to_global_id("Session", "none")


async def change(api: Api, document: str, **wanted: object) -> dict[str, Any]:
    """Return the payload of a mutation."""
    (payload,) = (await api.ask(document, input=wanted)).values()
    assert isinstance(payload, dict)
    return payload


async def created(api: Api, **wanted: object) -> str:
    """Create a contact, and return its id."""
    return str((await change(api, CREATE, **wanted))["contact"]["id"])


async def session_of(api: Api, contact_id: str) -> str:
    """Return the id of a contact's only session."""
    (session,) = (await api.ask(SESSIONS, id=contact_id))["contact"]["sessions"]["nodes"]
    return str(session["id"])


async def holder(api: Api) -> str | None:
    """Return who is called by the shared number."""
    contact = (await api.ask(BY_IDENTIFIER, **PHONE))["contactByIdentifier"]
    return contact and str(contact["id"])


async def audited(api: Api) -> list[tuple[str, str]]:
    """Return who did what, as far as it changed something."""
    rows = await api.database["auditLog"].find({"action": {"$ne": "LOOKED_AT"}}).sort("date", 1).to_list()
    return [(row["actor"], row["action"]) for row in rows]


async def test_only_once_alexis_is_deleted_david_gets_the_number_that_they_share(api: Api) -> None:
    alexis = await created(api, firstName="Alexis", identifiers=[PHONE])
    david = await created(api, firstName="David", identifiers=[PHONE])
    assert await holder(api) == alexis
    await change(api, DELETE, id=alexis)
    assert await holder(api) == david


async def test_who_is_given_the_shared_number_is_called_until_it_is_released(api: Api) -> None:
    alexis = await created(api, firstName="Alexis", identifiers=[PHONE])
    david = await created(api, firstName="David")
    claimed = await change(api, CLAIM, contactId=david, verified=True, **PHONE)
    assert claimed["contact"] == {"id": david, "identifiers": [{"type": "PHONE", "value": "+18031230000"}]}
    assert await holder(api) == david
    released = await change(api, RELEASE, contactId=david, **PHONE)
    assert released["contact"] == {"id": david, "identifiers": []}
    assert await holder(api) == alexis
    assert (await audited(api))[-2:] == [("first admin", "CLAIMED"), ("first admin", "RELEASED")]


async def test_contacts_are_merged_and_unmerged(api: Api) -> None:
    visitor = await contact_of(api, "ada")
    desktop = await created(api, firstName="Ada", title="Miss")
    merged = await change(api, MERGE, contactIds=[desktop, visitor], valueOverride={"title": "Countess"})
    contact = merged["contact"]
    assert contact["id"] not in {desktop, visitor}
    assert (contact["kind"], contact["displayName"], contact["title"]) == ("CANONICAL", "Ada", "Countess")
    assert {member["id"] for member in contact["mergeSet"]} == {contact["id"], desktop, visitor}
    assert contact["sessionCount"] == 1
    parted = (await change(api, UNMERGE, mergeId=merged["merge"]["id"]))["contacts"]
    assert sorted(parted, key=lambda one: str(one["displayName"])) == [
        {"id": desktop, "kind": "CURATED", "displayName": "Ada", "canonicalContact": {"id": desktop}},
        {"id": visitor, "kind": "EPHEMERAL", "displayName": None, "canonicalContact": {"id": visitor}},
    ]
    assert (await audited(api))[-2:] == [("first admin", "MERGED"), ("first admin", "UNMERGED")]


async def test_an_agent_links_a_visitor_and_unlinks_the_wrong_one(api: Api) -> None:
    visitor = await contact_of(api, "ada")
    alexis = await created(api, firstName="Alexis")
    payload = await change(api, LINK, contactId=visitor, toContactId=alexis)
    link = payload["link"]
    assert (link["kind"], link["rule"], link["madeBy"]) == ("LINK", "AGENT", "first admin")
    assert (link["child"]["id"], link["parent"]["id"]) == (visitor, alexis)
    assert {member["id"] for member in payload["contact"]["mergeSet"]} == {alexis, visitor}
    parted = (await change(api, UNLINK, linkId=link["id"]))["contacts"]
    assert [(one["id"], [member["id"] for member in one["mergeSet"]]) for one in parted] == [
        (visitor, [visitor]),
        (alexis, [alexis]),
    ]


async def test_a_visitor_is_added_to_contacts(api: Api) -> None:
    visitor = await contact_of(api, "ada")
    promoted = await change(api, PROMOTE, contactId=visitor)
    assert promoted["contact"] == {"id": visitor, "kind": "CURATED", "expiresDate": None}
    assert await audited(api) == [("first admin", "PROMOTED")]


async def test_an_interaction_is_linked_to_the_best_match_and_unlinked(api: Api) -> None:
    visitor = await contact_of(api, "ada")
    alexis = await created(api, firstName="Alexis")
    session = await session_of(api, visitor)
    linked = (await change(api, LINK_SESSION, sessionId=session, contactId=alexis))["session"]
    assert linked["contact"] == {"id": alexis, "kind": "CURATED"}
    assert linked["formerContact"] == {"id": visitor}
    assert linked["events"]["nodes"] == [{"contact": {"id": alexis}}]
    back = (await change(api, UNLINK_SESSION, sessionId=session))["session"]
    assert (back["contact"], back["formerContact"]) == ({"id": visitor}, None)
    assert back["events"]["nodes"] == [{"contact": {"id": visitor}}]
    assert (await audited(api))[-2:] == [("first admin", "LINKED"), ("first admin", "UNLINKED")]


@pytest.mark.parametrize(
    ("document", "given", "code", "field"),
    [
        pytest.param(MERGE, {"contactIds": []}, "BAD_USER_INPUT", "contactIds", id="merge nothing"),
        pytest.param(MERGE, {"contactIds": ["one", "one"]}, "BAD_USER_INPUT", "contactIds", id="merge one"),
        pytest.param(MERGE, {"contactIds": ["one", NOBODY]}, "NOT_FOUND", "contactIds[1]", id="merge nobody"),
        pytest.param(MERGE, {"contactIds": ["one", "its link"]}, "CONFLICT", "contactIds", id="merge one customer"),
        pytest.param(MERGE, {"contactIds": ["one", "x"]}, "BAD_USER_INPUT", "contactIds[1]", id="merge by no id"),
        pytest.param(
            MERGE,
            {"contactIds": ["one", "two"], "valueOverride": {"title": "x" * 1_001}},
            "BAD_USER_INPUT",
            "title",
            id="merge with a value that is too long",
        ),
        pytest.param(
            MERGE,
            {"contactIds": ["one", "two"], "valueOverride": {"externalOrganizationId": "none"}},
            "NOT_FOUND",
            "externalOrganizationId",
            id="merge into an organization that is not there",
        ),
        pytest.param(UNMERGE, {"mergeId": "none"}, "NOT_FOUND", "mergeId", id="unmerge nothing"),
        pytest.param(UNMERGE, {"mergeId": "merged again"}, "CONFLICT", "mergeId", id="unmerge before the later merge"),
        pytest.param(PROMOTE, {"contactId": NOBODY}, "NOT_FOUND", "contactId", id="promote nobody"),
        pytest.param(LINK, {"contactId": "one", "toContactId": NOBODY}, "NOT_FOUND", "toContactId", id="link nobody"),
        pytest.param(
            LINK, {"contactId": "its link", "toContactId": "one"}, "CONFLICT", "contactId", id="link one customer"
        ),
        pytest.param(
            LINK, {"contactId": NO_LINK, "toContactId": "one"}, "BAD_USER_INPUT", "contactId", id="link a link"
        ),
        pytest.param(UNLINK, {"linkId": NO_LINK}, "NOT_FOUND", "linkId", id="unlink nothing"),
        pytest.param(UNLINK, {"linkId": "part of the merge"}, "CONFLICT", "linkId", id="unlink a part of a merge"),
        pytest.param(
            LINK_SESSION, {"sessionId": NO_SESSION, "contactId": "one"}, "NOT_FOUND", "sessionId", id="no session"
        ),
        pytest.param(
            LINK_SESSION,
            {"sessionId": "session of one", "contactId": NOBODY},
            "NOT_FOUND",
            "contactId",
            id="link a session to nobody",
        ),
        pytest.param(
            LINK_SESSION,
            {"sessionId": "session of one", "contactId": "its link"},
            "CONFLICT",
            "contactId",
            id="link a session to whose it is",
        ),
        pytest.param(
            UNLINK_SESSION, {"sessionId": "session of one"}, "NOT_FOUND", "sessionId", id="unlink what is not linked"
        ),
        pytest.param(CLAIM, {"contactId": NOBODY, **PHONE}, "NOT_FOUND", "contactId", id="claim for nobody"),
        pytest.param(
            CLAIM, {"contactId": "one", "type": "COOKIE", "value": "v"}, "BAD_USER_INPUT", "type", id="claim a cookie"
        ),
        pytest.param(
            CLAIM,
            {"contactId": "one", "type": "EMAIL", "value": "nobody"},
            "BAD_USER_INPUT",
            "value",
            id="claim what is no address",
        ),
        pytest.param(RELEASE, {"contactId": "one", **PHONE}, "NOT_FOUND", "value", id="release what is not held"),
        pytest.param(RELEASE, {"contactId": NOBODY, **PHONE}, "NOT_FOUND", "contactId", id="release of nobody"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_the_field_and_nothing_changed(
    api: Api, document: str, given: dict[str, object], code: str, field: str
) -> None:
    ids = await a_busy_day(api)
    collections = ("contacts", "identityEdges", "sessions", "events", "identifiers", "sessionLinks")
    before = [await api.database[name].find().sort("_id", 1).to_list() for name in collections]
    entries = await audited(api)
    (error,) = await api.errors(document, input=named(given, ids))
    assert (error["extensions"]["code"], error["extensions"].get("field")) == (code, field)
    assert f"`{field}`" in error["message"]
    assert [await api.database[name].find().sort("_id", 1).to_list() for name in collections] == before
    assert await audited(api) == entries


async def a_busy_day(api: Api) -> dict[str, str]:
    """Have a visitor linked, two contacts merged and merged again, and return the ids by what they are of."""
    one, linked = await contact_of(api, "one"), await contact_of(api, "its link")
    await change(api, LINK, contactId=one, toContactId=linked)
    two, three, four = [await created(api, firstName=name) for name in ("two", "three", "four")]
    merged = await change(api, MERGE, contactIds=[two, three])
    await change(api, MERGE, contactIds=[three, four])
    part = await api.database["identityEdges"].find_one({"mergeId": merged["merge"]["id"]})
    assert part is not None
    row = await api.database["sessions"].find_one({"customerId": "one"})
    assert row is not None
    return {
        "one": one,
        "its link": linked,
        "two": two,
        "none": to_global_id("ExternalOrganization", "none"),
        "merged again": merged["merge"]["id"],
        "part of the merge": to_global_id("IdentityLink", part["_id"]),
        "session of one": to_global_id("Session", row["_id"]),
    }


def named(given: object, ids: dict[str, str]) -> object:
    """Return what is given with ids in the place of names."""
    if isinstance(given, dict):
        return {name: named(value, ids) for name, value in given.items()}
    if isinstance(given, list):
        return [named(value, ids) for value in given]
    return ids.get(given, given) if isinstance(given, str) else given
