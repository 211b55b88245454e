"""What senders may send: the paths, the write keys, the bodies, and what is refused or mended of them."""

import base64
import gzip
import json
import zlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import httpx
import pytest

from snippet.delivery import Delivery

Post = Callable[..., Awaitable[httpx.Response]]

EVENT = {"type": "track", "event": "Product Added", "anonymousId": "visitor-1", "messageId": "m-1"}
BODY = json.dumps({"batch": [EVENT]}).encode()


async def test_every_event_gets_a_receipt_and_the_page_its_actions(post: Post) -> None:
    response = await post("/v1/batch", {"batch": [EVENT]})
    assert response.status_code == 200
    assert response.json() == {
        "success": True,
        "receipts": [{"messageId": "m-1", "status": "accepted"}],
        "actions": [],
    }
    assert response.headers["cache-control"] == "no-store"


async def test_the_intake_is_told_who_sent_it_and_when_it_came(post: Post, deliveries: list[Delivery]) -> None:
    await post("/v1/batch", {"batch": [EVENT]}, {"User-Agent": "analytics-python/2.4.0"})
    (delivery,) = deliveries
    assert delivery.write_key.id == "demo"
    assert delivery.ip_address == "203.0.113.0"
    assert delivery.user_agent == "analytics-python/2.4.0"
    assert delivery.received_date == datetime(2026, 1, 31, 12, 0, 0, 123000, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["page", "track", "identify", "alias", "group", "screen"])
async def test_each_call_has_its_own_path(post: Post, deliveries: list[Delivery], kind: str) -> None:
    for path in (f"/v1/{kind}", f"/v1/{kind[0]}"):
        await post(path, {"userId": "u", "event": "Product Added", "type": "nonsense"})
    assert [delivery.events[0].wire.type for delivery in deliveries] == [kind, kind]


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b", "/v1/import"])
async def test_batches_come_by_the_paths_of_old_and_new_libraries(
    post: Post, deliveries: list[Delivery], path: str
) -> None:
    await post(path, {"batch": [EVENT]})
    assert len(deliveries) == 1


@pytest.mark.parametrize(
    ("path", "body", "authorization"),
    [
        pytest.param("/v1/batch", {"batch": [EVENT]}, "demo-key:", id="user of basic authentication"),
        pytest.param("/v1/batch", {"batch": [EVENT]}, "demo-key", id="user without a colon"),
        pytest.param("/v1/batch", {"batch": [EVENT], "writeKey": "demo-key"}, None, id="body of a batch"),
        pytest.param("/v1/track", {**EVENT, "writeKey": "demo-key"}, None, id="body of a call"),
        pytest.param("/v1/batch?writeKey=demo-key", {"batch": [EVENT]}, None, id="URL"),
        pytest.param("/v1/batch", {"batch": [EVENT], "writeKey": "other"}, "demo-key:", id="the header comes first"),
    ],
)
async def test_the_write_key_comes_in_one_of_three_ways(
    client: httpx.AsyncClient, path: str, body: object, authorization: str | None
) -> None:
    credentials = base64.b64encode(authorization.encode()).decode() if authorization else None
    headers = {"Authorization": f"Basic {credentials}"} if credentials else {}
    response = await client.post(path, json=body, headers=headers)
    assert response.status_code == 200


@pytest.mark.parametrize("content_type", ["application/json", "text/plain;charset=UTF-8", "", None])
async def test_the_content_type_does_not_matter(post: Post, content_type: str | None) -> None:
    response = await post("/v1/batch", BODY, {} if content_type is None else {"Content-Type": content_type})
    assert response.status_code == 200


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(gzip.compress(BODY), id="one member"),
        pytest.param(gzip.compress(BODY[:9]) + gzip.compress(BODY[9:]), id="two members"),
    ],
)
async def test_bodies_may_be_packed(post: Post, packed: bytes) -> None:
    response = await post("/v1/batch", packed, {"Content-Encoding": "gzip"})
    assert response.json()["receipts"] == [{"messageId": "m-1", "status": "accepted"}]


REFUSED = [
    pytest.param("/v1/batch", b"not json", {}, 400, "unreadable_json", id="not JSON"),
    pytest.param("/v1/batch", b"", {}, 400, "unreadable_json", id="empty"),
    pytest.param("/v1/batch", BODY[:-1], {}, 400, "unreadable_json", id="cut off"),
    pytest.param("/v1/batch", b'{"batch": [nonsense]}', {}, 400, "unreadable_json", id="no event is JSON"),
    pytest.param("/v1/track", b"{'event': 1}", {}, 400, "unreadable_json", id="call in single quotes"),
    pytest.param("/v1/batch", b"[]", {}, 400, "not_an_object", id="a list"),
    pytest.param("/v1/track", b"5", {}, 400, "not_an_object", id="a call that is a number"),
    pytest.param("/v1/batch", b"{}", {}, 400, "no_batch", id="no batch"),
    pytest.param("/v1/batch", b'{"batch": null}', {}, 400, "no_batch", id="batch is null"),
    pytest.param("/v1/batch", b'{"batch": {"0": {}}}', {}, 400, "no_batch", id="batch is an object"),
    pytest.param("/v1/batch", b" " * 512_001, {}, 413, "request_too_large", id="more than 500 KB"),
    pytest.param(
        "/v1/batch",
        gzip.compress(b" " * 50_000_000),
        {"Content-Encoding": "gzip"},
        413,
        "request_too_large",
        id="a gzip bomb",
    ),
    pytest.param(
        "/v1/batch",
        b'{"batch": [' + b"1," * 5_000 + b"1]}",
        {},
        413,
        "request_too_large",
        id="more events than can be listed",
    ),
    pytest.param("/v1/batch", BODY, {"Content-Encoding": "gzip"}, 400, "unreadable_compression", id="not gzip"),
    pytest.param(
        "/v1/batch", gzip.compress(BODY)[:-9], {"Content-Encoding": "gzip"}, 400, "unreadable_compression", id="half"
    ),
    pytest.param(
        "/v1/batch", zlib.compress(BODY), {"Content-Encoding": "br"}, 415, "unsupported_encoding", id="another coding"
    ),
    pytest.param("/v1/nothing", BODY, {}, 404, "unknown_path", id="unknown path"),
    pytest.param("/v1/projects/demo-key/settings", BODY, {}, 405, "wrong_method", id="POST to the settings"),
]


@pytest.mark.parametrize(("path", "body", "headers", "status", "reason"), REFUSED)
async def test_a_request_of_which_nothing_can_be_read_is_refused(
    post: Post, path: str, body: bytes, headers: dict[str, str], status: int, reason: str
) -> None:
    response = await post(path, body, headers)
    assert response.status_code == status
    assert response.headers["x-journey-refused"] == reason
    answer = response.json()
    assert (answer["success"], answer["reason"]) == (False, reason)
    assert answer["message"].endswith(".")


@pytest.mark.parametrize("key", [None, "", "unknown", "k" * 1000, "k\0", "schlüssel"])
async def test_nobody_collects_without_a_known_write_key(
    post: Post, deliveries: list[Delivery], key: str | None
) -> None:
    response = await post("/v1/batch", {"batch": [EVENT]}, key=key)
    assert response.status_code == 401
    assert response.headers["x-journey-refused"] == "unknown_write_key"
    assert not deliveries


async def test_other_methods_are_refused_with_those_that_work(client: httpx.AsyncClient) -> None:
    response = await client.get("/v1/batch")
    assert (response.status_code, response.headers["allow"]) == (405, "POST, OPTIONS")


async def test_a_body_sent_in_pieces_is_bounded_too(client: httpx.AsyncClient) -> None:
    async def pieces() -> object:
        for _ in range(600):
            yield b" " * 1024

    response = await client.post("/v1/batch", content=pieces(), auth=("demo-key", ""))  # type: ignore[arg-type]
    assert response.headers["x-journey-refused"] == "request_too_large"


async def test_events_beyond_five_hundred_are_refused_and_the_first_are_kept(
    post: Post, deliveries: list[Delivery]
) -> None:
    response = await post("/v1/batch", {"batch": [{**EVENT, "messageId": f"m-{number}"} for number in range(502)]})
    receipts = response.json()["receipts"]
    assert [receipt["messageId"] for receipt in receipts] == [f"m-{number}" for number in range(502)]
    assert [receipt.get("reason") for receipt in receipts[499:]] == [None, "too_many_events", "too_many_events"]
    assert len(deliveries[0].events) == 500


@pytest.mark.parametrize(
    ("broken", "message_id"),
    [
        pytest.param(b'{"messageId": "m", "type": NaN}', "m", id="NaN where a text belongs"),
        pytest.param(b"{nonsense}", "", id="no JSON"),
        pytest.param(b"", "", id="nothing between two commas"),
        pytest.param(b'{"a":' * 5000 + b"1" + b"}" * 5000, "", id="nested too deeply to read"),
        pytest.param(
            b'{"messageId": "m", "properties": ' + b'{"a":' * 70 + b"1" + b"}" * 71, "m", id="too deeply to store"
        ),
    ],
)
async def test_one_broken_event_does_not_cost_the_batch(
    post: Post, deliveries: list[Delivery], broken: bytes, message_id: str
) -> None:
    good = json.dumps(EVENT).encode()
    response = await post("/v1/batch", b'{"batch": [' + good + b"," + broken + b"," + good + b"]}")
    receipts = response.json()["receipts"]
    assert [receipt["status"] for receipt in receipts] == ["accepted", "rejected", "accepted"]
    assert receipts[1]["messageId"] == message_id
    assert len(deliveries[0].events) == 2


async def test_what_browsers_and_python_write_beside_json_is_mended(post: Post, deliveries: list[Delivery]) -> None:
    call = b'\xef\xbb\xbf{"anonymousId": "v", "event": "\\ud83d", "properties": {"price": NaN, "name": "\xff"}}'
    response = await post("/v1/track", call)
    assert response.json()["receipts"][0]["status"] == "accepted"
    wire = deliveries[0].events[0].wire
    assert (wire.event, wire.properties) == ("\ufffd", {"price": None, "name": "\ufffd"})


async def test_an_empty_batch_is_answered_without_asking_anybody(post: Post, deliveries: list[Delivery]) -> None:
    response = await post("/v1/batch", {"batch": []})
    assert response.json() == {"success": True, "receipts": [], "actions": []}
    assert not deliveries
