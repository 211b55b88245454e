"""Executing an operation: within its time, and not beyond it in MongoDB either."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.graph.conftest import Api, api_over

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
