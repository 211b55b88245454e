"""Definitions tried on the past before they are in force, as clients ask for it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway.storage.past_sessions import APPLICATION
from tests.graph.conftest import TOKEN, Api
from tests.graph.socket_client import acknowledged
from tests.graph.two_divisions import NORTH, SOUTH, World, world_of
from tests.running_server import until

CART = {"criteria": [{"key": "page.url", "values": ["/cart"], "operator": "CONTAINS_ANY"}], "eventName": "page_viewed"}
ORDER = {"eventName": "order_completed"}
COUNTS = "sessionCount matchedSessionCount contactCount matchedContactCount eventCount isComplete"
SEGMENT = f"""query ($input: PreviewSegmentInput!) {{ previewSegment(input: $input) {{
  {COUNTS} days {{ date sessionCount matchedSessionCount }} examples {{ customerId }} }} }}"""
OUTCOME = f"query ($input: PreviewOutcomeInput!) {{ previewOutcome(input: $input) {{ {COUNTS} }} }}"
ANYTHING = {"journey": {"patterns": [{"eventName": "page_viewed"}]}}
DAY = 86_400


async def visits(api: Api, visitor: str, path: str, ago: float = 60) -> None:
    page = {"page": {"url": f"https://shop.example{path}"}}
    received = (api.started - timedelta(seconds=ago)).isoformat()
    await api.happens(visitor, ago=ago, context=page, sentAt=received)


async def previewed(api: Api, **wanted: object) -> dict[str, Any]:
    found: dict[str, Any] = (await api.ask(SEGMENT, input=wanted))["previewSegment"]
    return found


async def test_a_preview_tells_how_many_sessions_and_contacts_would_match_and_shows_examples(api: Api) -> None:
    await visits(api, "ann", "/", 60)
    await visits(api, "ann", "/cart", 50)
    await visits(api, "bob", "/", 40)
    found = await previewed(api, journey={"patterns": [CART]}, days=2)
    days = found.pop("days")
    assert found == {
        "sessionCount": 2,
        "matchedSessionCount": 1,
        "contactCount": 2,
        "matchedContactCount": 1,
        "eventCount": 3,
        "isComplete": True,
        "examples": [{"customerId": "ann"}],
    }
    today = api.started.date()
    assert [day["date"] for day in days] == [str(today - timedelta(days=1)), str(today)]
    assert [sum(day[name] for day in days) for name in ("sessionCount", "matchedSessionCount")] == [2, 1]


async def test_what_began_before_the_first_day_is_left_out(api: Api) -> None:
    await visits(api, "ann", "/cart")
    long_ago = api.started - timedelta(days=3)
    await api.database["sessions"].update_many({}, {"$set": {"createdDate": long_ago}})
    found = [(await previewed(api, **ANYTHING, days=days))["matchedSessionCount"] for days in (3, 4)]
    assert found == [0, 1]


async def test_an_outcome_is_tried_by_the_name_of_an_event_or_by_conditions(api: Api) -> None:
    await visits(api, "ann", "/cart")
    await api.happens("ann", "track", event="Order Completed")
    await visits(api, "bob", "/cart")
    for wanted, matched in ((ORDER, 1), ({"journey": {"patterns": [CART]}}, 2)):
        assert (await api.ask(OUTCOME, input=wanted))["previewOutcome"]["matchedSessionCount"] == matched


@pytest.mark.parametrize(
    ("document", "wanted", "field"),
    [
        pytest.param(SEGMENT, {}, "journey", id="no conditions"),
        pytest.param(SEGMENT, {**ANYTHING, "days": 0}, "days", id="no day"),
        pytest.param(SEGMENT, {**ANYTHING, "days": 61}, "days", id="too many days"),
        pytest.param(OUTCOME, {}, "eventName", id="no outcome"),
        pytest.param(OUTCOME, {**ORDER, **ANYTHING}, "eventName", id="event and conditions"),
        pytest.param(OUTCOME, {"eventName": "!"}, "eventName", id="no name of an event"),
    ],
)
async def test_what_cannot_be_tried_is_refused_by_its_field(
    document: str, wanted: dict[str, Any], field: str, api: Api
) -> None:
    (error,) = await api.errors(document, input=wanted)
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("BAD_USER_INPUT", field)


@pytest.fixture
async def world(mongodb_url: str) -> AsyncIterator[World]:
    """A site of two divisions."""
    async with world_of(mongodb_url, NORTH, SOUTH) as world:
        yield world


async def test_who_sees_a_division_previews_what_it_has_alone(world: World) -> None:
    wanted = {"journey": {"patterns": [{"eventName": "page_viewed"}]}}
    found = {who: (await world.ask(who, SEGMENT, input=wanted))["previewSegment"] for who in (NORTH, SOUTH, "all")}
    counts = {who: (one["sessionCount"], one["matchedSessionCount"]) for who, one in found.items()}
    assert counts == {NORTH: (2, 1), SOUTH: (3, 1), "all": (5, 2)}
    assert len(found["all"]["examples"]) == len(found[NORTH]["examples"]) + len(found[SOUTH]["examples"])


async def takes_long(api: Api) -> None:
    """Have MongoDB take a minute to find a session."""
    body = (
        "function() { for (let turn = 0; turn < 6000; turn++) sleep(10); return true }"  # one long sleep is not ended
    )
    sleep = {"$function": {"body": body, "args": [], "lang": "js"}}
    await api.database.drop_collection("sessions")
    await api.database.create_collection("sessions", viewOn="writeKeys", pipeline=[{"$match": {"$expr": sleep}}])


async def is_played(api: Api) -> bool:
    """Tell whether MongoDB works for a preview of this database."""
    told = await api.database.client.admin.command({"currentOp": 1, "appName": {"$regex": f"^{APPLICATION}"}})
    return any(api.database.name in str(one.get("ns")) for one in told["inprog"])


async def is_over(api: Api) -> bool:
    return not await is_played(api)


async def test_a_client_that_goes_away_ends_its_preview(api: Api) -> None:
    await takes_long(api)
    gone = asyncio.Event()
    body = httpx.Request("POST", "http://test", json={"query": SEGMENT, "variables": {"input": ANYTHING}}).content
    told: list[dict[str, Any]] = [{"type": "http.request", "body": body}]

    async def receive() -> dict[str, Any]:
        if told:
            return told.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pytest.fail(f"{message} was sent to nobody")

    headers = [(b"authorization", f"Bearer {TOKEN}".encode()), (b"content-type", b"application/json")]
    scope = {
        "type": "http",
        "scheme": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": headers,
    }

    async def ask() -> None:
        await api.app(scope, receive, send)

    asking = asyncio.create_task(ask())
    await until(lambda: is_played(api))
    gone.set()
    await asking
    await until(lambda: is_over(api), patience=20)


async def test_an_operation_over_a_socket_that_is_completed_ends_its_preview(api: Api) -> None:
    await takes_long(api)
    async with acknowledged(api.app, TOKEN) as socket:
        await socket.send(id="1", type="subscribe", payload={"query": SEGMENT, "variables": {"input": ANYTHING}})
        await until(lambda: is_played(api))
        await socket.send(id="1", type="complete")
        await until(lambda: is_over(api), patience=20)


async def test_more_than_may_wait_are_told_to_come_back(api: Api) -> None:
    body = {"query": SEGMENT, "variables": {"input": ANYTHING}}
    answers = [answer.json() for answer in await asyncio.gather(*(api.post(body) for _ in range(6)))]
    refused = [error for answer in answers for error in answer.get("errors", ())]
    assert [error["extensions"]["code"] for error in refused] == ["BUSY", "BUSY"]
    assert "try again" in refused[0]["message"]


async def test_beside_something_else_a_preview_has_the_usual_time_alone(api: Api) -> None:
    await takes_long(api)
    document = SEGMENT.replace("previewSegment(", "viewer { name } previewSegment(", 1)
    async with asyncio.timeout(60):
        answer = await api.post({"query": document, "variables": {"input": ANYTHING}})
    assert answer.json()["errors"][0]["extensions"]["code"] == "TIMED_OUT"
    await until(lambda: is_over(api), patience=20)
