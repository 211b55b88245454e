"""What can be asked: every type and field, over what really came in through the collector."""

from typing import Any

import pytest

from gateway.graph.node import to_global_id
from tests.graph.conftest import Api

SESSION = """
id shortId type presence authenticated ipAddress userAgentString searchTerms
browser { family version lang viewWidth viewHeight }
device { category type isMobile osFamily osVersion manufacturer screenWidth screenHeight }
geolocation { country countryName region regionName locality postalCode latitude longitude timezone }
referrer { url hostname domain pathname queryString fragment keywords medium name }
mktCampaign { source medium name term content clickId network }
lastPage { url title hostname domain pathname queryString fragment breadcrumb keywords lang }
lastEvent { id eventName createdDate }
eventCount pageviewCount screenviewCount durationInSeconds createdDate endedDate awayDate idleDate
contact { id }
"""
EVENT = """
id messageId eventName createdDate receivedDate sequence referrerUrl searchQuery attributes traits
page { url title } session { id } contact { id } outcomeAchievements { outcome { displayName } event { id } }
"""
PREDICTION = """
probability sessionMaxProbability quantile sessionMaxQuantile modifiedDate
outcome { displayName } session { id } model { id kind trainedDate sessionCount achievedCount }
"""
ACHIEVEMENT = "outcome { displayName } session { id } event { id eventName } achievedDate"
CONTACT = """
id type displayName firstName middleName lastName salutation title sessionCount presence
identifiers { type value verified createdDate } createdDate modifiedDate expiresDate latestSession { id }
"""


async def ada(shop: Api) -> dict[str, Any]:
    found = await shop.ask(
        '{ contactByIdentifier(type: EMAIL, value: " ADA@shop.example") { id latestSession { id } } }'
    )
    contact: dict[str, Any] = found["contactByIdentifier"]
    return contact


async def test_who_asks_is_told(shop: Api) -> None:
    assert await shop.ask("{ viewer { name role } }") == {"viewer": {"name": "first admin", "role": "admin"}}


async def test_a_contact_tells_who_the_customer_is(shop: Api) -> None:
    contact_id = (await ada(shop))["id"]
    contact = (await shop.ask("query($id: ID!) { contact(id: $id) {" + CONTACT + "} }", id=contact_id))["contact"]
    assert contact["type"] == "IDENTIFIED"
    assert (contact["displayName"], contact["firstName"], contact["lastName"]) == ("Ada King", "Ada", "King")
    assert {(i["type"], i["value"]) for i in contact["identifiers"]} == {
        ("COOKIE", "ada"),
        ("EXTERNAL_ID", "u-1"),
        ("EMAIL", "ada@shop.example"),
    }
    assert (contact["sessionCount"], contact["presence"]) == (2, "LIVE")


async def test_a_session_tells_the_visit(shop: Api) -> None:
    session_id = (await ada(shop))["latestSession"]["id"]
    session = (await shop.ask("query($id: ID!) { session(id: $id) {" + SESSION + "} }", id=session_id))["session"]
    assert (session["type"], session["presence"], session["endedDate"]) == ("web", "LIVE", None)
    assert (session["eventCount"], session["pageviewCount"], session["durationInSeconds"]) == (4, 1, 3)
    assert (session["browser"]["family"], session["browser"]["lang"]) == ("Chrome", "de-CH")
    assert (session["device"]["category"], session["device"]["osFamily"]) == ("desktop", "Windows")
    assert (session["referrer"]["medium"], session["referrer"]["domain"]) == ("search", "google.com")
    assert (session["mktCampaign"]["source"], session["mktCampaign"]["medium"]) == ("news", "referral")
    assert (session["lastPage"]["title"], session["lastPage"]["pathname"]) == ("Shoes", "/shoes")
    assert session["searchTerms"] == ["red shoes"]
    assert session["lastEvent"]["eventName"] == "order_completed"
    assert len(session["shortId"]) == 6


async def test_events_of_a_session_come_as_they_happened_with_what_the_site_told(shop: Api) -> None:
    session_id = (await ada(shop))["latestSession"]["id"]
    document = "query($id: ID!) { session(id: $id) { events { nodes {" + EVENT + "} } } }"
    events = (await shop.ask(document, id=session_id))["session"]["events"]["nodes"]
    assert [event["eventName"] for event in events] == [
        "page_viewed",
        "search_performed",
        "user_identified",
        "order_completed",
    ]
    assert [event["sequence"] for event in events] == [1, 2, 3, 4]
    assert events[1]["searchQuery"] == "red shoes"
    assert events[2]["traits"] == {"email": "Ada@Shop.Example", "name": "Ada King"}
    assert events[3]["attributes"] == {"total": 12.5, "items": ["a", 1]}
    assert events[3]["outcomeAchievements"] == [{"outcome": {"displayName": "Order"}, "event": {"id": events[3]["id"]}}]
    assert {event["session"]["id"] for event in events} == {session_id}


async def test_predictions_and_achievements_are_told_with_their_outcome_and_model(shop: Api) -> None:
    document = (
        "query($id: ID!) { session(id: $id) { predictions {"
        + PREDICTION
        + "} outcomeAchievements {"
        + ACHIEVEMENT
        + "} } }"
    )
    session_id = (await ada(shop))["latestSession"]["id"]
    session = (await shop.ask(document, id=session_id))["session"]
    (prediction,), (achieved,) = session["predictions"], session["outcomeAchievements"]
    assert 0 < prediction["probability"] <= prediction["sessionMaxProbability"] < 1
    assert (prediction["outcome"]["displayName"], prediction["model"]["kind"]) == ("Order", "BASE_RATE")
    assert (achieved["outcome"]["displayName"], achieved["event"]["eventName"]) == ("Order", "order_completed")
    assert prediction["session"]["id"] == achieved["session"]["id"] == session_id


async def test_a_journey_tells_everything_over_all_sessions(shop: Api) -> None:
    document = (
        """query($id: ID!) { journey(contactId: $id) { contact { displayName }
        sessions { nodes { pageviewCount } } events { nodes { eventName } }
        predictions { outcome { displayName } } outcomeAchievements {"""
        + ACHIEVEMENT
        + "} } }"
    )
    journey = (await shop.ask(document, id=(await ada(shop))["id"]))["journey"]
    assert journey["contact"]["displayName"] == "Ada King"
    assert len(journey["sessions"]["nodes"]) == 2
    assert [event["eventName"] for event in journey["events"]["nodes"]] == [
        "order_completed",
        "user_identified",
        "search_performed",
        "page_viewed",
        "page_viewed",
    ]
    assert [one["outcome"]["displayName"] for one in journey["predictions"]] == ["Order"]
    assert len(journey["outcomeAchievements"]) == 1


async def test_outcomes_are_told_with_the_model_that_serves(shop: Api) -> None:
    document = """{ outcomes { id displayName description isActive isPositive eventName version createdDate modifiedDate
        model { id kind trainedDate sessionCount achievedCount } } }"""
    (outcome,) = (await shop.ask(document))["outcomes"]
    assert (outcome["displayName"], outcome["eventName"], outcome["version"]) == ("Order", "order_completed", 1)
    assert outcome["model"]["kind"] == "BASE_RATE"


async def test_dates_are_utc_to_the_millisecond_with_a_z(shop: Api) -> None:
    session = (await shop.ask("{ sessions(last: 1) { nodes { createdDate endedDate awayDate } } }"))["sessions"][
        "nodes"
    ][0]
    for date in session.values():
        assert date[10] == "T"
        assert (date[19], date[-1], len(date)) == (".", "Z", 24)


async def test_node_finds_every_kind_by_its_id(shop: Api) -> None:
    found = await shop.ask("{ contacts { nodes { id } } sessions { nodes { id } } outcomes { id model { id } } }")
    event = await shop.ask(
        "query($id: ID!) { session(id: $id) { lastEvent { id } } }", id=found["sessions"]["nodes"][0]["id"]
    )
    ids = {
        "Contact": found["contacts"]["nodes"][0]["id"],
        "Session": found["sessions"]["nodes"][0]["id"],
        "Event": event["session"]["lastEvent"]["id"],
        "Outcome": found["outcomes"][0]["id"],
        "PredictionModel": found["outcomes"][0]["model"]["id"],
    }
    for kind, id_ in ids.items():
        node = (await shop.ask("query($id: ID!) { node(id: $id) { __typename id } }", id=id_))["node"]
        assert node == {"__typename": kind, "id": id_}


@pytest.mark.parametrize("root", ["node", "contact", "session", "event"])
async def test_what_is_not_there_is_null(shop: Api, root: str) -> None:
    id_ = to_global_id("Session" if root == "node" else root.capitalize(), "none")
    assert await shop.ask("query($id: ID!) { " + root + "(id: $id) { id } }", id=id_) == {root: None}


async def test_nobody_holds_an_unknown_identifier(shop: Api) -> None:
    assert await shop.ask('{ contactByIdentifier(type: PHONE, value: "1") { id } }') == {"contactByIdentifier": None}


async def test_contacts_and_sessions_are_filtered(shop: Api) -> None:
    async def customers(filter_: str) -> list[str]:
        document = "{ sessions(filter: {" + filter_ + "}) { nodes { contact { identifiers { value } } } } }"
        return [s["contact"]["identifiers"][0]["value"] for s in (await shop.ask(document))["sessions"]["nodes"]]

    await shop.database["sessions"].update_one({"customerId": "bob"}, {"$set": {"type": "app"}})
    contact_id = (await ada(shop))["id"]
    day = (await shop.ask("{ sessions(last: 1) { nodes { createdDate } } }"))["sessions"]["nodes"][0]["createdDate"]
    assert await customers("") == ["ada", "bob", "eve", "ada"]
    assert await customers("presence: [INACTIVE]") in (["eve", "ada"], ["bob", "eve", "ada"])
    assert await customers("presence: []") == []
    assert await customers('type: "app"') == ["bob"]
    assert await customers(f'contactId: "{contact_id}"') == ["ada", "ada"]
    assert await customers(f'createdAfter: "{day}", presence: [INACTIVE], type: "web"') == ["eve", "ada"]
    assert await customers(f'createdBefore: "{day}"') == []

    async def names(filter_: str) -> list[str | None]:
        nodes = (await shop.ask("{ contacts(filter: {" + filter_ + "}) { nodes { displayName } } }"))["contacts"][
            "nodes"
        ]
        return [node["displayName"] for node in nodes]

    assert await names("type: [IDENTIFIED]") == ["Ada King"]
    assert await names("type: [EPHEMERAL, CURATED]") == [None, None]
    assert len(await names(f'createdAfter: "{day}"')) == 3
    assert await names(f'createdBefore: "{day}"') == []


async def test_pages_go_on_at_their_cursors_in_both_directions(shop: Api) -> None:
    document = """query($first: Int, $after: String, $last: Int, $before: String) {
        sessions(first: $first, after: $after, last: $last, before: $before) {
            edges { cursor node { id } } nodes { id }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    whole = (await shop.ask(document))["sessions"]
    ids = [node["id"] for node in whole["nodes"]]
    assert [edge["node"]["id"] for edge in whole["edges"]] == ids
    assert (len(ids), whole["pageInfo"]["hasNextPage"], whole["pageInfo"]["hasPreviousPage"]) == (4, False, False)
    first = (await shop.ask(document, first=3))["sessions"]
    assert first["pageInfo"]["endCursor"] == first["edges"][2]["cursor"]
    assert first["pageInfo"]["hasNextPage"]
    rest = (await shop.ask(document, first=3, after=first["pageInfo"]["endCursor"]))["sessions"]
    assert [node["id"] for node in first["nodes"] + rest["nodes"]] == ids
    back = (await shop.ask(document, last=2, before=rest["pageInfo"]["startCursor"]))["sessions"]
    assert [node["id"] for node in back["nodes"]] == ids[1:3]
    empty = (await shop.ask(document, after=rest["pageInfo"]["endCursor"]))["sessions"]
    assert empty["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": True,
        "startCursor": None,
        "endCursor": None,
    }
