"""Made-up traffic: the same seed tells the same story, and the sender delivers it in spite of a busy server."""

import asyncio
import re
import socket
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path

import httpx
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.cli.traffic import PRODUCTS, Call, send_traffic, visits

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
CATALOGUE = Path(__file__).parents[2] / "examples/shop/js/catalogue.js"


def some_calls(count: int, seed: int = 1, visitors_at_once: int = 12) -> list[Call]:
    return list(islice(visits(seed, START, visitors_at_once=visitors_at_once), count))


def test_the_same_seed_makes_the_same_calls() -> None:
    assert some_calls(300) == some_calls(300)
    assert some_calls(300) != some_calls(300, seed=2)


def test_a_later_start_is_new_traffic_by_the_same_people() -> None:
    first = some_calls(50)
    second = list(islice(visits(1, START.replace(hour=13)), 50))
    assert {call.body["anonymousId"] for call in first} == {call.body["anonymousId"] for call in second}
    assert not {call.body["messageId"] for call in first} & {call.body["messageId"] for call in second}


@given(seed=st.integers(), visitors_at_once=st.integers(1, 50))
def test_calls_come_in_order_of_time_and_each_with_an_id_of_its_own(seed: int, visitors_at_once: int) -> None:
    calls = some_calls(120, seed, visitors_at_once)
    assert all(earlier.due <= later.due for earlier, later in pairwise(calls))
    assert len({call.body["messageId"] for call in calls}) == len(calls)


def test_about_one_visit_in_twelve_ends_with_an_order() -> None:
    counts = Counter(str(call.body.get("event", call.body["type"])) for call in some_calls(20_000))
    landings = sum(is_landing(call.body) for call in some_calls(20_000))
    assert 0.06 < counts["Order Completed"] / landings < 0.10


def test_the_visits_use_what_the_shop_offers() -> None:
    kinds = {str(call.body.get("event", call.body["type"])) for call in some_calls(2_000)}
    assert kinds == {"page", "identify", "search_performed", "Product Added", "Order Completed"}


def test_the_products_are_those_of_the_shop() -> None:
    line = re.compile(r'id: "([\w-]+)", name: "[^"]+", category: "(\w+)", price: ([\d.]+)')
    shop = {name: (category, float(price)) for name, category, price in line.findall(CATALOGUE.read_text("utf-8"))}
    assert shop == PRODUCTS


async def test_calls_arrive_in_order_although_the_server_is_busy_at_first() -> None:
    shop = FakeCollector(answers=[503, 429])
    async with served(shop) as url:
        sending = asyncio.create_task(send_traffic(url, "key", 1, 400, console=Console(quiet=True)))
        await asyncio.wait_for(shop.enough.wait(), 30)
        sending.cancel()
        await asyncio.wait([sending])
    expected = islice(visits(1, START, visitors_at_once=400, shop=f"{url}/demo/"), len(shop.events))
    assert [event["anonymousId"] for event in shop.events] == [call.body["anonymousId"] for call in expected]
    assert shop.users == {"key"}


async def test_a_refusal_for_good_ends_the_traffic() -> None:
    async with served(FakeCollector(answers=[401] * 3)) as url:
        with pytest.raises(httpx.HTTPStatusError, match="401"):
            await send_traffic(url, "wrong", 1, 400, console=Console(quiet=True))


def is_landing(body: Mapping[str, object]) -> bool:
    """Tell the first page of a visit: the only one that does not come from the shop itself."""
    properties = body.get("properties")
    return body["type"] == "page" and isinstance(properties, dict) and "/demo/" not in properties["referrer"]


class FakeCollector:
    """The other end of the wire: answers as it is told, then accepts."""

    def __init__(self, answers: list[int]) -> None:
        self.answers = answers
        self.events: list[Mapping[str, object]] = []
        self.users: set[str] = set()
        self.enough = asyncio.Event()

    async def batch(self, request: Request) -> Response:
        if self.answers:
            return Response(status_code=self.answers.pop(0), headers={"Retry-After": "0"})
        login = httpx.BasicAuth("key", "")._auth_header
        self.users |= {"key"} if request.headers["Authorization"] == login else {"somebody else"}
        self.events += (await request.json())["batch"]
        if len(self.events) >= 5:
            self.enough.set()
        return JSONResponse({"success": True})


@asynccontextmanager
async def served(collector: FakeCollector) -> AsyncIterator[str]:
    app = Starlette(routes=[Route("/v1/batch", collector.batch, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    listener = socket.create_server(("127.0.0.1", 0))  # it queues connections until the server takes them
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await serving
