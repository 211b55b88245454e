"""Contacts that people and other systems tell of: created, updated, deleted, enriched."""

from typing import Any

import pytest

from gateway.graph.node import stored_id_of, to_global_id
from tests.graph.conftest import Api

FIELDS = """id type firstName middleName lastName salutation title surveyOptOut externalSystemUrl customFields
    expiresDate address { address1 city countryCode } externalOrganization { name }
    identifiers { type value normalised verified source }"""
CANDIDATES = "candidates { contact { id } canonicalContact { id } kind reasons }"
CREATE = f"""mutation($input: CreateContactInput!) {{ createContact(input: $input) {{
    contact {{ {FIELDS} }} {CANDIDATES} }} }}"""
UPDATE = f"""mutation($input: UpdateContactInput!) {{ updateContact(input: $input) {{
    contact {{ {FIELDS} }} {CANDIDATES} }} }}"""
DELETE = "mutation($input: DeleteContactInput!) { deleteContact(input: $input) { deletedContactId } }"
RESULT = f"status contact {{ {FIELDS} }} matchedIdentifier {{ type value }} {CANDIDATES}"
ENRICH = f"mutation($input: EnrichContactInput!) {{ enrichContact(input: $input) {{ result {{ {RESULT} }} }} }}"
ENRICH_MANY = f"""mutation($input: EnrichContactsInput!) {{ enrichContacts(input: $input) {{
    results {{ {RESULT} }} }} }}"""
NONE = to_global_id("Contact", "none")
EMAIL = {"type": "EMAIL", "value": " Ada@Shop.Example"}
PHONE = {"type": "PHONE", "value": "+41 44 668 18 00", "verified": True}


async def created(api: Api, **told: object) -> dict[str, Any]:
    """Create a contact, and return the payload."""
    payload: dict[str, Any] = (await api.ask(CREATE, input=told))["createContact"]
    return payload


async def enriched(api: Api, *matching: object, contact: object = None, **told: object) -> dict[str, Any]:
    """Enrich a contact, and return the result."""
    wanted = {"matchingIdentifiers": matching, "contact": contact or {}, **told}
    result: dict[str, Any] = (await api.ask(ENRICH, input=wanted))["enrichContact"]["result"]
    return result


async def actions(api: Api) -> list[str]:
    return [row["action"] async for row in api.database["auditLog"].find({"action": {"$ne": "LOOKED_AT"}}).sort("date")]


async def test_a_contact_is_created_with_everything_that_is_told(api: Api) -> None:
    organization = """mutation { createExternalOrganization(input: {name: "Acme"}) { externalOrganization { id } } }"""
    acme = (await api.ask(organization))["createExternalOrganization"]["externalOrganization"]["id"]
    told = {
        "firstName": " Ada ",
        "lastName": "King",
        "title": "Countess",
        "surveyOptOut": True,
        "externalSystemUrl": "https://crm.example/1",
        "customFields": {"tier": 1},
        "address": {"city": "London", "countryCode": "GB"},
    }
    payload = await created(api, **told, externalOrganizationId=acme, identifiers=[EMAIL, PHONE])
    contact = payload["contact"]
    assert contact == {
        **told,
        "id": contact["id"],
        "type": "CURATED",
        "firstName": "Ada",
        "middleName": None,
        "salutation": None,
        "expiresDate": None,
        "address": {"address1": None, "city": "London", "countryCode": "GB"},
        "externalOrganization": {"name": "Acme"},
        "identifiers": [
            {"type": "EMAIL", "value": "ada@shop.example", "normalised": True, "verified": False, "source": "api"},
            {"type": "PHONE", "value": "+41446681800", "normalised": True, "verified": True, "source": "api"},
        ],
    }
    assert payload["candidates"] == []
    assert await actions(api) == ["CREATED"]


async def test_who_held_an_identifier_first_comes_back_as_candidate(api: Api) -> None:
    first = (await created(api, firstName="Ada", identifiers=[EMAIL, PHONE]))["contact"]["id"]
    (candidate,) = (await created(api, firstName="Eve", identifiers=[EMAIL, PHONE]))["candidates"]
    assert candidate["contact"] == candidate["canonicalContact"] == {"id": first}
    assert candidate["kind"] == "CURATED"
    assert [reason.split(" since")[0] for reason in candidate["reasons"]] == [
        "Holds the same Email",
        "Holds the same Phone",
        "Is a curated contact",
    ]
    rows = await api.database["identifiers"].distinct("contactId")
    assert rows == [stored_id_of("Contact", first)]


async def test_what_has_no_normal_form_is_kept_as_it_is_typed(api: Api) -> None:
    told = {"type": "PHONE", "value": "ask reception"}
    (held,) = (await created(api, identifiers=[told]))["contact"]["identifiers"]
    assert (held["value"], held["normalised"]) == ("ask reception", False)
    assert await api.database["identifiers"].count_documents({}) == 0


async def test_a_change_leaves_what_is_left_out_and_takes_away_what_is_null(api: Api) -> None:
    contact = (await created(api, firstName="Ada", lastName="King", identifiers=[EMAIL]))["contact"]
    changes = {"id": contact["id"], "lastName": None, "title": "Dr.", "identifiers": [PHONE]}
    now = (await api.ask(UPDATE, input=changes))["updateContact"]["contact"]
    assert (now["firstName"], now["lastName"], now["title"]) == ("Ada", None, "Dr.")
    assert [one["type"] for one in now["identifiers"]] == ["PHONE"]
    assert await api.database["identifiers"].distinct("type") == ["Phone"]
    search = "query($text: String) { contacts(search: $text) { nodes { id } } }"
    assert (await api.ask(search, text="King"))["contacts"]["nodes"] == []
    assert (await api.ask(search, text="+41446681800"))["contacts"]["nodes"] == [{"id": contact["id"]}]
    assert await actions(api) == ["CREATED", "UPDATED"]


async def test_a_deleted_contact_leaves_its_identifiers_to_the_next(api: Api) -> None:
    first = (await created(api, firstName="Ada", identifiers=[EMAIL]))["contact"]["id"]
    second = (await created(api, firstName="Eve", identifiers=[EMAIL]))["contact"]["id"]
    note = "mutation($input: CreateNoteInput!) { createNote(input: $input) { note { id } } }"
    await api.ask(note, input={"contactId": first, "noteText": "called"})
    deleted = await api.ask(DELETE, input={"id": first})
    assert deleted == {"deleteContact": {"deletedContactId": first}}
    assert await api.database["identifiers"].distinct("contactId") == [stored_id_of("Contact", second)]
    assert await api.database["notes"].count_documents({}) == 0
    (error,) = await api.errors(DELETE, input={"id": first})
    assert error["extensions"] == {"code": "NOT_FOUND", "field": "id"}
    assert (await actions(api))[-1] == "DELETED"


async def test_a_contact_that_others_or_visits_belong_to_is_not_deleted_by_itself(api: Api) -> None:
    await api.happens("ada")
    (visitor,) = (await api.ask("{ contacts { nodes { id } } }"))["contacts"]["nodes"]
    (error,) = await api.errors(DELETE, input={"id": visitor["id"]})
    assert error["extensions"]["code"] == "CONFLICT"
    assert error["message"] == "Sessions belong to the contact: erase it, which deletes them as well."
    await created(api, identifiers=[EMAIL])
    await created(api, identifiers=[PHONE])
    merged = await enriched(api, EMAIL, PHONE, action="MERGE")
    (error,) = await api.errors(DELETE, input={"id": merged["contact"]["id"]})
    assert error["extensions"]["code"] == "CONFLICT"
    assert "undo the merge" in error["message"]


async def test_enriching_creates_updates_and_then_changes_nothing(api: Api) -> None:
    told = {"firstName": "Ada", "identifiers": [PHONE]}
    first = await enriched(api, EMAIL, contact=told)
    assert (first["status"], first["matchedIdentifier"]) == ("CREATED", None)
    second = await enriched(api, EMAIL, contact={"lastName": "King"})
    assert (second["status"], second["matchedIdentifier"]) == (
        "UPDATED",
        {"type": "EMAIL", "value": "ada@shop.example"},
    )
    assert second["contact"] == {**first["contact"], "lastName": "King"}
    assert (await enriched(api, PHONE, contact={"lastName": "King"}))["status"] == "UNCHANGED"
    by_id = await enriched(api, PHONE, contact={"title": "Dr."}, id=first["contact"]["id"])
    assert (by_id["status"], by_id["matchedIdentifier"]) == ("UPDATED", None)
    assert await actions(api) == ["ENRICHED"] * 3


async def test_rules_actions_and_promotion_are_told_with_the_request(api: Api) -> None:
    await api.happens("v1", "identify", traits={"email": "ada@shop.example", "firstName": "Ada"})
    keep = [{"field": "firstName", "rule": "PREFER_EXISTING"}, {"field": "identifiers", "rule": "EXTEND"}]
    told = {"firstName": "Eve", "identifiers": [PHONE]}
    cookie = {"type": "COOKIE", "value": "v1"}
    result = await enriched(api, cookie, contact=told, fieldRules=keep, promote=True, action="UPDATE")
    assert (result["status"], result["contact"]["type"], result["contact"]["expiresDate"]) == (
        "UPDATED",
        "CURATED",
        None,
    )
    assert result["contact"]["firstName"] == "Ada"
    assert {one["type"] for one in result["contact"]["identifiers"]} == {"COOKIE", "EMAIL", "PHONE"}
    assert (await enriched(api, {"type": "EMAIL", "value": "x@y.example"}, action="UPDATE"))["status"] == "NO_MATCH"
    assert (await enriched(api, PHONE, contact={"title": "x"}, action="INSERT"))["status"] == "UNCHANGED"


async def test_a_dry_run_says_what_would_happen_and_writes_nothing(api: Api) -> None:
    result = await enriched(api, EMAIL, contact={"firstName": "Ada"}, dryRun=True)
    assert (result["status"], result["contact"]["firstName"]) == ("CREATED", "Ada")
    assert await api.database["contacts"].count_documents({}) == 0
    assert await actions(api) == []


async def test_several_requests_are_done_in_order_or_not_at_all(api: Api) -> None:
    one = {"matchingIdentifiers": [EMAIL], "contact": {"firstName": "Ada"}}
    results = (await api.ask(ENRICH_MANY, input={"requests": [one, one]}))["enrichContacts"]["results"]
    assert [result["status"] for result in results] == ["CREATED", "UNCHANGED"]
    bad = {"matchingIdentifiers": [PHONE], "contact": {"firstName": "x" * 1001}}
    (error,) = await api.errors(ENRICH_MANY, input={"requests": [{**one, "contact": {"lastName": "King"}}, bad]})
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": "requests[1].contact.firstName"}
    assert await api.database["contacts"].count_documents({"lastName": "King"}) == 0


@pytest.mark.parametrize(
    ("document", "given", "code", "field"),
    [
        pytest.param(CREATE, {"firstName": "x" * 1001}, "BAD_USER_INPUT", "firstName", id="a name too long"),
        pytest.param(
            CREATE,
            {"identifiers": [{"type": "EMAIL", "value": "x" * 256}]},
            "BAD_USER_INPUT",
            "identifiers[0].value",
            id="an identifier too long",
        ),
        pytest.param(
            CREATE,
            {"identifiers": [{"type": "COOKIE", "value": "x"}]},
            "BAD_USER_INPUT",
            "identifiers[0].type",
            id="a cookie",
        ),
        pytest.param(
            CREATE,
            {"identifiers": [{"type": "EXTERNAL_ID", "value": str(n)} for n in range(11)]},
            "BAD_USER_INPUT",
            "identifiers",
            id="eleven external ids",
        ),
        pytest.param(
            CREATE,
            {"externalOrganizationId": to_global_id("ExternalOrganization", "none")},
            "NOT_FOUND",
            "externalOrganizationId",
            id="no such organization",
        ),
        pytest.param(UPDATE, {"id": NONE}, "BAD_USER_INPUT", "input", id="a change of nothing"),
        pytest.param(UPDATE, {"id": NONE, "title": "x"}, "NOT_FOUND", "id", id="a change of nobody"),
        pytest.param(DELETE, {"id": to_global_id("Note", "n")}, "BAD_USER_INPUT", "id", id="a note as contact"),
        pytest.param(
            ENRICH,
            {"matchingIdentifiers": [], "contact": {}},
            "BAD_USER_INPUT",
            "matchingIdentifiers",
            id="nothing to match by",
        ),
        pytest.param(
            ENRICH,
            {"id": NONE, "matchingIdentifiers": [EMAIL], "contact": {}},
            "NOT_FOUND",
            "id",
            id="an id of nobody",
        ),
        pytest.param(
            ENRICH,
            {
                "matchingIdentifiers": [EMAIL],
                "contact": {},
                "fieldRules": [{"field": "firstName", "rule": "FILL"}],
            },
            "BAD_USER_INPUT",
            "fieldRules.firstName",
            id="a rule of lists for a value",
        ),
        pytest.param(ENRICH_MANY, {"requests": []}, "BAD_USER_INPUT", "requests", id="no requests"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_stored(
    api: Api, document: str, given: dict[str, object], code: str, field: str | None
) -> None:
    (error,) = await api.errors(document, input=given)
    assert (error["extensions"]["code"], error["extensions"].get("field")) == (code, field)
    assert await api.database["contacts"].count_documents({}) == 0
