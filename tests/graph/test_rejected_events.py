"""Events that were set aside, as GraphQL lists and replays them.

A rule of MongoDB's own stands in for what makes an event impossible to apply: while it is in force, events of some
visitors are refused for good.
"""

from datetime import timedelta

import pytest

from gateway.graph.mutations.rejected_events import MAX_REPLAYED
from gateway.graph.node import to_global_id
from gateway.graph.scalars import written
from tests.graph.conftest import WRITE_KEY, Api

LIST = """query($first: Int, $after: String) { rejectedEvents(first: $first, after: $after) {
    nodes { id messageId reason createdDate receivedDate rejectedDate wire } pageInfo { hasNextPage endCursor } } }"""
REPLAY = """mutation($ids: [ID!]!) { replayRejectedEvents(input: {ids: $ids}) {
    events { id messageId createdDate session { id eventCount } contact { id } }
    rejectedEvents { id messageId reason } } }"""


async def refuse_events_of(api: Api, *visitors: str) -> None:
    """From now on MongoDB refuses events of these visitors; of nobody when none is named."""
    await api.database.command("collMod", "events", validator={"customerId": {"$nin": list(visitors)}})


async def send(api: Api, *calls: tuple[str, str, float]) -> list[tuple[str, str | None]]:
    """Send page views as (message id, visitor, seconds ago), and return (status, reason) of each."""
    batch = [
        {
            "type": "page",
            "messageId": message,
            "anonymousId": visitor,
            "timestamp": (api.started - timedelta(seconds=ago)).isoformat(),
        }
        for message, visitor, ago in calls
    ]
    answer = await api.client.post("/v1/batch", json={"batch": batch}, auth=(WRITE_KEY, ""))
    assert answer.status_code == 200, answer.text
    return [(receipt["status"], receipt.get("reason")) for receipt in answer.json()["receipts"]]


@pytest.fixture
async def stricken(api: Api) -> Api:
    """The app after two events of odd visitors were set aside, beside others that were not."""
    await refuse_events_of(api, "odd", "odder")
    sent = await send(api, ("a", "ada", 90), ("bad", "odd", 60), ("b", "ada", 30), ("worse", "odder", 20))
    assert sent == [("accepted", None), ("rejected", "set_aside")] * 2
    return api


async def test_they_are_listed_as_they_came_with_the_reason(stricken: Api) -> None:
    listed = (await stricken.ask(LIST))["rejectedEvents"]["nodes"]
    assert {node["messageId"] for node in listed} == {"bad", "worse"}
    (bad,) = (node for node in listed if node["messageId"] == "bad")
    assert bad["reason"].startswith("DocumentRefused: ")
    assert bad["createdDate"] == written(stricken.started - timedelta(seconds=60))
    assert bad["receivedDate"] == bad["rejectedDate"] > bad["createdDate"]
    assert (bad["wire"]["type"], bad["wire"]["anonymousId"]) == ("page", "odd")
    again = await stricken.ask("query($id: ID!) { node(id: $id) { id ... on RejectedEvent { reason } } }", id=bad["id"])
    assert again["node"] == {"id": bad["id"], "reason": bad["reason"]}


async def test_they_are_paged_through(stricken: Api) -> None:
    first = (await stricken.ask(LIST, first=1))["rejectedEvents"]
    rest = (await stricken.ask(LIST, first=1, after=first["pageInfo"]["endCursor"]))["rejectedEvents"]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert {first["nodes"][0]["messageId"], rest["nodes"][0]["messageId"]} == {"bad", "worse"}


async def test_a_replay_tells_what_is_applied_and_what_is_still_rejected(stricken: Api) -> None:
    await refuse_events_of(stricken, "odder")
    await send(stricken, ("before", "odd", 70), ("after", "odd", 50))
    ids = [node["id"] for node in (await stricken.ask(LIST))["rejectedEvents"]["nodes"]]
    replayed = (await stricken.ask(REPLAY, ids=ids))["replayRejectedEvents"]
    (event,), (rejected,) = replayed["events"], replayed["rejectedEvents"]
    assert (event["messageId"], event["session"]["eventCount"]) == ("bad", 3)
    assert event["createdDate"] == written(stricken.started - timedelta(seconds=60))
    assert rejected["messageId"] == "worse"
    assert rejected["reason"].startswith("DocumentRefused: ")
    left = (await stricken.ask(LIST))["rejectedEvents"]["nodes"]
    assert [node["messageId"] for node in left] == ["worse"]


async def test_a_replayed_event_is_not_taken_again(stricken: Api) -> None:
    await refuse_events_of(stricken)
    ids = [node["id"] for node in (await stricken.ask(LIST))["rejectedEvents"]["nodes"]]
    assert len((await stricken.ask(REPLAY, ids=ids))["replayRejectedEvents"]["events"]) == 2
    assert (await stricken.ask(REPLAY, ids=ids))["replayRejectedEvents"] == {"events": [], "rejectedEvents": []}
    assert await send(stricken, ("bad", "odd", 60)) == [("duplicate", None)]


async def test_what_the_client_has_sent_again_meanwhile_counts_once(stricken: Api) -> None:
    await refuse_events_of(stricken)
    assert await send(stricken, ("bad", "odd", 60)) == [("accepted", None)]
    ids = [node["id"] for node in (await stricken.ask(LIST))["rejectedEvents"]["nodes"] if node["messageId"] == "bad"]
    replayed = (await stricken.ask(REPLAY, ids=ids))["replayRejectedEvents"]
    assert [(event["messageId"], event["session"]["eventCount"]) for event in replayed["events"]] == [("bad", 1)]
    assert replayed["rejectedEvents"] == []


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        pytest.param([], "`ids` has 0 entries", id="none"),
        pytest.param([to_global_id("RejectedEvent", "x")] * (MAX_REPLAYED + 1), "`ids` has 201 entries", id="too many"),
        pytest.param([to_global_id("Event", "x")], "is the id of an event", id="of another kind"),
        pytest.param(["nonsense"], "is no id", id="no id"),
    ],
)
async def test_ids_that_make_no_sense_are_refused(api: Api, ids: list[str], words: str) -> None:
    (error,) = await api.errors(REPLAY, ids=ids)
    assert words in error["message"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": "ids"}
