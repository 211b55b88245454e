"""Executing an operation: within its time, and not beyond it in MongoDB either."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.graph.conftest import TOKEN, Api, api_over
from tests.graph.socket_client import acknowledged

CANDIDATES = '{ contactCandidates(type: EMAIL, value: "ada@shop.example") { reasons } }'


@pytest.fixture(scope="module")
async def hasty(mongodb_url: str) -> AsyncIterator[Api]:
    """The app with a second for each operation."""
    async with api_over(mongodb_url, {"JOURNEY_QUERY_SECONDS": "1"}) as api:
        yield api


async def test_an_operation_that_takes_too_long_is_ended_and_told_so(
    hasty: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled = asyncio.Event()

    async def endless(*_: object) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()

    monkeypatch.setattr("gateway.graph.contact_queries.claimants_of", endless)
    answer = await hasty.post({"query": CANDIDATES})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (504, "TIMED_OUT")
    assert "1 s" in error["message"]
    assert cancelled.is_set()


async def test_mongodb_does_not_go_on_with_what_timed_out(hasty: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = {"$where": "sleep(5000) || true"}

    async def scan(database: Any, *_: object) -> list[Any]:
        return [row async for row in database["outcomes"].find({**slow, "_id": {"$exists": True}})]

    await hasty.database["outcomes"].insert_one({"_id": "slow", "displayName": "Slow", "eventName": "slow"})
    monkeypatch.setattr("gateway.graph.contact_queries.claimants_of", scan)
    answer = await hasty.post({"query": CANDIDATES})
    assert answer.json()["errors"][0]["extensions"]["code"] == "TIMED_OUT"
    await asyncio.sleep(0.5)
    operations = await hasty.database.client.admin.command({"currentOp": 1, "ns": f"{hasty.database.name}.outcomes"})
    assert [operation for operation in operations["inprog"] if operation.get("op") == "query"] == []


class Leaving:
    """A client that sends an operation, and goes away once `gone` is set; `told` is what it gets."""

    def __init__(self, query: str) -> None:
        self.gone = asyncio.Event()
        self.told: list[dict[str, Any]] = []
        self._body: bytes | None = httpx.Request("POST", "http://test", json={"query": query}).content

    async def ask(self, api: Api) -> None:
        headers = [(b"authorization", f"Bearer {TOKEN}".encode()), (b"content-type", b"application/json")]
        scope = {"type": "http", "scheme": "http", "method": "POST", "path": "/graphql", "query_string": b""}
        await api.app({**scope, "headers": headers}, self._receive, self._send)

    async def _receive(self) -> dict[str, Any]:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.told.append(message)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set once the search for candidates, which now has no end, has begun."""
    event = asyncio.Event()

    async def endless(*_: object) -> None:
        event.set()
        await asyncio.sleep(60)

    monkeypatch.setattr("gateway.graph.contact_queries.claimants_of", endless)
    return event


async def test_a_query_ends_when_its_client_goes_away(shop: Api, begun: asyncio.Event) -> None:
    client = Leaving(CANDIDATES)
    asking = asyncio.create_task(client.ask(shop))
    await begun.wait()
    client.gone.set()
    async with asyncio.timeout(5):
        await asking
    assert client.told == []
    assert not asking.cancelled()


async def test_a_client_that_goes_away_ends_what_does_not_hear_of_it_at_first(
    shop: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = 0

    async def deaf(*_: object) -> None:
        nonlocal heard
        while heard < 2:  # as asyncio.wait_for of Python 3.11 may lose a cancellation
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                heard += 1
        await asyncio.sleep(60)

    monkeypatch.setattr("gateway.graph.contact_queries.claimants_of", deaf)
    client = Leaving(CANDIDATES)
    client.gone.set()
    async with asyncio.timeout(5):
        await client.ask(shop)
    assert (heard, client.told) == (2, [])


async def test_whoever_ends_the_server_ends_a_query_as_well(shop: Api, begun: asyncio.Event) -> None:
    asking = asyncio.create_task(Leaving(CANDIDATES).ask(shop))
    await begun.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_mutation_that_has_begun_is_finished_though_its_client_has_gone(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.graph.http_request.LISTEN_AFTER_SECONDS", 0)
    client = Leaving('mutation { createExternalOrganization(input: {name: "Shop"}) { externalOrganization { id } } }')
    client.gone.set()
    await client.ask(api)
    assert [one["name"] async for one in api.database["externalOrganizations"].find()] == ["Shop"]


async def test_a_message_that_takes_too_long_to_tell_ends_the_subscription(mongodb_url: str) -> None:
    body = "function() { for (let turn = 0; turn < 6000; turn++) sleep(10); return true }"
    slow = {"$function": {"body": body, "args": [], "lang": "js"}}
    async with api_over(mongodb_url, {"JOURNEY_QUERY_SECONDS": "1"}) as api:
        await api.happens("ada")
        await api.database.drop_collection("contacts")
        await api.database.create_collection("contacts", viewOn="writeKeys", pipeline=[{"$set": {"_id": slow}}])
        async with acknowledged(api.app) as socket:
            await socket.subscribe("subscription { presence { session { contact { id } } } }")
            message = await socket.receive()
    assert message["type"] == "error"
    assert message["payload"][0]["extensions"]["code"] == "TIMED_OUT"
