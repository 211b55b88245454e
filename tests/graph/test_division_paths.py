"""Segments, curves, previews, models and the audit log tell who sees one division nothing of another."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.graph.test_segment_assignments import ASSIGN, UNASSIGN, external, names, shown
from tests.graph.test_segments import created
from tests.graph.two_divisions import APART, NORTH, SOUTH, World, contact, event, session, world_of

ADA, ANN, BOB, TABLET = map(contact, ("ada", "ann", "bob", "tablet"))
PAGES = {"patterns": [{"eventName": "page_viewed"}]}
THREE_PAGES = {"patterns": [{"eventName": "page_viewed", "count": 3}]}
SEGMENTS = (
    {"displayName": "Readers", "journey": PAGES},
    {"displayName": "Customers who read", "journey": PAGES, "scope": "CUSTOMER"},
    {"displayName": "Customers who read a lot", "journey": THREE_PAGES, "scope": "CUSTOMER"},
)
ASSIGNED = "segmentAssignments { assignedDate expiresDate segment { displayName } session { id } event { id } }"
PREVIEWED = """{ sessionCount matchedSessionCount contactCount matchedContactCount eventCount isComplete
    days { date sessionCount matchedSessionCount } examples { id } }"""
MODEL = """isRejected sessionCount achievedCount status pageGroups featureImportance { feature } drift { status }
    calibration { count }"""
PATHS = {
    "the segments of a journey": f'{{ journey(contactId: "{ADA}") {{ {ASSIGNED} }} }}',
    "the segments of a contact": f'{{ contact(id: "{ADA}") {{ {ASSIGNED} }} }}',
    "the segments of visits": f"{{ sessions {{ nodes {{ {ASSIGNED} events {{ nodes {{ id {ASSIGNED} }} }} }} }} }}",
    "who is in a segment": "query($reads: ID!) { contacts(filter: {segmentId: $reads}) { nodes { id } } }",
    "who is in another": "query($reads_a_lot: ID!) { contacts(filter: {segmentId: $reads_a_lot}) { nodes { id } } }",
    "the curves of visits": """query($outcome: ID!) { sessions { nodes { predictionHistory(outcomeId: $outcome) {
        nodes { createdDate sequence probability event { id } } pageInfo { hasNextPage } } } } }""",
    "every model": f"{{ outcomes {{ model {{ {MODEL} }} models {{ nodes {{ {MODEL} }} }} }} }}",
    "a preview of a segment": f"""{{ previewSegment(input: {{days: 2, journey: {{patterns: [
        {{eventName: "page_viewed"}}]}}}}) {PREVIEWED} }}""",
    "a preview of customers": f"""{{ previewSegment(input: {{days: 2, scope: CUSTOMER, journey: {{patterns: [
        {{eventName: "page_viewed", count: 2}}]}}}}) {PREVIEWED} }}""",
    "a preview of an outcome": f"""{{ previewOutcome(input: {{days: 2, eventName: "order_completed"}})
        {PREVIEWED} }}""",
}


async def segmented(world: World) -> dict[str, str]:
    """Define segments, have Ada come into them on each site, and return the ids of what is defined."""
    ids = [(await created(world.api, **segment))["id"] for segment in SEGMENTS]
    for division, seconds in ((SOUTH, (18, 19)), (NORTH, (20, 21))):
        if division in world.tokens:
            for second in seconds:
                await world.happens(division, "ada", second)
    (outcome,) = (await world.ask("all", "{ outcomes { id } }"))["outcomes"]
    return {"outcome": outcome["id"], "reads": ids[1], "reads_a_lot": ids[2]}


Known = tuple[World, dict[str, str]]


@pytest.fixture(scope="module")
async def both(mongodb_url: str) -> AsyncIterator[Known]:
    """Both divisions."""
    async with world_of(mongodb_url, NORTH, SOUTH) as world:
        yield world, await segmented(world)


@pytest.fixture(scope="module")
async def alone(mongodb_url: str) -> AsyncIterator[Known]:
    """The north alone."""
    async with world_of(mongodb_url, NORTH) as world:
        yield world, await segmented(world)


async def told(known: Known, who: str, document: str) -> dict[str, Any]:
    """Return the `data` that somebody gets, with the ids of what is defined for variables."""
    world, ids = known
    return await world.ask(who, document, **{name: id_ for name, id_ in ids.items() if f"${name}:" in document})


@pytest.mark.parametrize("name", PATHS)
async def test_it_is_told_as_if_there_were_no_other_division(name: str, both: Known, alone: Known) -> None:
    assert await told(both, NORTH, PATHS[name]) == await told(alone, NORTH, PATHS[name])


@pytest.mark.parametrize("name", [name for name in PATHS if name not in {"who is in a segment", "every model"}])
async def test_who_sees_all_divisions_is_told_more(name: str, both: Known, alone: Known) -> None:
    seen = await told(both, "all", PATHS[name])
    if name == "who is in another":  # two pages on each site are no three on one
        assert seen == {"contacts": {"nodes": []}}
    else:
        assert seen != await told(alone, "all", PATHS[name])


async def test_a_customer_is_in_a_segment_for_each_division_since_its_own_visits(both: Known) -> None:
    document, read = PATHS["the segments of a contact"], "Customers who read"
    found = {who: (await told(both, who, document))["contact"]["segmentAssignments"] for who in (NORTH, SOUTH, "all")}
    assert [[one["segment"]["displayName"] for one in listed] for listed in found.values()] == [[read]] * 3
    assert found[NORTH][0]["event"] == {"id": event(NORTH, "ada", 20)}
    assert found[SOUTH][0]["event"] == found["all"][0]["event"] == {"id": event(SOUTH, "ada", 18)}


LOG = "query($id: ID!) { auditLog(contactId: $id) { nodes { action details contactIds } } }"


async def test_what_is_done_with_visits_is_told_by_the_audit_log_to_who_sees_them(mongodb_url: str) -> None:
    async with world_of(mongodb_url, NORTH, SOUTH) as world:
        hot, loyal = await external(world.api, "Hot", scope="SESSION"), await external(world.api)
        ours, theirs = session(NORTH, "ada", 0), session(SOUTH, "tablet", 4, "identify")

        async def log(who: str, id_: str) -> list[str]:
            nodes = (await world.ask(who, LOG, id=id_))["auditLog"]["nodes"]
            return [one["action"] for one in nodes if "segmentIds" in one["details"] or "sessionId" in one["details"]]

        link = f'linkSession(input: {{sessionId: "{theirs}", contactId: "{ANN}"}}) {{ session {{ id }} }}'
        await world.ask("all", f"mutation {{ {link} }}")
        await world.ask("all", f'mutation {{ unlinkSession(input: {{sessionId: "{theirs}"}}) {{ session {{ id }} }} }}')
        assert (await log("all", ANN), await log(SOUTH, ANN)) == (["UNLINKED", "LINKED"], ["UNLINKED", "LINKED"])
        assert await log(NORTH, ANN) == []

        await world.ask("all", ASSIGN, input={"sessionId": theirs, "segments": [{"segmentId": hot}]})
        assert [await log(who, TABLET) for who in (SOUTH, NORTH)] == [["ASSIGNED", "UNLINKED", "LINKED"], []]
        await world.ask(NORTH, ASSIGN, input={"sessionId": ours, "segments": [{"segmentId": hot}]})
        assert [await log(who, ADA) for who in (NORTH, SOUTH)] == [["ASSIGNED"], []]

        await world.ask(SOUTH, ASSIGN, input={"contactId": BOB, "segments": [{"segmentId": loyal}]})
        await world.ask("all", UNASSIGN, input={"contactId": BOB, "segmentIds": [loyal]})
        assert [await log(who, BOB) for who in (SOUTH, NORTH)] == [["UNASSIGNED", "ASSIGNED"], []]
        await world.ask("all", ASSIGN, input={"contactId": BOB, "segments": [{"segmentId": loyal}]})
        assert await log(NORTH, BOB) == ["ASSIGNED"], "for everybody"


async def test_what_the_audit_log_does_not_know_the_division_of_is_for_who_sees_all(mongodb_url: str) -> None:
    async with world_of(mongodb_url, NORTH, SOUTH) as world:
        await world.ask(
            NORTH,
            ASSIGN,
            input={
                "sessionId": session(NORTH, "ada", 0),
                "segments": [{"segmentId": await external(world.api, "Hot", scope="SESSION")}],
            },
        )
        await world.api.database["auditLog"].update_many({}, {"$unset": {"details.divisionIds": ""}})
        actions = {who: str((await world.ask(who, LOG, id=ADA))["auditLog"]["nodes"]) for who in (NORTH, "all")}
        assert ("ASSIGNED" in actions[NORTH], "ASSIGNED" in actions["all"]) == (False, True)


async def test_an_organization_shows_those_of_its_customers_alone_that_are_seen(mongodb_url: str) -> None:
    async with world_of(mongodb_url, NORTH, SOUTH, environ=APART) as world:
        create = 'createExternalOrganization(input: {name: "Shop"}) { externalOrganization { id } }'
        made = await world.ask("all", f"mutation {{ {create} }}")
        shop = made["createExternalOrganization"]["externalOrganization"]["id"]
        join = """mutation($id: ID!, $shop: ID!) {
            updateContact(input: {id: $id, externalOrganizationId: $shop}) { contact { id } } }"""
        for id_ in (ANN, BOB):
            await world.ask("all", join, id=id_, shop=shop)
        document = "query($id: ID!) { externalOrganization(id: $id) { contacts { nodes { id } } } }"
        for who, seen in ((NORTH, {ANN}), (SOUTH, {BOB}), ("all", {ANN, BOB})):
            found = (await world.ask(who, document, id=shop))["externalOrganization"]["contacts"]["nodes"]
            assert {one["id"] for one in found} == seen, who


async def test_a_division_sees_what_was_assigned_for_it_and_for_everybody(mongodb_url: str) -> None:
    async with world_of(mongodb_url, NORTH, SOUTH) as world:
        loyal, wholesale = await external(world.api), await external(world.api, "Wholesale")

        async def told(who: str, document: str = ASSIGN, **wanted: object) -> list[str]:
            (payload,) = (await world.ask(who, document, input={"contactId": ADA, **wanted})).values()
            return names(shown(payload))

        async def seen() -> dict[str, list[str]]:
            asked = f'{{ one: contact(id: "{ADA}") {{ {ASSIGNED} }} }}'
            return {who: names((await world.ask(who, asked))["one"]["segmentAssignments"]) for who in world.tokens}

        assert await told("all", segments=[{"segmentId": loyal}]) == ["Loyal"]
        assert await told(NORTH, segments=[{"segmentId": wholesale}]) == ["Loyal", "Wholesale"]
        assert await seen() == {"all": ["Loyal", "Wholesale"], NORTH: ["Loyal", "Wholesale"], SOUTH: ["Loyal"]}
        listed = "query ($filter: ContactFilter) { contacts(filter: $filter) { nodes { id } } }"
        for who, id_, number in ((NORTH, loyal, 1), (SOUTH, loyal, 1), (NORTH, wholesale, 1), (SOUTH, wholesale, 0)):
            nodes = (await world.ask(who, listed, filter={"segmentId": id_}))["contacts"]["nodes"]
            assert len(nodes) == number, (who, id_)
        assert await told(SOUTH, UNASSIGN, segmentIds=[wholesale]) == ["Loyal"]
        assert await told(SOUTH, segments=[{"segmentId": wholesale}]) == ["Loyal", "Wholesale"]
        assert await told(NORTH, UNASSIGN, segmentIds=[wholesale, loyal]) == []
        assert await seen() == {"all": ["Wholesale"], NORTH: [], SOUTH: ["Wholesale"]}


async def test_a_contact_or_session_that_is_hidden_is_not_there(mongodb_url: str) -> None:
    async with world_of(mongodb_url, NORTH, SOUTH, environ=APART) as world:
        loyal = await external(world.api)
        hot = await external(world.api, "Hot lead", scope="SESSION")
        for field, id_, segment in (
            ("contactId", contact("bob"), loyal),
            ("sessionId", session(SOUTH, "bob", 5, "identify"), hot),
        ):
            wanted = {field: id_, "segments": [{"segmentId": segment}]}
            assert "errors" not in await world.post("all", ASSIGN, input=wanted)
            (error,) = (await world.post(NORTH, ASSIGN, input=wanted))["errors"]
            assert (error["extensions"]["code"], error["extensions"]["field"]) == ("NOT_FOUND", field)
