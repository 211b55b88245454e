"""The whole app over a database of its own, asked as clients ask it: calls to /v1, documents to /graphql."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from gateway.access.first_keys import ensure_first_keys
from gateway.app import open_app
from gateway.clock import now
from gateway.settings import Settings
from gateway.storage.database import Database
from tests.prepared_databases import prepared_database

TOKEN = "jg_of-the-tests"  # noqa: S105 - opens a database that lives as long as a test
WRITE_KEY = "wk_of_the_tests"


@dataclass
class Api:
    """The app, and how to ask it."""

    app: ASGIApp
    client: httpx.AsyncClient
    database: Database
    started: datetime = field(default_factory=now)
    numbers: "count[int]" = field(default_factory=count)

    async def post(self, body: object, token: str | None = TOKEN) -> httpx.Response:
        """Send a body to /graphql."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await self.client.post("/graphql", json=body, headers=headers)

    async def ask(self, document: str, **variables: object) -> dict[str, Any]:
        """Return the `data` of a document, whose shape its writer knows; errors fail the test."""
        answer = (await self.post({"query": document, "variables": variables})).json()
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def errors(self, document: str, **variables: object) -> list[dict[str, Any]]:
        """Return the errors of a document."""
        answer = (await self.post({"query": document, "variables": variables})).json()
        errors: list[dict[str, Any]] = answer["errors"]
        return errors

    async def happens(self, visitor: str, kind: str = "page", ago: float = 0, **call: object) -> str:
        """Have a visitor do something so many seconds ago, and return its message id."""
        message_id = f"m{next(self.numbers)}"
        timestamp = (self.started - timedelta(seconds=ago)).isoformat()
        body = {"type": kind, "messageId": message_id, "anonymousId": visitor, "timestamp": timestamp, **call}
        await self.collect(body)
        return message_id

    async def collect(self, *calls: Mapping[str, object]) -> None:
        """Send calls to /v1/batch."""
        answer = await self.client.post("/v1/batch", json={"batch": calls}, auth=(WRITE_KEY, ""))
        assert [receipt["status"] for receipt in answer.json()["receipts"]] == ["accepted"] * len(calls), answer.text


@asynccontextmanager
async def api_over(mongodb_url: str, environ: Mapping[str, str] | None = None) -> AsyncIterator[Api]:
    """Open the app over an empty database of its own; `environ` are settings other than the default."""
    async with prepared_database(mongodb_url) as connection:
        settings = Settings.read({"JOURNEY_DATABASE": connection.database.name, **(environ or {})})
        await ensure_first_keys(connection.database, WRITE_KEY, TOKEN, lambda: "drawn", now())
        async with open_app(settings, mongodb_url) as app:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                yield Api(app, client, connection.database)


@pytest.fixture
async def api(mongodb_url: str) -> AsyncIterator[Api]:
    """The app over an empty database."""
    async with api_over(mongodb_url) as api:
        yield api


@pytest.fixture(scope="module")
async def shop(mongodb_url: str) -> AsyncIterator[Api]:
    """The app over a shop with three visitors, an outcome and a model; tests only read from it."""
    async with api_over(mongodb_url) as api:
        await play(api)
        yield api


CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
)


async def play(api: Api) -> None:
    """Ada came 22 hours ago and is here again, Bob is away, and Eve left an hour ago."""
    create = (
        'mutation { createOutcome(input: {displayName: "Order", eventName: "order_completed"}) { outcome { id } } }'
    )
    await api.ask(create)
    page = {"url": "https://shop.example/shoes?q=red+shoes&utm_source=news&utm_medium=referral", "title": "Shoes"}
    context = {
        "page": {**page, "referrer": "https://www.google.com/search"},
        "userAgent": CHROME,
        "locale": "de-CH",
        "screen": {"width": 1920, "height": 1080},
    }
    await api.happens("ada", ago=80_000)
    await api.happens("eve", ago=3_600)
    await api.happens("bob", ago=52)
    await api.happens("ada", ago=12, context=context)
    await api.happens("ada", "track", ago=11, event="Products Searched", properties={"query": "red shoes"})
    await api.happens("ada", "identify", ago=10, userId="u-1", traits={"email": "Ada@Shop.Example", "name": "Ada King"})
    await api.happens("ada", "track", ago=9, event="Order Completed", properties={"total": 12.5, "items": ["a", 1]})
