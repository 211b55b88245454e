"""Segments and outcomes: defined, changed, copied and deleted; and where sessions and customers show them."""

import asyncio
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


EXTERNAL = {"id": "77", "name": "Loyal", "source": "CUSTOM"}


async def test_an_external_segment_has_no_conditions_and_is_of_customers_unless_told_otherwise(api: Api) -> None:
    segment = await created(api, journey=None, externalSegment=EXTERNAL)
    assert (segment["externalSegment"], segment["journey"], segment["scope"]) == (EXTERNAL, None, "CUSTOMER")
    other = await created(api, displayName="Hot", journey=None, externalSegment=EXTERNAL, scope="SESSION")
    assert other["scope"] == "SESSION"
    journey = {"id": segment["id"], "journey": {"patterns": [CART]}}
    (error,) = await api.errors(UPDATE, input=journey)
    assert error["extensions"]["field"] == "externalSegment"


UPDATE = """mutation ($input: UpdateSegmentInput!) { updateSegment(input: $input) { segment {
  version displayName assignmentExpirationDays
  context { patterns { criteria { key } } } journey { patterns { eventName count } } } } }"""


async def test_changes_of_different_fields_at_once_are_all_made(api: Api) -> None:
    id_ = (await created(api))["id"]
    changes: list[dict[str, Any]] = [
        {"context": {"patterns": [NEWS]}},
        {"journey": {"patterns": [{**CART, "count": 2}]}},
        {"displayName": "Buyers"},
        {"assignmentExpirationDays": 7},
    ]
    await asyncio.gather(*(api.ask(UPDATE, input={"id": id_, **change}) for change in changes))
    (row,) = await api.database["segments"].find().to_list()
    assert (row["version"], row["displayName"], row["assignmentExpirationDays"]) == (5, "Buyers", 7)
    assert (len(row["context"]["patterns"]), row["journey"]["patterns"][0]["count"]) == (1, 2)


async def test_null_takes_the_end_of_assignments_away_and_nothing_else(api: Api) -> None:
    id_ = (await created(api, assignmentExpirationDays=7))["id"]
    nothing = {"displayName": None, "color": None, "journey": None, "isActive": None}
    changed = (await api.ask(UPDATE, input={"id": id_, "assignmentExpirationDays": None, **nothing}))["updateSegment"]
    assert (changed["segment"]["displayName"], changed["segment"]["assignmentExpirationDays"]) == ("Shoppers", None)
    (error,) = await api.errors(UPDATE, input={"id": id_, **nothing})
    assert error["extensions"]["field"] == "input"


async def test_of_several_with_the_same_name_at_once_one_is_defined_and_the_others_are_told(api: Api) -> None:
    answers = await asyncio.gather(*(api.post({"query": CREATE, "variables": {"input": SHOPPERS}}) for _ in range(5)))
    errors = [error for answer in answers for error in answer.json().get("errors", ())]
    assert [error["extensions"]["code"] for error in errors] == ["NAME_TAKEN"] * 4
    assert "a segment named 'Shoppers' already: choose another displayName" in errors[0]["message"]


async def test_several_copies_at_once_have_names_of_their_own(api: Api) -> None:
    id_ = (await created(api))["id"]
    copy = "mutation ($i: SegmentInput!) { duplicateSegment(input: $i) { segment { displayName } } }"
    copies = await asyncio.gather(*(api.ask(copy, i={"id": id_}) for _ in range(4)))
    names = sorted(one["duplicateSegment"]["segment"]["displayName"] for one in copies)
    assert names == ["Shoppers (copy 2)", "Shoppers (copy 3)", "Shoppers (copy 4)", "Shoppers (copy)"]


async def test_events_are_asked_for_in_whatever_spelling(api: Api) -> None:
    names = {"key": "eventName", "values": ["Order Completed", "orderCompleted", "Products Searched"]}
    part = {"key": "eventName", "values": ["Order C", "order_"], "operator": "STARTS_WITH"}
    patterns = [{"eventName": "Order Completed"}, {"criteria": [names]}, {"criteria": [part]}]
    await created(api, journey={"patterns": patterns})
    (row,) = await api.database["segments"].find().to_list()
    first, second, third = row["journey"]["patterns"]
    assert first["eventName"] == "order_completed"
    assert second["criteria"][0]["values"] == ["order_completed", "search_performed"]
    assert third["criteria"][0]["values"] == ["order_c", "order_"]
    for name in ("Order Completed", "Products Searched", "Order cancelled"):
        await api.happens("v", "track", event=name)
    (session,) = (await api.ask("{ sessions { nodes { segmentAssignments { segment { displayName } } } } }"))[
        "sessions"
    ]["nodes"]
    assert session["segmentAssignments"] == [{"segment": {"displayName": "Shoppers"}}]


async def test_an_outcome_is_achieved_by_an_event_that_was_named_in_words(api: Api) -> None:
    create = """mutation ($input: CreateOutcomeInput!) { createOutcome(input: $input) { outcome { eventName } } }"""
    wanted = {"displayName": "Order", "eventName": "Order Completed"}
    assert (await api.ask(create, input=wanted))["createOutcome"]["outcome"] == {"eventName": "order_completed"}
    await api.happens("v", "track", event="Order Completed")
    assert await api.database["sessions"].count_documents({"outcomeAchievements": {"$exists": True}}) == 1


async def test_an_outcome_that_is_changed_by_its_context_still_asks_for_its_event(api: Api) -> None:
    create = "mutation ($input: CreateOutcomeInput!) { createOutcome(input: $input) { outcome { id } } }"
    wanted = {"displayName": "Order", "eventName": "order_completed"}
    id_ = (await api.ask(create, input=wanted))["createOutcome"]["outcome"]["id"]
    update = """mutation ($input: UpdateOutcomeInput!) { updateOutcome(input: $input) { outcome {
      eventName journey { patterns { eventName } } context { patterns { criteria { key } } } } } }"""
    changed = await api.ask(update, input={"id": id_, "context": {"patterns": [NEWS]}})
    assert changed["updateOutcome"]["outcome"] == {
        "eventName": None,
        "journey": {"patterns": [{"eventName": "order_completed"}]},
        "context": {"patterns": [{"criteria": [{"key": "mktCampaign.source"}]}]},
    }


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
        pytest.param(
            {"journey": None, "externalSegment": {"id": "1", "name": " ", "source": "CUSTOM"}},
            "externalSegment.name",
            id="external, without a name",
        ),
        pytest.param({"displayName": "a\x1b[2J"}, "displayName", id="a name that clears the screen"),
        pytest.param({"description": "a\x00b"}, "description", id="a description with NUL"),
        pytest.param({"description": "x" * 2_001}, "description", id="a novel"),
        pytest.param(
            {"journey": {"patterns": [CART, {**CART, "count": 0}]}, "scope": "CUSTOMER"},
            "journey.patterns[1].count",
            id="never, of a customer",
        ),
        pytest.param({"journey": {"patterns": [{"eventName": "!?"}]}}, "journey.patterns[0].eventName", id="nameless"),
    ],
)
async def test_a_definition_that_makes_no_sense_is_refused_by_its_field(
    fields: dict[str, Any], field: str, api: Api
) -> None:
    (error,) = await api.errors(CREATE, input={**SHOPPERS, **fields})
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["field"] == field
    assert error["message"].isprintable()


async def test_a_segment_of_customers_cannot_be_changed_to_what_is_never_met(api: Api) -> None:
    id_ = (await created(api, scope="CUSTOMER"))["id"]
    never = {"patterns": [CART, {"eventName": "order_completed", "count": 0}]}
    (error,) = await api.errors(UPDATE, input={"id": id_, "journey": never})
    assert error["extensions"]["field"] == "journey.patterns[1].count"
    preview = "query ($input: PreviewSegmentInput!) { previewSegment(input: $input) { sessionCount } }"
    (error,) = await api.errors(preview, input={"scope": "CUSTOMER", "journey": never})
    assert error["extensions"]["field"] == "journey.patterns[1].count"


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
