"""What pages may read and what the tag is told; and how the collector answers by what the intake says, or fails to."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import httpx
import pytest
from structlog.testing import capture_logs

from snippet.collector import Collector
from snippet.delivery import Answer, Delivery, Receipt
from snippet.errors import IntakeBusy
from snippet.write_key import WriteKey

Post = Callable[..., Awaitable[httpx.Response]]

EVENT = {"type": "track", "event": "Product Added", "anonymousId": "visitor-1", "messageId": "m-1"}
SHOP = "https://shop.example"


@pytest.mark.parametrize(
    ("allowed", "origin", "status", "readable"),
    [
        pytest.param(("*",), "https://any.example", 200, True, id="all are allowed"),
        pytest.param((SHOP,), SHOP, 200, True, id="the one that is allowed"),
        pytest.param((SHOP + "/",), "HTTPS://SHOP.example", 200, True, id="another spelling"),
        pytest.param((SHOP,), None, 200, False, id="a sender that is no page"),
        pytest.param((SHOP,), "https://evil.example", 403, False, id="another origin"),
        pytest.param((SHOP,), "http://shop.example", 403, False, id="another scheme"),
        pytest.param((SHOP,), "null", 403, False, id="a sandboxed page"),
        pytest.param((), SHOP, 403, False, id="none is allowed"),
    ],
)
async def test_only_allowed_origins_are_answered(
    post: Post,
    client: httpx.AsyncClient,
    write_keys: dict[str, WriteKey],
    allowed: tuple[str, ...],
    origin: str | None,
    status: int,
    *,
    readable: bool,
) -> None:
    write_keys["shop"] = WriteKey("shop", "shop", "Shop", allowed_origins=allowed)
    headers = {} if origin is None else {"Origin": origin}
    for response in (
        await post("/v1/batch", {"batch": [EVENT]}, headers, key="shop"),
        await client.get("/v1/projects/shop/settings", headers=headers),
    ):
        assert response.status_code == status
        assert response.headers.get("access-control-allow-origin") == (origin if readable else None)
        assert response.headers["vary"] == "origin"
        assert "access-control-allow-credentials" not in response.headers


async def test_a_page_can_read_why_its_request_was_refused(post: Post) -> None:
    response = await post("/v1/batch", b"not json", {"Origin": SHOP})
    assert response.headers["access-control-allow-origin"] == SHOP
    assert "X-Journey-Refused" in response.headers["access-control-expose-headers"]


async def test_a_preflight_says_what_may_be_sent(client: httpx.AsyncClient) -> None:
    response = await client.options("/v1/batch", headers={"Origin": SHOP, "Access-Control-Request-Method": "POST"})
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == SHOP
    assert response.headers["access-control-allow-methods"] == "POST, GET"
    assert "authorization" in response.headers["access-control-allow-headers"]


async def test_the_tag_gets_its_settings(client: httpx.AsyncClient, write_keys: dict[str, WriteKey]) -> None:
    write_keys["shop"] = WriteKey(
        "shop", "shop", "Shop", allowed_domains=("shop.example",), excluded_query_parameters=("email",)
    )
    response = await client.get("/v1/projects/shop/settings")
    assert response.json() == {
        "searchParameters": ["q", "query", "search", "term"],
        "excludedQueryParameters": ["email"],
        "keepFragment": False,
        "allowedDomains": ["shop.example"],
    }
    assert response.headers["cache-control"] == "public, max-age=60"
    unknown = await client.get("/v1/projects/unknown/settings")
    assert (unknown.status_code, unknown.headers["x-journey-refused"]) == (401, "unknown_write_key")


class AnsweringIntake:
    """Does with every delivery what the test says."""

    def __init__(self, answer: Answer | Exception) -> None:
        self.answer = answer

    async def accept(self, _: Delivery) -> Answer:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def ask(answer: Answer | Exception, batch: list[object]) -> httpx.Response:
    async def find_write_key(_: str) -> WriteKey:
        return WriteKey("demo", "demo-key", "Demo")

    app = Collector(find_write_key, AnsweringIntake(answer), lambda: datetime.now(UTC))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://collector.example") as client:
        return await client.post("/v1/batch", json={"batch": batch, "writeKey": "demo-key"}, headers={"Origin": SHOP})


async def test_a_busy_intake_asks_the_sender_to_come_back() -> None:
    response = await ask(IntakeBusy(retry_after=3), [EVENT])
    assert response.status_code == 503
    assert response.headers["retry-after"] == "3"
    assert response.json()["reason"] == response.headers["x-journey-refused"] == "busy"
    assert response.headers["access-control-allow-origin"] == SHOP


async def test_the_intakes_receipts_stand_between_the_collectors_own() -> None:
    answer = Answer([Receipt("m-1", "duplicate"), Receipt("m-1", "rejected", "too_old")], actions=[{"id": "a-1"}])
    response = await ask(answer, [5, EVENT, {}, EVENT])
    receipts = response.json()["receipts"]
    assert [receipt["status"] for receipt in receipts] == ["rejected", "duplicate", "rejected", "rejected"]
    assert [receipt.get("reason") for receipt in receipts] == ["not_an_object", None, "unknown_type", "too_old"]
    assert response.json()["actions"] == [{"id": "a-1"}]


@pytest.mark.parametrize("answer", [RuntimeError("the password is 1234"), Answer([], [])])
async def test_a_mistake_of_ours_is_masked_and_logged(answer: Answer | Exception) -> None:
    with capture_logs() as logs:
        response = await ask(answer, [EVENT])
    assert response.status_code == 500
    assert "1234" not in response.text
    assert logs[0]["error_id"] in response.json()["message"]


async def test_nobody_is_answered_who_hung_up(collector: Collector) -> None:
    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        pytest.fail(f"sent {message!r}")

    scope = {"type": "http", "method": "POST", "path": "/v1/batch", "query_string": b"", "headers": []}
    await collector(scope, receive, send)
