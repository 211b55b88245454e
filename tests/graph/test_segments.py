"""Segments and outcomes: defined, changed, copied and deleted; and where sessions and customers show them."""

from typing import Any

import pytest

from tests.graph.conftest import Api

CREATE = """
mutation ($input: CreateSegmentInput!) {
  createSegment(input: $input) {
    segment {
      id displayName color scope isActive shouldDisplayToAgent version assignmentExpirationDays
      context { patterns { criteria { key values operator shouldIgnoreCase } } }
      journey { patterns { criteria { key values operator } count eventName streamType sessionType } }
      externalSegment { id name source }
    }
  }
}
"""
IN_THE_CART: dict[str, Any] = {"key": "page.url", "values": ["/cart"], "operator": "CONTAINS_ANY"}
CART: dict[str, Any] = {"criteria": [IN_THE_CART], "eventName": "page_viewed"}
NEWS = {"criteria": [{"key": "mktCampaign.source", "values": ["news"]}]}
SHOPPERS = {"displayName": "Shoppers", "journey": {"patterns": [CART]}}


async def created(api: Api, **fields: Any) -> dict[str, Any]:  # fields of the input
    segment: dict[str, Any] = (await api.ask(CREATE, input={**SHOPPERS, **fields}))["createSegment"]["segment"]
    return segment


async def visits_the_cart(api: Api) -> None:
    await api.happens("v", ago=60, context={"page": {"url": "https://shop.example/?utm_source=news"}})
    await api.happens("v", context={"page": {"url": "https://shop.example/cart"}})


async def test_a_segment_comes_back_as_it_was_defined(api: Api) -> None:
    segment = await created(api, color="#AABBCC", context={"patterns": [NEWS]}, assignmentExpirationDays=30)
    assert (segment["displayName"], segment["color"], segment["version"]) == ("Shoppers", "#aabbcc", 1)
    assert (segment["scope"], segment["isActive"], segment["assignmentExpirationDays"]) == ("SESSION", True, 30)
    news = {**NEWS["criteria"][0], "operator": "EQUAL", "shouldIgnoreCase": False}
    assert segment["context"] == {"patterns": [{"criteria": [news]}]}
    assert segment["journey"] == {"patterns": [{**CART, "count": 1, "streamType": "Web", "sessionType": "web"}]}


async def test_sessions_and_customers_show_the_segments_that_they_are_in(api: Api) -> None:
    await created(api)
    await created(api, displayName="Customers with a cart", scope="CUSTOMER")
    await visits_the_cart(api)
    assigned = "segmentAssignments { segment { displayName } event { page { url } } session { shortId } }"
    (session,) = (await api.ask(f"{{ sessions {{ nodes {{ {assigned} contact {{ {assigned} }} }} }} }}"))["sessions"][
        "nodes"
    ]
    (of_session,), (of_customer,) = session["segmentAssignments"], session["contact"]["segmentAssignments"]
    assert of_session["segment"] == {"displayName": "Shoppers"}
    assert of_session["event"] == {"page": {"url": "https://shop.example/cart"}}
    assert of_customer["segment"] == {"displayName": "Customers with a cart"}
    assert (of_session["session"] is None, of_customer["session"] is None) == (False, True)


async def test_a_changed_segment_counts_its_version_up_and_keeps_what_is_left_out(api: Api) -> None:
    segment = await created(api)
    update = """mutation ($input: UpdateSegmentInput!) { updateSegment(input: $input) {
      segment { version isActive journey { patterns { eventName } } context { patterns { criteria { key } } } } } }"""
    wanted = {"id": segment["id"], "isActive": False, "context": {"patterns": [NEWS]}}
    changed = (await api.ask(update, input=wanted))["updateSegment"]["segment"]
    assert (changed["version"], changed["isActive"]) == (2, False)
    assert changed["journey"] == {"patterns": [{"eventName": "page_viewed"}]}
    assert changed["context"] == {"patterns": [{"criteria": [{"key": "mktCampaign.source"}]}]}
    await visits_the_cart(api)
    nodes = (await api.ask("{ sessions { nodes { segmentAssignments { assignedDate } } } }"))["sessions"]["nodes"]
    assert nodes == [{"segmentAssignments": []}]


@pytest.mark.parametrize("kind", ["Segment", "Outcome"])
async def test_a_copy_is_not_active_and_a_deleted_definition_is_gone(kind: str, api: Api) -> None:
    create = f"mutation ($i: Create{kind}Input!) {{ create{kind}(input: $i) {{ one: {kind.lower()} {{ id }} }} }}"
    made = (await api.ask(create, i={**SHOPPERS}))[f"create{kind}"]["one"]
    named = "one: " + kind.lower()
    copy = f"mutation ($i: {kind}Input!) {{ duplicate{kind}(input: $i) {{ {named} {{ displayName isActive }} }} }}"
    copies = [(await api.ask(copy, i=made))[f"duplicate{kind}"]["one"] for _ in range(2)]
    assert [one["displayName"] for one in copies] == ["Shoppers (copy)", "Shoppers (copy 2)"]
    assert not any(one["isActive"] for one in copies)
    delete = f"mutation ($i: {kind}Input!) {{ delete{kind}(input: $i) {{ {named} {{ id }} }} }}"
    assert (await api.ask(delete, i=made))[f"delete{kind}"]["one"] == made
    (error,) = await api.errors(delete, i=made)
    assert error["extensions"]["code"] == "NOT_FOUND"
    names = (await api.ask(f"{{ {kind.lower()}s {{ displayName }} }}"))[f"{kind.lower()}s"]
    assert [one["displayName"] for one in names] == ["Shoppers (copy)", "Shoppers (copy 2)"]


async def test_segments_are_found_by_their_name_in_any_case(api: Api) -> None:
    await created(api)
    await created(api, displayName="Readers", description="Of the shop's blog")
    found = await api.ask('{ segments(search: "SHOP") { displayName } none: segments(search: "x") { displayName } }')
    assert [one["displayName"] for one in found["segments"]] == ["Shoppers", "Readers"]
    assert found["none"] == []


async def test_an_external_segment_has_no_conditions(api: Api) -> None:
    external = {"id": "77", "name": "Loyal", "source": "CUSTOM"}
    segment = await created(api, journey=None, externalSegment=external)
    assert (segment["externalSegment"], segment["journey"]) == (external, None)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param({"journey": None}, "journey", id="no condition at all"),
        pytest.param({"color": "blue"}, "color", id="no colour"),
        pytest.param({"displayName": " "}, "displayName", id="no name"),
        pytest.param({"assignmentExpirationDays": -1}, "assignmentExpirationDays", id="days before it began"),
        pytest.param(
            {"journey": {"patterns": [{"criteria": [{"key": "page.colour", "values": ["red"]}]}]}},
            "journey.patterns[0].criteria[0].key",
            id="unknown key of events",
        ),
        pytest.param(
            {"context": {"patterns": [{"criteria": [{"key": "page.url", "values": ["/"]}]}]}},
            "context.patterns[0].criteria[0].key",
            id="a key of events in the context",
        ),
        pytest.param(
            {"journey": {"patterns": [{**CART, "criteria": [{**IN_THE_CART, "values": []}]}]}},
            "journey.patterns[0].criteria[0].values",
            id="nothing to compare with",
        ),
        pytest.param(
            {"journey": {"patterns": [{**CART, "count": -1}]}}, "journey.patterns[0].count", id="count below 0"
        ),
        pytest.param(
            {"externalSegment": {"id": "1", "name": "n", "source": "CUSTOM"}}, "externalSegment", id="external, and not"
        ),
    ],
)
async def test_a_definition_that_makes_no_sense_is_refused_by_its_field(
    fields: dict[str, Any], field: str, api: Api
) -> None:
    (error,) = await api.errors(CREATE, input={**SHOPPERS, **fields})
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["field"] == field


async def test_an_outcome_can_ask_for_more_than_an_event(api: Api) -> None:
    create = """mutation ($input: CreateOutcomeInput!) { createOutcome(input: $input) { outcome {
      eventName journey { patterns { eventName count } } associatedValueField { name dataType } } } }"""
    twice = {"patterns": [{"eventName": "page_viewed", "count": 2}]}
    value = {"name": "attributes.total.value"}
    wanted = {"displayName": "Two pages", "journey": twice, "associatedValueField": value}
    outcome = (await api.ask(create, input=wanted))["createOutcome"]["outcome"]
    assert outcome["eventName"] is None
    assert outcome["journey"] == twice
    assert outcome["associatedValueField"] == {**value, "dataType": "NUMBER"}
    await visits_the_cart(api)
    (session,) = (await api.ask("{ sessions { nodes { outcomeAchievements { outcome { displayName } } } } }"))[
        "sessions"
    ]["nodes"]
    assert session["outcomeAchievements"] == [{"outcome": {"displayName": "Two pages"}}]
    (error,) = await api.errors(create, input={**wanted, "eventName": "page_viewed"})
    assert error["extensions"]["field"] == "eventName"
