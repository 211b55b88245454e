"""External sources, and the links that lead to what they know."""

from typing import Any

import pytest

from gateway.graph.node import to_global_id
from tests.graph.conftest import Api
from tests.graph.test_organizations import created as created_organization

FIELDS = "id name active linkConfiguration { uriTemplate } createdDate modifiedDate"
CREATE = f"""mutation($input: CreateExternalSourceInput!) {{
    createExternalSource(input: $input) {{ externalSource {{ {FIELDS} }} }} }}"""
UPDATE = f"""mutation($input: UpdateExternalSourceInput!) {{
    updateExternalSource(input: $input) {{ externalSource {{ {FIELDS} }} }} }}"""
DELETE = f"""mutation($input: DeleteExternalSourceInput!) {{
    deleteExternalSource(input: $input) {{ externalSource {{ {FIELDS} }} }} }}"""
EXTERNAL_IDS = """query($id: ID!) { externalOrganization(id: $id) {
    externalIds { value url externalSource { name } } } }"""
LINK = {"uriTemplate": "https://crm.example/accounts/{{externalId.value}}"}
NONE = to_global_id("ExternalSource", "none")


async def created(api: Api, **wanted: object) -> dict[str, Any]:
    told = {"name": "CRM", **wanted}
    source: dict[str, Any] = (await api.ask(CREATE, input=told))["createExternalSource"]["externalSource"]
    return source


async def test_a_source_is_created_listed_and_found(api: Api) -> None:
    source = await created(api, name=" CRM ", linkConfiguration=LINK)
    assert (source["name"], source["active"], source["linkConfiguration"]) == ("CRM", True, LINK)
    other = await created(api, name="ERP", active=False)
    assert (other["active"], other["linkConfiguration"]) == (False, None)
    assert (await api.ask(f"{{ externalSources {{ {FIELDS} }} }}"))["externalSources"] == [source, other]
    node = await api.ask("query($id: ID!) { node(id: $id) { __typename } }", id=source["id"])
    assert node == {"node": {"__typename": "ExternalSource"}}


async def test_a_change_leaves_what_is_left_out_and_takes_the_link_away_where_it_is_null(api: Api) -> None:
    source = await created(api, linkConfiguration=LINK)
    renamed = (await api.ask(UPDATE, input={"id": source["id"], "name": "Old CRM", "active": False}))[
        "updateExternalSource"
    ]["externalSource"]
    assert renamed == {**source, "name": "Old CRM", "active": False, "modifiedDate": renamed["modifiedDate"]}
    without = await api.ask(UPDATE, input={"id": source["id"], "linkConfiguration": None})
    assert without["updateExternalSource"]["externalSource"]["linkConfiguration"] is None


async def test_an_external_id_leads_where_its_source_says_as_long_as_that_is_active(api: Api) -> None:
    source = await created(api, linkConfiguration=LINK)
    organization = await created_organization(api, externalIds=[{"externalSourceId": source["id"], "value": "A/1 ü?"}])

    async def told() -> dict[str, Any]:
        found = await api.ask(EXTERNAL_IDS, id=organization["id"])
        (external_id,) = found["externalOrganization"]["externalIds"]
        assert external_id.pop("value") == "A/1 ü?"
        return dict(external_id)

    url = "https://crm.example/accounts/A%2F1%20%C3%BC%3F"
    assert await told() == {"url": url, "externalSource": {"name": "CRM"}}
    await api.ask(UPDATE, input={"id": source["id"], "active": False})
    assert await told() == {"url": None, "externalSource": {"name": "CRM"}}
    await api.ask(DELETE, input={"id": source["id"]})
    assert await told() == {"url": None, "externalSource": None}


async def test_no_two_sources_have_the_same_name(api: Api) -> None:
    await created(api, name="CRM")
    other = await created(api, name="ERP")
    for document, wanted in ((CREATE, {"name": "CRM"}), (UPDATE, {"id": other["id"], "name": "CRM"})):
        (error,) = await api.errors(document, input=wanted)
        assert error["extensions"]["code"] == "NAME_TAKEN"
        assert "an external source named 'CRM' already" in error["message"]
    await api.ask(UPDATE, input={"id": other["id"], "name": "ERP", "active": False})


@pytest.mark.parametrize(
    ("document", "given", "code", "field"),
    [
        pytest.param(CREATE, {"name": " "}, "BAD_USER_INPUT", "name", id="no name"),
        pytest.param(CREATE, {"name": "x" * 201}, "BAD_USER_INPUT", "name", id="a name too long"),
        pytest.param(
            CREATE,
            {"name": "x", "linkConfiguration": {"uriTemplate": "https://crm.example/"}},
            "BAD_USER_INPUT",
            "linkConfiguration.uriTemplate",
            id="a link without a place for the id",
        ),
        pytest.param(UPDATE, {"id": NONE}, "BAD_USER_INPUT", "input", id="a change of nothing"),
        pytest.param(UPDATE, {"id": NONE, "active": None}, "BAD_USER_INPUT", "active", id="neither on nor off"),
        pytest.param(UPDATE, {"id": NONE, "active": True}, "NOT_FOUND", "id", id="no such source"),
        pytest.param(DELETE, {"id": NONE}, "NOT_FOUND", "id", id="nothing to delete"),
        pytest.param(DELETE, {"id": "x"}, "BAD_USER_INPUT", "id", id="no id"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_stored(
    api: Api, document: str, given: dict[str, object], code: str, field: str
) -> None:
    (error,) = await api.errors(document, input=given)
    assert (error["extensions"]["code"], error["extensions"].get("field")) == (code, field)
    assert await api.database["externalSources"].count_documents({}) == 0
