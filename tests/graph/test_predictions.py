"""Predictions as clients read them: with their reasons, as the curve of a visit, and live."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.graph.node import to_global_id
from tests.graph.conftest import Api
from tests.graph.learned_shop import ORDER_ID, learned_shop
from tests.graph.socket_client import acknowledged
from tests.graph.test_command_count import counted, sent_for

SHOP = "https://shop.example"
TOLD = """probability sessionMaxProbability quantile sessionMaxQuantile modifiedDate reasons { words effect }
    model { kind }"""
CURVE = """query($session: ID!, $outcome: ID!, $first: Int, $after: String) { session(id: $session) {
    predictions { probability }
    predictionHistory(outcomeId: $outcome, first: $first, after: $after) {
        nodes { createdDate sequence probability event { id eventName page { pathname } } }
        pageInfo { hasNextPage endCursor } } } }"""
LIVE = "subscription { predictions { prediction { probability reasons { words effect } } } }"


@pytest.fixture(scope="module")
async def shop(mongodb_url: str) -> AsyncIterator[Api]:
    async with learned_shop(mongodb_url) as api:
        yield api


async def visits(api: Api, visitor: str, *paths: str) -> str:
    """Have a visitor view pages, a second after one another, and return the id of the session."""
    for number, path in enumerate(paths):
        await api.happens(visitor, ago=len(paths) - number, context={"page": {"url": f"{SHOP}{path}"}})
    return await session_of(api, visitor)


async def session_of(api: Api, visitor: str) -> str:
    document = "query($id: String!) { contactByIdentifier(type: COOKIE, value: $id) { latestSession { id } } }"
    found: str = (await api.ask(document, id=visitor))["contactByIdentifier"]["latestSession"]["id"]
    return found


async def predicted(api: Api, session: str) -> dict[str, Any]:
    document = f"query($id: ID!) {{ session(id: $id) {{ predictions {{ {TOLD} }} }} }}"
    (told,) = (await api.ask(document, id=session))["session"]["predictions"]
    found: dict[str, Any] = told
    return found


async def curve(api: Api, session: str, **window: object) -> dict[str, Any]:
    found = (await api.ask(CURVE, session=session, outcome=ORDER_ID, **window))["session"]
    history: dict[str, Any] = found["predictionHistory"]
    return history


async def test_a_prediction_says_what_raised_or_lowered_it_most(shop: Api) -> None:
    told = await predicted(shop, await visits(shop, "ada", "/p/1", "/cart"))
    assert told["model"] == {"kind": "LEARNED"}
    assert 1 <= len(told["reasons"]) <= 3
    assert told["reasons"][0]["words"] == "viewed /cart once"
    assert told["reasons"][0]["effect"] > 0
    without = await predicted(shop, await visits(shop, "bob", "/p/1", "/p/2", "/p/3"))
    assert ("has not viewed /cart", True) in [(one["words"], one["effect"] < 0) for one in without["reasons"]]
    assert without["probability"] < told["probability"]


async def test_a_prediction_stands_beside_the_highest_of_the_visit_and_among_past_ones(shop: Api) -> None:
    told = await predicted(shop, await visits(shop, "cleo", "/cart", "/p/1", "/p/2"))
    assert 0 < told["probability"] <= told["sessionMaxProbability"] < 1
    assert 0 <= told["quantile"] <= told["sessionMaxQuantile"] <= 1


async def test_the_curve_of_a_visit_has_a_point_for_each_event_and_ends_where_it_stands_now(shop: Api) -> None:
    session = await visits(shop, "dora", "/p/1", "/cart", "/p/2")
    points = (await curve(shop, session))["nodes"]
    assert [point["event"]["page"]["pathname"] for point in points] == ["/p/1", "/cart", "/p/2"]
    assert [point["sequence"] for point in points] == [1, 2, 3]
    assert points[0]["probability"] < points[1]["probability"]
    assert points[2]["probability"] == (await predicted(shop, session))["probability"]
    assert points[0]["createdDate"] < points[1]["createdDate"] < points[2]["createdDate"]


async def test_the_curve_is_broken_off_where_the_outcome_is_reached(shop: Api) -> None:
    await visits(shop, "eve", "/cart")
    await shop.happens("eve", "track", event="Order Completed")
    points = (await curve(shop, await session_of(shop, "eve")))["nodes"]
    assert [point["event"]["eventName"] for point in points] == ["page_viewed", "order_completed"]
    assert [point["probability"] is None for point in points] == [False, True]


async def test_a_long_curve_comes_a_page_at_a_time(shop: Api) -> None:
    session = await visits(shop, "fay", *(f"/p/{number}" for number in range(5)))
    first = await curve(shop, session, first=3)
    rest = await curve(shop, session, first=3, after=first["pageInfo"]["endCursor"])
    assert [first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]] == [True, False]
    assert first["nodes"] + rest["nodes"] == (await curve(shop, session))["nodes"]


async def test_the_curve_of_an_outcome_that_nobody_knows_has_no_heights(shop: Api) -> None:
    session = await visits(shop, "gil", "/p/1")
    told = await shop.ask(CURVE, session=session, outcome=to_global_id("Outcome", "gone"))
    assert [point["probability"] for point in told["session"]["predictionHistory"]["nodes"]] == [None]
    (error,) = await shop.errors(CURVE, session=session, outcome=session)
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": "outcomeId"}


async def test_a_probability_that_is_no_number_is_null_in_the_curve(shop: Api) -> None:
    session = await visits(shop, "hal", "/p/1")
    (point,) = (await curve(shop, session))["nodes"]
    await shop.database["events"].update_one({"customerId": "hal"}, {"$set": {"predictions": {"o-1": float("nan")}}})
    assert (await curve(shop, session))["nodes"] == [{**point, "probability": None}]


async def test_live_predictions_carry_their_reasons(shop: Api) -> None:
    async with acknowledged(shop.app) as socket:
        await socket.subscribe(LIVE)
        await socket.send(id="2", type="subscribe", payload={"query": "{ viewer { name } }"})
        while (await socket.receive())["id"] != "2":  # by then the subscription has begun
            pass
        await visits(shop, "ivy", "/cart")
        while (message := await socket.receive())["id"] != "1":
            pass
    told = message["payload"]["data"]["predictions"]["prediction"]
    assert told["reasons"] == (await predicted(shop, await session_of(shop, "ivy")))["reasons"]
    assert told["reasons"]


async def test_curves_of_many_visits_and_outcomes_are_one_command(mongodb_url: str) -> None:
    document = """query($a: ID!, $b: ID!, $first: Int) { sessions(first: $first) { nodes {
        a: predictionHistory(outcomeId: $a) { nodes { probability } }
        b: predictionHistory(outcomeId: $b) { nodes { probability event { eventName } } } } } }"""
    async with counted(mongodb_url) as (api, commands):
        create = """mutation($name: String!) { createOutcome(input: {displayName: $name, eventName: $name}) {
            outcome { id } } }"""
        ids = {name: (await api.ask(create, name=name))["createOutcome"]["outcome"]["id"] for name in ("a", "b")}
        for visitor in range(5):
            await api.happens(f"v{visitor}")
        sent, answer = await sent_for(api, commands, document, first=5, **ids)
    assert sent == ["aggregate sessions", "aggregate 1"]
    nodes = answer.json()["data"]["sessions"]["nodes"]
    assert [len(node["a"]["nodes"]) for node in nodes] == [1] * 5
    assert all(0 < node[name]["nodes"][0]["probability"] < 1 for node in nodes for name in ids)
