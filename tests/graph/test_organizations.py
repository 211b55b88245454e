"""External organizations and the relationships of our users with them."""

from typing import Any

import pytest

from gateway.graph.node import to_global_id
from tests.graph.conftest import Api

FIELDS = """id name companyType industry address { address1 address2 city state postalCode countryCode } phoneNumber
    faxNumber employeeCount revenue tags websites tickers { symbol exchange } twitterId externalSystemUrl
    externalIds { externalSource { name } value url } customFields createdDate modifiedDate"""
CREATE = f"""mutation($input: CreateExternalOrganizationInput!) {{
    createExternalOrganization(input: $input) {{ externalOrganization {{ {FIELDS} }} }} }}"""
UPDATE = f"""mutation($input: UpdateExternalOrganizationInput!) {{
    updateExternalOrganization(input: $input) {{ externalOrganization {{ {FIELDS} }} }} }}"""
DELETE = """mutation($input: DeleteExternalOrganizationInput!) {
    deleteExternalOrganization(input: $input) { externalOrganization { id name } } }"""
READ = f"query($id: ID!) {{ externalOrganization(id: $id) {{ {FIELDS} }} }}"
LIST = """query($first: Int, $after: String, $search: String) {
    externalOrganizations(first: $first, after: $after, search: $search) {
        nodes { name } pageInfo { hasNextPage endCursor } } }"""
RELATE = """mutation($input: CreateRelationshipInput!) { createRelationship(input: $input) {
    relationship { id userId relationship externalOrganization { name } } } }"""
RENAME_RELATIONSHIP = """mutation($input: UpdateRelationshipInput!) { updateRelationship(input: $input) {
    relationship { relationship } } }"""
UNRELATE = """mutation($input: DeleteRelationshipInput!) { deleteRelationship(input: $input) {
    relationship { id } } }"""
NONE = to_global_id("ExternalOrganization", "none")
ADDRESS = {
    "address1": "Gasse 1",
    "address2": "2. Stock",
    "city": "Zürich",
    "state": "ZH",
    "postalCode": "8000",
    "countryCode": "CH",
}
ACME: dict[str, object] = {
    "name": " Acme AG ",
    "companyType": "Customer",
    "industry": "Anvils",
    "address": ADDRESS,
    "phoneNumber": "+41 44 000 00 00",
    "faxNumber": "none, really",
    "employeeCount": 120,
    "revenue": 12_500_000_000.5,
    "tags": ["key account", "DACH", "key account"],
    "websites": ["https://acme.example"],
    "tickers": [{"symbol": "ACME", "exchange": "SIX"}],
    "twitterId": "@acme",
    "externalSystemUrl": "https://erp.example/acme",
    "customFields": {"tier": 1, "partner": True, "note": "x"},
}


async def created(api: Api, **wanted: object) -> dict[str, Any]:
    """Create an organization, and return it."""
    told = {"name": "Acme", **wanted}
    organization: dict[str, Any] = (await api.ask(CREATE, input=told))["createExternalOrganization"][
        "externalOrganization"
    ]
    return organization


async def names(api: Api, **wanted: object) -> list[str]:
    return [node["name"] for node in (await api.ask(LIST, **wanted))["externalOrganizations"]["nodes"]]


async def test_an_organization_is_created_with_everything_that_is_told(api: Api) -> None:
    organization = await created(api, **ACME)
    dates = {name: organization[name] for name in ("id", "createdDate", "modifiedDate")}
    assert organization == {**ACME, "name": "Acme AG", "tags": ["key account", "DACH"], "externalIds": [], **dates}
    assert (await api.ask(READ, id=organization["id"]))["externalOrganization"] == organization
    node = await api.ask("query($id: ID!) { node(id: $id) { __typename id } }", id=organization["id"])
    assert node["node"] == {"__typename": "ExternalOrganization", "id": organization["id"]}


async def test_a_change_leaves_what_is_left_out_and_takes_away_what_is_null(api: Api) -> None:
    organization = await created(api, **ACME)
    changes = {"industry": "Rockets", "employeeCount": None, "tags": None, "address": {"city": "Bern"}}
    changed = await api.ask(UPDATE, input={"id": organization["id"], **changes})
    now = changed["updateExternalOrganization"]["externalOrganization"]
    assert now["modifiedDate"] >= organization["modifiedDate"]
    city = {**dict.fromkeys(ADDRESS), "city": "Bern"}
    told = {**changes, "tags": [], "address": city, "modifiedDate": now["modifiedDate"]}
    assert now == {**organization, **told}


async def test_a_renamed_organization_is_found_by_its_new_name_only(api: Api) -> None:
    organization = await created(api, name="Acme")
    await api.ask(UPDATE, input={"id": organization["id"], "name": "Brand & Söhne"})
    assert await names(api, search="acme") == []
    assert await names(api, search="sohne bra") == ["Brand & Söhne"]


async def test_organizations_are_listed_and_found_in_the_order_of_their_names(api: Api) -> None:
    for name in ("beta Werke", "Alpha Werke", "Österreich Werke", "Gamma AG", "alpha"):
        await created(api, name=name)
    assert await names(api) == ["alpha", "Alpha Werke", "beta Werke", "Gamma AG", "Österreich Werke"]
    assert await names(api, search=" ") == await names(api)
    assert await names(api, search="werk") == ["Alpha Werke", "beta Werke", "Österreich Werke"]
    assert await names(api, search="WERKE, al") == ["Alpha Werke"]
    assert await names(api, search="oster") == ["Österreich Werke"]
    assert await names(api, search="?!") == await names(api, search="nobody") == []
    first = (await api.ask(LIST, first=2, search="werk"))["externalOrganizations"]
    assert first["pageInfo"]["hasNextPage"]
    assert await names(api, search="werk", after=first["pageInfo"]["endCursor"]) == ["Österreich Werke"]


async def test_contacts_belong_to_an_organization_until_it_is_deleted(api: Api) -> None:
    organization = await created(api)
    for visitor in ("ada", "bob"):
        await api.happens(visitor)
    found = await api.ask("{ contacts { nodes { id identifiers { value } } } }")
    (ada,) = (c for c in found["contacts"]["nodes"] if c["identifiers"][0]["value"] == "ada")
    stored = await api.database["externalOrganizations"].find_one()
    assert stored is not None
    await api.database["contacts"].update_one(
        {"identifiers.value": "ada"}, {"$set": {"externalOrganizationId": stored["_id"]}}
    )
    members = "query($id: ID!) { externalOrganization(id: $id) { contacts { nodes { id } } } }"
    assert (await api.ask(members, id=organization["id"]))["externalOrganization"]["contacts"]["nodes"] == [
        {"id": ada["id"]}
    ]
    whose = "query($id: ID!) { contact(id: $id) { externalOrganization { name } } }"
    assert (await api.ask(whose, id=ada["id"]))["contact"] == {"externalOrganization": {"name": "Acme"}}
    await api.ask(DELETE, input={"id": organization["id"]})
    assert (await api.ask(whose, id=ada["id"]))["contact"] == {"externalOrganization": None}
    contact = await api.database["contacts"].find_one({"identifiers.value": "ada"})
    assert contact is not None
    assert "externalOrganizationId" not in contact


async def test_a_deleted_organization_is_told_once_more_and_gone(api: Api) -> None:
    organization = await created(api)
    deleted = await api.ask(DELETE, input={"id": organization["id"]})
    told = {"externalOrganization": {"id": organization["id"], "name": "Acme"}}
    assert deleted["deleteExternalOrganization"] == told
    assert (await api.ask(READ, id=organization["id"]))["externalOrganization"] is None
    (error,) = await api.errors(DELETE, input={"id": organization["id"]})
    assert error["extensions"] == {"code": "NOT_FOUND", "field": "id"}


async def test_a_relationship_is_created_changed_listed_and_deleted(api: Api) -> None:
    organization = await created(api)
    told = {"externalOrganizationId": organization["id"], "userId": "ada", "relationship": "Account Manager"}
    relationship = (await api.ask(RELATE, input=told))["createRelationship"]["relationship"]
    assert relationship == {
        "id": relationship["id"],
        "userId": "ada",
        "relationship": "Account Manager",
        "externalOrganization": {"name": "Acme"},
    }
    renamed = await api.ask(RENAME_RELATIONSHIP, input={"id": relationship["id"], "relationship": "Sponsor"})
    assert renamed["updateRelationship"] == {"relationship": {"relationship": "Sponsor"}}
    of_it = """query($id: ID!) { externalOrganization(id: $id) {
        relationships { nodes { userId relationship createdDate modifiedDate } } } }"""
    (listed,) = (await api.ask(of_it, id=organization["id"]))["externalOrganization"]["relationships"]["nodes"]
    assert (listed["userId"], listed["relationship"]) == ("ada", "Sponsor")
    node = await api.ask("query($id: ID!) { node(id: $id) { __typename } }", id=relationship["id"])
    assert node == {"node": {"__typename": "Relationship"}}
    await api.ask(UNRELATE, input={"id": relationship["id"]})
    assert (await api.ask(of_it, id=organization["id"]))["externalOrganization"]["relationships"]["nodes"] == []


async def test_a_user_has_a_relationship_with_an_organization_once(api: Api) -> None:
    organization = await created(api)
    told = {"externalOrganizationId": organization["id"], "userId": "ada", "relationship": "Sponsor"}
    await api.ask(RELATE, input=told)
    other = (await api.ask(RELATE, input={**told, "relationship": "Buyer"}))["createRelationship"]["relationship"]
    for document, wanted in (
        (RELATE, told),
        (RENAME_RELATIONSHIP, {"id": other["id"], "relationship": "Sponsor"}),
    ):
        (error,) = await api.errors(document, input=wanted)
        assert error["extensions"] == {"code": "CONFLICT", "field": "relationship"}
        assert "`relationship` is 'Sponsor'" in error["message"]


@pytest.mark.parametrize(
    ("document", "given", "code", "field"),
    [
        pytest.param(CREATE, {"name": " "}, "BAD_USER_INPUT", "name", id="no name"),
        pytest.param(CREATE, {"name": "x" * 1001}, "BAD_USER_INPUT", "name", id="a name too long"),
        pytest.param(
            CREATE, {"name": "x", "address": {"city": "x" * 101}}, "BAD_USER_INPUT", "address.city", id="a city"
        ),
        pytest.param(CREATE, {"name": "x", "revenue": -1}, "BAD_USER_INPUT", "revenue", id="a negative revenue"),
        pytest.param(CREATE, {"name": "x", "customFields": 7}, "BAD_USER_INPUT", "customFields", id="a number as map"),
        pytest.param(
            CREATE,
            {"name": "x", "externalIds": [{"externalSourceId": "x", "value": "1"}]},
            "BAD_USER_INPUT",
            "externalIds",
            id="no id of a source",
        ),
        pytest.param(
            CREATE,
            {"name": "x", "externalIds": [{"externalSourceId": to_global_id("ExternalSource", "x"), "value": "1"}]},
            "NOT_FOUND",
            "externalIds",
            id="no such source",
        ),
        pytest.param(CREATE, {}, "BAD_QUERY", None, id="without a name"),
        pytest.param(UPDATE, {"id": NONE}, "BAD_USER_INPUT", "input", id="a change of nothing"),
        pytest.param(UPDATE, {"id": NONE, "name": None}, "BAD_USER_INPUT", "name", id="a name taken away"),
        pytest.param(UPDATE, {"id": NONE, "name": "x"}, "NOT_FOUND", "id", id="no such organization"),
        pytest.param(DELETE, {"id": to_global_id("Note", "n")}, "BAD_USER_INPUT", "id", id="a note as organization"),
        pytest.param(
            RELATE,
            {"externalOrganizationId": NONE, "userId": "ada", "relationship": "x"},
            "NOT_FOUND",
            "externalOrganizationId",
            id="a relationship with nothing",
        ),
        pytest.param(
            RELATE,
            {"externalOrganizationId": NONE, "userId": "ada", "relationship": "x" * 101},
            "BAD_USER_INPUT",
            "relationship",
            id="a relationship too long",
        ),
        pytest.param(
            RENAME_RELATIONSHIP,
            {"id": to_global_id("Relationship", "none"), "relationship": "x"},
            "NOT_FOUND",
            "id",
            id="no such relationship",
        ),
        pytest.param(UNRELATE, {"id": to_global_id("Relationship", "none")}, "NOT_FOUND", "id", id="nothing to delete"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_stored(
    api: Api, document: str, given: dict[str, object], code: str, field: str | None
) -> None:
    (error,) = await api.errors(document, input=given)
    assert (error["extensions"]["code"], error["extensions"].get("field")) == (code, field)
    for collection in ("externalOrganizations", "relationships"):
        assert await api.database[collection].count_documents({}) == 0
