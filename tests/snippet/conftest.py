"""A collector, asked over HTTP semantics without a socket, in front of an intake that keeps what it is given."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from itertools import count

import bson
import httpx
import msgspec
import pytest

from snippet.collector import Collector
from snippet.delivery import Answer, Delivery, Receipt
from snippet.write_key import WriteKey

NOW = datetime(2026, 1, 31, 12, 0, 0, 123000, tzinfo=UTC)

Post = Callable[..., Awaitable[httpx.Response]]


class RecordingIntake:
    """Accepts everything, provided that MongoDB's own encoder takes it."""

    def __init__(self, deliveries: list[Delivery]) -> None:
        self._deliveries = deliveries

    async def accept(self, delivery: Delivery) -> Answer:
        for event in delivery.events:
            bson.encode({"wire": msgspec.to_builtins(event.wire), "createdDate": event.created_date})
        bson.encode({"ipAddress": delivery.ip_address, "userAgentString": delivery.user_agent})
        self._deliveries.append(delivery)
        return Answer([Receipt(event.wire.messageId, "accepted") for event in delivery.events], actions=[])


@pytest.fixture
def deliveries() -> list[Delivery]:
    return []


@pytest.fixture
def write_keys() -> dict[str, WriteKey]:
    return {"demo-key": WriteKey(id="demo", key="demo-key", name="Demo")}


@pytest.fixture
def collector(deliveries: list[Delivery], write_keys: dict[str, WriteKey]) -> Collector:
    async def find_write_key(key: str) -> WriteKey | None:
        return write_keys.get(key)

    numbers = count(1)
    return Collector(find_write_key, RecordingIntake(deliveries), lambda: NOW, lambda: f"made-{next(numbers)}")


@pytest.fixture
async def client(collector: Collector) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(collector, client=("203.0.113.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://collector.example") as client:
        yield client


@pytest.fixture
def post(client: httpx.AsyncClient) -> Post:
    """Return a function that posts a body, JSON unless it is bytes, with the demo write key unless told otherwise."""

    async def post(
        path: str, body: object, headers: Mapping[str, str] | None = None, key: str | None = "demo-key"
    ) -> httpx.Response:
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        auth = httpx.BasicAuth(key, "") if key is not None else httpx.USE_CLIENT_DEFAULT
        return await client.post(path, content=content, headers=headers, auth=auth)

    return post
