"""Whatever is sent: no 5xx, nothing in the log, the good events of a mixed batch are kept, and MongoDB takes them."""

import gzip
import json
from collections.abc import Awaitable, Callable

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from snippet.delivery import Delivery

Post = Callable[..., Awaitable[httpx.Response]]

GOOD = {"type": "track", "event": "Product Added", "anonymousId": "visitor-1", "messageId": "good"}
RAW_GOOD = json.dumps(GOOD).encode()


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


# Values that some field of a call may be given, as they would stand in JSON, readable or not.
VALUES = {
    "null": b"null",
    "true": b"true",
    "zero": b"0",
    "negative zero": b"-0",
    "empty text": b'""',
    "blank": b'" \\t\\n"',
    "empty list": b"[]",
    "empty object": b"{}",
    "list of lists": b"[[[[]]]]",
    "NaN": b"NaN",
    "infinity": b"-Infinity",
    "beyond floating point": b"1e999",
    "tiny": b"1e-999",
    "64 bits": b"9223372036854775807",
    "beyond 64 bits": b"9223372036854775808",
    "hundreds of digits": b"1" * 400,
    "thousands of digits": b"-" + b"9" * 5000,
    "NUL": b'"a\\u0000b"',
    "NUL in a key": b'{"a\\u0000b": 1}',
    "raw NUL": b'"a\0b"',
    "high surrogate": b'"\\ud83d"',
    "low surrogate": b'"\\udc00x"',
    "surrogate in a key": b'{"\\ud83d": 1}',
    "raw surrogate": b'"\xed\xa0\x80"',
    "not UTF-8": b'"\xff\xfe"',
    "overlong UTF-8": b'"\xc0\x80"',
    "raw newline": b'"a\nb"',
    "empty key": b'{"": {"": ""}}',
    "operators": b'{"$set": {"$where": "1"}, "a.b": 1, "$": 1, ".": 1}',
    "prototype": b'{"__proto__": {"a": 1}, "constructor": 1}',
    "same key twice": b'{"a": 1, "a": 2}',
    "deep for a database": nested(120),
    "deep for a parser": nested(3000),
    "huge text": b'"' + b"x" * 40_000 + b'"',
    "huge list": b"[" + b"0," * 17_000 + b"0]",
    "a thousand keys": json.dumps({f"key-{number}": number for number in range(1000)}).encode(),
    "right to left": '"\u202egnp.exe"'.encode(),
    "noncharacter": '"\uffff\U0010ffff"'.encode(),
    "markup": b'"<script>alert(1)</script>"',
    "date of nobody": b'"0000-00-00T00:00:00Z"',
    "last date": b'"9999-12-31T23:59:59.999999999-23:59"',
    "first date": b'"0001-01-01T00:00:00+23:59"',
    "date with NUL": b'"2026-01-01\\u000012:00"',
    "week date": b'"2026-W05-6"',
    "no address": b'"http://[::1"',
    "address of a port": b'"https://a.example:99999999/"',
    "endless address": b'"https://a.example/?' + b"a=&" * 5000 + b'"',
    "single quotes": b"'a'",
    "comment": b"/* a */ 1",
    "trailing comma": b'{"a": 1,}',
    "undefined": b"undefined",
    "nothing": b"",
}
FIELDS = (
    *("type", "messageId", "anonymousId", "userId", "event", "timestamp", "sentAt", "properties", "context", "traits"),
    *("properties.url", "context.page", "context.page.url", "context.userAgent", "context.campaign"),
)


def event_with(field: str, value: bytes) -> bytes:
    """Return a good event whose field, named by its path, has this raw value."""
    for name in reversed(field.split(".")[1:]):
        value = b'{"' + name.encode() + b'": ' + value + b"}"
    head = field.partition(".")[0]
    others = {name: given for name, given in GOOD.items() if name != head}
    return json.dumps(others)[:-1].encode() + b', "' + head.encode() + b'": ' + value + b"}"


async def check(post: Post, path: str, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    with capture_logs() as logs:
        response = await post(path, body, headers)
    assert response.status_code < 500
    assert not logs
    assert response.json()["success"] is (response.status_code == 200)
    if response.status_code != 200:
        assert response.headers["x-journey-refused"] == response.json()["reason"]
    return response


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, value in VALUES.items()])
async def test_no_value_of_a_field_costs_its_neighbours(
    post: Post, deliveries: list[Delivery], field: str, value: bytes
) -> None:
    bad = event_with(field, value)
    response = await check(post, "/v1/batch", b'{"batch": [' + RAW_GOOD + b"," + bad + b"," + RAW_GOOD + b"]}")
    receipts = response.json()["receipts"]
    assert [receipts[0]["status"], receipts[2]["status"]] == ["accepted", "accepted"]
    assert len(receipts) == 3
    assert len(deliveries[0].events) == sum(receipt["status"] == "accepted" for receipt in receipts)
    await check(post, "/v1/track", bad)


BODIES = {
    "nothing": b"",
    "NUL": b"\0",
    "null": b"null",
    "a text": b'"batch"',
    "words": b"hello",
    "a form": b"writeKey=demo-key&batch=%5B%5D",
    "XML": b"<batch><track/></batch>",
    "YAML": b"batch:\n  - type: track\n",
    "UTF-16": '{"batch": []}'.encode("utf-16"),
    "UTF-32": '{"batch": []}'.encode("utf-32"),
    "latin-1": '{"batch": "\u00fc"}'.encode("latin-1"),
    "byte order mark alone": b"\xef\xbb\xbf",
    "gzip without saying so": gzip.compress(RAW_GOOD),
    "an opening bracket": b"{",
    "closing brackets": b"]}]}",
    "only opening brackets": b"[" * 400_000,
    "only opening braces": b'{"a":' * 80_000,
    "quotes": b'"' * 300_001,
    "escaped quotes": b'{"batch": ["' + b'\\"' * 200_000,
    "backslashes": b"\\" * 300_000,
    "commas": b'{"batch": [' + b"," * 400_000 + b"]}",
    "zeros": b'{"batch": [' + b"0," * 4_000 + b"0]}",
    "digits": b"9" * 400_000,
    "two documents": b'{"batch": []}{"batch": []}',
    "batch twice": b'{"batch": 5, "batch": []}',
    "batch in batch": b'{"batch": [{"batch": []}]}',
    "batch is a text": b'{"batch": "[]"}',
    "batch of batches": b'{"batch": [[' + RAW_GOOD + b"]]}",
    "sentAt is an object": b'{"batch": [' + RAW_GOOD + b'], "sentAt": {"a": 1}}',
    "sentAt of thousands of digits": b'{"batch": [' + RAW_GOOD + b'], "sentAt": ' + b"9" * 5000 + b"}",
    "sentAt of hundreds of digits": b'{"batch": [' + RAW_GOOD + b'], "sentAt": ' + b"9" * 500 + b"}",
    "write key is a list": b'{"batch": [], "writeKey": ["demo-key"]}',
    "keys without quotes": b"{batch: []}",
    "a member without a value": b'{"batch"}',
    "mismatched": b'{"batch": [{]}}',
}
PATHS = ("/v1/batch", "/v1/page", "/v1/identify")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in BODIES.items()])
async def test_no_body_breaks_the_collector(post: Post, path: str, body: bytes) -> None:
    await check(post, path, body)


HEADERS = [
    pytest.param({"Content-Encoding": "gzip"}, id="gzip that is none"),
    pytest.param({"Content-Encoding": "gzip, gzip"}, id="gzip twice"),
    pytest.param({"Content-Encoding": "\u00ff"}, id="a coding nobody can spell"),
    pytest.param({"Content-Type": "application/json; charset=utf-7"}, id="a charset nobody uses"),
    pytest.param({"Content-Length": "-1"}, id="a negative length"),
    pytest.param({"Content-Length": "\u00b2"}, id="a length that only looks like a digit"),
    pytest.param({"Content-Length": "9" * 5000}, id="a length of thousands of digits"),
    pytest.param({"Authorization": "Basic"}, id="no credentials"),
    pytest.param({"Authorization": "Basic \u00ff\u00fe"}, id="credentials that are no base64"),
    pytest.param({"Authorization": "Basic //79"}, id="credentials that are no UTF-8"),
    pytest.param({"Authorization": "Bearer demo-key"}, id="another scheme"),
    pytest.param({"User-Agent": "\u00ff" * 20_000}, id="an endless user agent"),
    pytest.param({"User-Agent": "\0"}, id="a user agent of NUL"),
    pytest.param({"Origin": "\u00ff"}, id="an origin that is none"),
]


@pytest.mark.parametrize("headers", HEADERS)
async def test_no_header_breaks_the_collector(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    encoded = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    body = b'{"writeKey": "demo-key", "batch": [' + RAW_GOOD + b"]}"
    with capture_logs() as logs:
        response = await client.post("/v1/batch?writeKey=%ff%00&a", content=body, headers=encoded)
    assert response.status_code < 500
    assert not logs


TEXTS = st.text(st.characters(exclude_categories=()), max_size=40)
NUMBERS = st.integers() | st.floats() | st.integers(min_value=2**62, max_value=2**80)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS | st.datetimes().map(str)
JSON = st.recursive(
    LEAVES, lambda items: st.lists(items, max_size=4) | st.dictionaries(TEXTS, items, max_size=4), max_leaves=12
)
FIELD_NAMES = st.sampled_from([*GOOD, "userId", "timestamp", "sentAt", "context", "properties", "traits", "name"])
EVENTS = JSON | st.builds(lambda changes: {**GOOD, **changes}, st.dictionaries(FIELD_NAMES, JSON, max_size=4))

# Deliveries pile up in the fixture over the examples, which hurts nobody; deadlines measure the machine, not the code.
thoroughly = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@thoroughly
@given(events=st.lists(EVENTS, max_size=5))
async def test_good_events_survive_any_neighbours(post: Post, deliveries: list[Delivery], events: list[object]) -> None:
    deliveries.clear()
    response = await check(post, "/v1/batch", json.dumps({"batch": [*events, GOOD]}).encode())
    receipts = response.json()["receipts"]
    assert len(receipts) == len(events) + 1
    assert receipts[-1] == {"messageId": "good", "status": "accepted"}
    assert len(deliveries[0].events) == sum(receipt["status"] == "accepted" for receipt in receipts)


@thoroughly
@given(call=EVENTS, path=st.sampled_from(PATHS))
async def test_any_json_is_answered(post: Post, call: object, path: str) -> None:
    await check(post, path, json.dumps(call).encode())


@thoroughly
@given(data=st.data(), start=st.integers(0, len(RAW_GOOD)), path=st.sampled_from(PATHS))
async def test_a_damaged_body_is_answered(post: Post, data: st.DataObject, start: int, path: str) -> None:
    body = b'{"batch": [' + RAW_GOOD + b"," + RAW_GOOD + b"]}"
    await check(
        post, path, body[:start] + data.draw(st.binary(max_size=8)) + body[start + data.draw(st.integers(0, 9)) :]
    )


@thoroughly
@given(body=st.binary(max_size=200), is_gzip=st.booleans(), path=st.sampled_from(PATHS))
async def test_any_bytes_are_answered(post: Post, body: bytes, is_gzip: bool, path: str) -> None:
    await check(post, path, gzip.compress(body) if is_gzip else body, {"Content-Encoding": "gzip"} if is_gzip else None)
