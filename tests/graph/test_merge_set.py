"""A customer of several contacts, read as one: whichever contact is asked, and what joined them."""

from datetime import timedelta
from typing import Any

import pytest

from gateway.graph.node import from_global_id, to_global_id
from gateway.journey.contact import contact_id_of
from gateway.journey.identity import Cause, Edge, Rule, merge_edges, undone
from gateway.journey.ids import derive_id
from gateway.storage.database import Row
from gateway.storage.identity.edges import Attachment, attach, detach
from tests.graph.conftest import Api
from tests.graph.test_command_count import counted, sent_for

EMAIL = "ada@shop.example"
CONTACT = """query($id: ID!) { contact(id: $id) {
    id kind type displayName firstName lastName sessionCount presence createdDate
    identifiers { type value verified contact { id } }
    sessions { nodes { id customerId contact { id } } } latestSession { customerId }
    journey { sessions { nodes { id } } events { nodes { eventName contact { id } session { customerId } } }
        predictions { probability } outcomeAchievements { session { customerId } } }
    notes { nodes { noteText } } externalOrganization { name } address { city } customFields
    canonicalContact { id } mergeSet { id } mergedTo { id } mergedFrom { id }
    links { kind rule evidence madeBy undoneBy child { id } parent { id } mergeId } } }"""
PATH = """query($id: ID!) { contact(id: $id) { identityPath {
    kind sentence rule evidence madeBy date contact { id } session { customerId } } } }"""


def id_of(visitor: str) -> str:
    """Return the id that clients see of a visitor's contact."""
    return to_global_id("Contact", contact_id_of("cookie", visitor))


async def read(api: Api, visitor: str) -> dict[str, Any]:
    """Return a visitor's contact as clients read it."""
    contact: dict[str, Any] = (await api.ask(CONTACT, id=id_of(visitor)))["contact"]
    return contact


async def at_the_desktop_and_the_tablet(api: Api) -> None:
    """Visit from two devices, and tell the same e-mail address at both."""
    await api.happens("desktop", ago=70)
    await api.happens("desktop", ago=60)
    await api.happens("desktop", "identify", ago=50, traits={"email": EMAIL, "firstName": "Ada"})
    await api.happens("tablet", ago=20)
    await api.happens("tablet", "identify", ago=10, traits={"email": EMAIL.upper(), "lastName": "King"})


async def test_the_same_email_on_desktop_and_tablet_puts_both_visits_under_one_profile(api: Api) -> None:
    """A18, and C4: once identified, all that was tracked is associated with the customer."""
    await at_the_desktop_and_the_tablet(api)
    customer = await read(api, "desktop")
    assert [session["customerId"] for session in customer["sessions"]["nodes"]] == ["tablet", "desktop"]
    names = [event["eventName"] for event in customer["journey"]["events"]["nodes"]]
    assert names == ["user_identified", "page_viewed", "user_identified", "page_viewed", "page_viewed"]
    assert {event["contact"]["id"] for event in customer["journey"]["events"]["nodes"]} == {id_of("desktop")}
    assert {session["contact"]["id"] for session in customer["sessions"]["nodes"]} == {id_of("desktop")}
    assert (customer["sessionCount"], customer["presence"]) == (2, "LIVE")
    assert customer["latestSession"]["customerId"] == "tablet"
    assert customer["displayName"] == "Ada King"
    assert customer["kind"] == "IDENTIFIED"


async def test_an_alias_is_told_by_its_id_and_names_who_stands_for_it(api: Api) -> None:
    await at_the_desktop_and_the_tablet(api)
    customer, alias = await read(api, "desktop"), await read(api, "tablet")
    assert alias["id"] == id_of("tablet")
    assert alias["canonicalContact"]["id"] == alias["mergedTo"]["id"] == id_of("desktop")
    assert [session["customerId"] for session in alias["sessions"]["nodes"]] == ["tablet"]
    assert (alias["displayName"], alias["sessionCount"]) == ("King", 1)
    assert customer["canonicalContact"]["id"] == id_of("desktop")
    assert customer["mergedTo"] is None
    assert [contact["id"] for contact in customer["mergedFrom"]] == [id_of("tablet")]
    both = [{"id": id_of("desktop")}, {"id": id_of("tablet")}]
    assert customer["mergeSet"] == alias["mergeSet"] == both
    assert customer["links"] == alias["links"]


async def test_each_identifier_is_told_once_with_the_contact_that_holds_it(api: Api) -> None:
    await at_the_desktop_and_the_tablet(api)
    held = {(one["type"], one["value"], one["contact"]["id"]) for one in (await read(api, "desktop"))["identifiers"]}
    assert held == {
        ("COOKIE", "desktop", id_of("desktop")),
        ("COOKIE", "tablet", id_of("tablet")),
        ("EMAIL", EMAIL, id_of("desktop")),
    }


@pytest.mark.parametrize(("kind", "value"), [("EMAIL", EMAIL), ("COOKIE", "tablet"), ("COOKIE", "desktop")])
async def test_an_identifier_finds_the_customer_whoever_of_its_contacts_holds_it(
    kind: str, value: str, api: Api
) -> None:
    await at_the_desktop_and_the_tablet(api)
    found = await api.ask(f'{{ contactByIdentifier(type: {kind}, value: "{value}") {{ id }} }}')
    assert found["contactByIdentifier"]["id"] == id_of("desktop")
    assert await api.ask('{ contactByIdentifier(type: EMAIL, value: "no address") { id } }') == {
        "contactByIdentifier": None
    }


async def test_everyone_who_may_have_an_identifier_is_a_candidate_with_reasons(api: Api) -> None:
    """D5: other candidates are offered; two people with different ids share a telephone number."""
    shared = {"phone": "+1 803 212 0000"}
    await api.happens("alexis", "identify", ago=9, userId="u-alexis", traits=shared)
    await api.happens("david", "identify", ago=5, userId="u-david", traits=shared)
    await at_the_desktop_and_the_tablet(api)
    document = """query($type: IdentifierType!, $value: String!) { contactCandidates(type: $type, value: $value) {
        contact { id } canonicalContact { id } kind reasons } }"""
    found = (await api.ask(document, type="PHONE", value="803-212-0000"))["contactCandidates"]
    assert [one["contact"]["id"] for one in found] == [id_of("alexis"), id_of("david")]
    assert all(len(one["reasons"]) == 2 for one in found)
    assert found[1]["reasons"][0].startswith("Holds the same Phone since")
    (ada,) = (await api.ask(document, type="EMAIL", value=EMAIL))["contactCandidates"]
    assert (ada["canonicalContact"]["id"], ada["kind"]) == (id_of("desktop"), "IDENTIFIED")
    assert (await api.ask(document, type="PHONE", value="nothing"))["contactCandidates"] == []


async def test_the_path_of_identity_gives_every_reason_after_what_it_rests_on(api: Api) -> None:
    await at_the_desktop_and_the_tablet(api)
    path = (await api.ask(PATH, id=id_of("desktop")))["contact"]["identityPath"]
    told = [(step["kind"], step["contact"]["id"]) for step in path]
    desktop, tablet = id_of("desktop"), id_of("tablet")
    kinds = ["CONTACT", "IDENTIFIER", "IDENTIFIER", "SESSION"]
    assert told == [*((kind, desktop) for kind in kinds), *((kind, tablet) for kind in kinds)]
    joined = path[4]
    assert (joined["rule"], joined["madeBy"]) == ("IDENTIFIER", "gateway")
    assert (joined["evidence"]["type"], joined["evidence"]["value"]) == ("Email", EMAIL)
    assert joined["sentence"].endswith(f"both have the Email {EMAIL}, which was claimed.")
    assert path[3]["session"]["customerId"] == "desktop"


async def merged(api: Api, *visitors: str) -> list[Edge]:
    """Merge the contacts of these visitors below a new contact, the head, and return the edges."""
    rows = [await stored(api, visitor) for visitor in visitors]
    head: Row = {"_id": "head", "type": "CURATED", "sessionCount": 0, "identifiers": [], "firstName": "Augusta"}
    dates = {name: min(row[name] for row in rows) for name in ("createdDate", "modifiedDate")}
    await api.database["contacts"].insert_one(head | dates)
    cause = Cause(Rule.AGENT, "Grace", api.started)
    edges = list(merge_edges("merge-1", "head", [row["_id"] for row in rows], cause))
    async with api.database.client.start_session() as session, await session.start_transaction():
        await attach(api.database, [Attachment(edge) for edge in edges], session)
    return edges


async def stored(api: Api, visitor: str) -> Row:
    row = await api.database["contacts"].find_one({"_id": contact_id_of("cookie", visitor)})
    assert row is not None
    return row


async def test_the_head_of_a_merge_reads_and_explains_all_of_its_merge_tree(api: Api) -> None:
    """D19: canonicalContact, mergeSet, mergedFrom and mergedTo; D21: whatever is linked, however deep."""
    await at_the_desktop_and_the_tablet(api)
    await api.happens("telephone", "identify", ago=5, traits={"name": "Countess Lovelace", "title": "Countess"})
    edges = await merged(api, "desktop", "telephone")
    customer = (await api.ask(CONTACT, id=to_global_id("Contact", "head")))["contact"]
    assert (customer["kind"], customer["type"], customer["sessionCount"]) == ("CANONICAL", "CURATED", 3)
    assert customer["firstName"] == "Augusta"
    assert customer["lastName"] == "Lovelace"
    sessions = [session["customerId"] for session in customer["sessions"]["nodes"]]
    assert sorted(sessions) == ["desktop", "tablet", "telephone"]
    assert {contact["id"] for contact in customer["mergedFrom"]} == {id_of("desktop"), id_of("telephone")}
    assert sorted(one["kind"] for one in customer["links"]) == ["LINK", "MERGE", "MERGE"]
    tablet = await read(api, "tablet")
    assert tablet["canonicalContact"]["id"] == customer["id"]
    assert tablet["mergedTo"]["id"] == id_of("desktop")
    assert len(tablet["mergeSet"]) == 4
    assert (await read(api, "desktop"))["kind"] == "IDENTIFIED"
    async with api.database.client.start_session() as session, await session.start_transaction():
        at = api.started + timedelta(seconds=1)
        await detach(api.database, [undone(edge, "Grace", at) for edge in edges], session)
    desktop = await read(api, "desktop")
    assert {session["customerId"] for session in desktop["sessions"]["nodes"]} == {"desktop", "tablet"}
    assert desktop["canonicalContact"]["id"] == id_of("desktop")
    assert "Grace" in {one["undoneBy"] for one in desktop["links"]}


async def test_pages_go_through_the_merge_set_in_one_order(api: Api) -> None:
    visitors = [f"v{number}" for number in range(30)]
    for number, visitor in enumerate(visitors):
        await api.happens(visitor, ago=4_000 - 10 * number)
        await api.happens(visitor, ago=2_000 - 10 * number)
    await merged(api, *visitors)
    document = """query($id: ID!, $after: String, $before: String, $first: Int, $last: Int) { contact(id: $id) {
        journey { events(first: $first, after: $after, last: $last, before: $before) {
            nodes { messageId createdDate } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }"""
    head = to_global_id("Contact", "head")
    forward: list[dict[str, Any]] = []
    backward: list[dict[str, Any]] = []
    after = before = None
    while True:
        page = (await api.ask(document, id=head, first=7, after=after))["contact"]["journey"]["events"]
        forward += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    while True:
        page = (await api.ask(document, id=head, last=7, before=before))["contact"]["journey"]["events"]
        backward = page["nodes"] + backward
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break
    assert forward == backward
    assert len(forward) == 60
    assert forward == sorted(forward, key=lambda event: str(event["createdDate"]), reverse=True)


async def test_a_session_filter_by_contact_holds_the_sessions_of_the_merge_set(api: Api) -> None:
    await at_the_desktop_and_the_tablet(api)
    document = "query($id: ID!) { sessions(filter: {contactId: $id}) { nodes { customerId } } }"
    found = (await api.ask(document, id=id_of("desktop")))["sessions"]["nodes"]
    assert {session["customerId"] for session in found} == {"desktop", "tablet"}


async def test_a_session_that_was_moved_tells_whose_it_was_before(api: Api) -> None:
    await api.happens("ada")
    await api.happens("bob")
    ada, bob = contact_id_of("cookie", "ada"), contact_id_of("cookie", "bob")
    moved = {"$set": {"contactId": bob, "formerContactId": ada}}
    await api.database["sessions"].update_one({"customerId": "ada"}, moved)
    (own,) = (await api.ask("{ sessions { nodes { customerId contact { id } formerContact { id } } } }"))["sessions"][
        "nodes"
    ][1:]
    assert (own["contact"]["id"], own["formerContact"]["id"]) == (id_of("bob"), id_of("ada"))


LEVELS = {
    "what a list shows": (
        "{ contacts(first: %d) { nodes { displayName sessionCount identifiers { value contact { id } } } } }",
        ["aggregate contacts", "find contacts"],
    ),
    "lists of many": (
        """{ contacts(first: %d) { nodes { sessions { nodes { id } } journey { events { nodes { id } } }
            presence latestSession { id } notes { nodes { id } } } } }""",
        ["aggregate contacts", "find contacts", *("aggregate 1",) * 4],
    ),
    "who they are": (
        "{ contacts(first: %d) { nodes { kind mergeSet { id } mergedFrom { id } links { kind } } } }",
        ["aggregate contacts", *("find contacts",) * 2, "find identityEdges"],
    ),
    "whose sessions they are": (
        "{ sessions(first: %d) { nodes { contact { id displayName } } } }",
        ["aggregate sessions", *("find contacts",) * 3],  # their contacts, the roots of these, and what is below those
    ),
    "why": (
        "{ contacts(first: %d) { nodes { identityPath { sentence contact { id } session { id } } } } }",
        [
            "aggregate contacts",
            *("find contacts", "find identityEdges", "aggregate 1", "find sessionLinks"),
            *("find contacts", "find sessions"),  # of the steps
        ],
    ),
}


@pytest.mark.parametrize("name", LEVELS)
async def test_merge_sets_cost_one_command_more_a_level_however_many_there_are(name: str, mongodb_url: str) -> None:
    document, levels = LEVELS[name]
    async with counted(mongodb_url) as (api, commands):
        for number in range(12):
            email = f"customer{number % 4}@shop.example"
            await api.happens(f"v{number}", "identify", traits={"email": email})
        asked = [(await sent_for(api, commands, document % count))[0] for count in (2, 8)]
    assert [sorted(sent) for sent in asked] == [sorted(levels)] * 2


async def test_contacts_without_others_are_read_as_before(api: Api) -> None:
    await api.happens("alone", "identify", traits={"name": "Ada King"})
    contact = await read(api, "alone")
    assert contact["mergeSet"] == [{"id": id_of("alone")}]
    assert contact["mergedFrom"] == contact["links"] == []
    assert contact["displayName"] == "Ada King"
    assert from_global_id(contact["id"])[1] == derive_id("contact", "cookie", "alone")
