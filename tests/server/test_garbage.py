"""Whatever comes over a real socket: no 5xx, no traceback in the log, and the good events beside it are kept."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.running_server import ADMIN_TOKEN, WRITE_KEY, RunningServer, running_server

MADE_UP = 170
PATHS = st.sampled_from(["/v1/batch", "/v1/page", "/v1/track", "/v1/identify", "/v1/nothing", "/graphql"])
TYPES = st.sampled_from(["application/json", "text/plain", "text/html", "application/x-www-form-urlencoded", ""])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["type", "event", "messageId", "anonymousId", "userId", "timestamp", "sentAt", "context", "properties", "traits"]
)
EVENTS = st.dictionaries(NAMES, VALUES) | VALUES
JSON_BODIES = st.one_of(
    VALUES,
    EVENTS,
    st.fixed_dictionaries({"writeKey": st.just(WRITE_KEY), "batch": VALUES | st.lists(EVENTS, max_size=5)}),
    st.fixed_dictionaries({"query": VALUES | st.text(), "variables": VALUES}),
).map(lambda value: json.dumps(value).encode())
BODIES = st.one_of(
    st.binary(max_size=300),
    JSON_BODIES,
    JSON_BODIES.flatmap(lambda body: st.integers(0, len(body)).map(lambda end: body[:end])),
    JSON_BODIES.map(gzip.compress),
)
GOOD = json.dumps({"type": "track", "event": "Good", "anonymousId": "visitor-1", "messageId": "good"})
HAND_MADE = {
    "nothing": b"",
    "a lone brace": b"{",
    "too large": b'{"batch": [' + b" " * 600_000 + b"]}",
    "deep": b"[" * 100_000,
    "no text": b"\xff\xfe\x00",
    "a bomb": gzip.compress(b"0" * 50_000_000),
    "half of a gzip": gzip.compress(GOOD.encode())[:-12],
    "a batch of batches": json.dumps({"writeKey": WRITE_KEY, "batch": [[{"batch": []}]]}).encode(),
    "too many": json.dumps({"writeKey": WRITE_KEY, "batch": [{}] * 5_000}).encode(),
    "endless number": b'{"writeKey": "'
    + WRITE_KEY.encode()
    + b'", "batch": [{"properties": {"a": '
    + b"9" * 9_000
    + b"}}]}",
}
SOCKET = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + "A" * 22 + "=="
)
# Each is written to the socket as it stands: head, and body.
REQUESTS = {
    "no HTTP": ("\x16\x03\x01\x02", ""),
    "a length that is no number": ("POST /v1/batch HTTP/1.1\r\nHost: a\r\nContent-Length: many", ""),
    "a negative length": ("POST /v1/batch HTTP/1.1\r\nHost: a\r\nContent-Length: -1", ""),
    "a chunk without a size": (
        "POST /v1/batch HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked",
        "zz\r\n{}\r\n0\r\n\r\n",
    ),
    "a body that ends too early": ("POST /v1/batch HTTP/1.1\r\nHost: a\r\nContent-Length: 5000", "{"),
    "a query that ends too early": (
        f"POST /graphql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {ADMIN_TOKEN}\r\nContent-Length: 5000",
        "{",
    ),
    "a token that is no text": (
        "POST /graphql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \xff\r\nContent-Length: 2",
        "{}",
    ),
    "credentials that are no base64": (
        "POST /v1/track HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ***\r\nContent-Length: 2",
        "{}",
    ),
    "a path of escapes": ("GET /demo/%00%ff/..%2f..%2fetc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close", ""),
    "a socket of another protocol": (
        f"GET /graphql HTTP/1.1\r\nHost: a\r\n{SOCKET}\r\nSec-WebSocket-Protocol: chat",
        "",
    ),
    "a socket to the collector": (f"GET /v1/batch HTTP/1.1\r\nHost: a\r\n{SOCKET}", ""),
    "a socket to the tag": (f"GET /tag.js HTTP/1.1\r\nHost: a\r\n{SOCKET}", ""),
    "a socket to a page": (f"GET /graphiql HTTP/1.1\r\nHost: a\r\n{SOCKET}", ""),
}


@pytest.fixture(scope="module")
async def server(mongodb_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    """A server whose log, read when all tests are through, holds no traceback."""
    names = {"JOURNEY_MONGODB_URL": mongodb_url, "JOURNEY_DATABASE": f"test_{uuid4().hex}"}
    async with running_server(tmp_path_factory.mktemp("garbage"), names) as server:
        yield server
        assert (await server.client.get("/readyz")).status_code == httpx.codes.OK
    assert "Traceback" not in server.log()
    assert "error" not in server.log().lower()


async def check(server: RunningServer, path: str, body: bytes, content_type: str = "text/plain") -> None:
    headers = {"Content-Type": content_type}
    if path == "/graphql":
        headers["Authorization"] = f"Bearer {ADMIN_TOKEN}"
    if body.startswith(b"\x1f\x8b"):
        headers["Content-Encoding"] = "gzip"
    answer = await server.client.post(path, content=body, headers=headers, params={"writeKey": WRITE_KEY})
    assert answer.status_code < 500, answer.text


@settings(max_examples=MADE_UP, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=PATHS, body=BODIES, content_type=TYPES)
async def test_made_up_bodies_are_answered(server: RunningServer, path: str, body: bytes, content_type: str) -> None:
    await check(server, path, body, content_type)


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/track", "/graphql"])
@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in HAND_MADE.items()])
async def test_hand_made_bodies_are_answered(server: RunningServer, path: str, body: bytes) -> None:
    await check(server, path, body, "application/json" if path == "/graphql" else "text/plain")


@pytest.mark.parametrize(("head", "body"), [pytest.param(*parts, id=name) for name, parts in REQUESTS.items()])
async def test_broken_requests_are_refused_or_dropped(server: RunningServer, head: str, body: str) -> None:
    address = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(f"{head}\r\n\r\n{body}".encode("latin-1"))
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    await writer.wait_closed()
    assert not answer.startswith(b"HTTP/1.1 5")


async def test_the_good_events_of_a_mixed_batch_are_kept(server: RunningServer) -> None:
    visitor = uuid4().hex
    good = {"type": "track", "event": "Good", "anonymousId": visitor}
    bad: list[object] = [None, 1, "text", [], {}, {"type": "dance"}, {**good, "timestamp": "soon"}]
    batch = [event for pair in zip([good] * len(bad), bad, strict=True) for event in pair]
    answer = await server.client.post("/v1/batch", json={"writeKey": WRITE_KEY, "batch": batch})
    statuses = [receipt["status"] for receipt in answer.json()["receipts"]]
    assert statuses == ["accepted", "rejected"] * len(bad)
    found = await server.query("{ sessions(first: 1) { nodes { customerId eventCount } } }")
    assert found["sessions"]["nodes"] == [{"customerId": visitor, "eventCount": len(bad)}]
