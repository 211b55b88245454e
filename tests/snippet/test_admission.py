from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import httpx
import pytest

from snippet.delivery import Delivery
from snippet.write_key import WriteKey

Post = Callable[..., Awaitable[httpx.Response]]

GOOD = {"type": "track", "event": "Product Added", "anonymousId": "visitor-1", "messageId": "good"}
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

REFUSED = [
    pytest.param("text", "not_an_object", '"text"', id="a text"),
    pytest.param(None, "not_an_object", "null", id="null"),
    pytest.param([GOOD], "not_an_object", "[", id="a list"),
    pytest.param({**GOOD, "type": "click"}, "unknown_type", "'click'", id="a type nobody knows"),
    pytest.param({**GOOD, "type": None}, "unknown_type", "type", id="no type"),
    pytest.param({**GOOD, "type": 5}, "unreadable_event", "type is 5", id="a type that is a number"),
    pytest.param({**GOOD, "anonymousId": None}, "missing_identity", "anonymousId", id="nobody"),
    pytest.param({**GOOD, "anonymousId": " ", "userId": ""}, "missing_identity", "userId", id="blank ids"),
    pytest.param({**GOOD, "anonymousId": {"a": 1}}, "unreadable_event", "anonymousId", id="an id that is an object"),
    pytest.param({**GOOD, "anonymousId": True}, "unreadable_event", "anonymousId is true", id="an id that is true"),
    pytest.param({**GOOD, "event": None}, "missing_event_name", "event", id="track without a name"),
    pytest.param({**GOOD, "event": "  "}, "missing_event_name", "event", id="track with a blank name"),
    pytest.param({**GOOD, "event": ["a"]}, "unreadable_event", 'event is ["a"]', id="a name that is a list"),
    pytest.param({**GOOD, "properties": "red"}, "unreadable_event", 'properties is "red"', id="properties are a text"),
    pytest.param({**GOOD, "context": [1]}, "unreadable_event", "context is [1]", id="context is a list"),
    pytest.param({**GOOD, "traits": 1}, "unreadable_event", "traits is 1", id="traits are a number"),
    pytest.param({**GOOD, "messageId": "m" * 101}, "message_id_too_long", "101", id="message id of 101 characters"),
    pytest.param({**GOOD, "properties": {"a": "x" * 33_000}}, "event_too_large", "32768", id="more than 32 KB"),
    pytest.param({**GOOD, "timestamp": "soon"}, "unreadable_timestamp", "timestamp is 'soon'", id="a time in words"),
    pytest.param({**GOOD, "timestamp": 1769851800}, "unreadable_timestamp", "timestamp is 1769851800", id="seconds"),
    pytest.param({**GOOD, "sentAt": "soon"}, "unreadable_timestamp", "sentAt is 'soon'", id="sent at a time in words"),
    pytest.param({**GOOD, "timestamp": "1969-12-31"}, "unreadable_timestamp", "1969", id="before 1970"),
    pytest.param({**GOOD, "context": {"userAgent": GOOGLEBOT}}, "robot", "Googlebot", id="a robot"),
]


@pytest.mark.parametrize(("event", "reason", "named"), REFUSED)
async def test_an_event_is_refused_with_a_reason_and_its_neighbours_are_kept(
    post: Post, deliveries: list[Delivery], event: object, reason: str, named: str
) -> None:
    response = await post("/v1/batch", {"batch": [GOOD, event, {**GOOD, "messageId": "also good"}]})
    first, refused, last = response.json()["receipts"]
    assert (first["status"], refused["status"], last["status"]) == ("accepted", "rejected", "accepted")
    assert refused["reason"] == reason
    assert named in refused["message"]
    assert [timed.wire.messageId for timed in deliveries[0].events] == ["good", "also good"]


KEPT = [
    pytest.param({"messageId": "m" * 100}, "messageId", "m" * 100, id="message id of 100 characters"),
    pytest.param({"userId": 42}, "userId", "42", id="an id that is a number"),
    pytest.param({"messageId": None}, "messageId", "made-1", id="no message id: one is made"),
    pytest.param({"messageId": ""}, "messageId", "made-1", id="empty message id: one is made"),
    pytest.param({"properties": None}, "properties", {}, id="null counts as absent"),
    pytest.param({"context": None, "traits": None}, "context", {}, id="null context"),
    pytest.param({"properties": {"a": 2**70}}, "properties", {"a": float(2**70)}, id="a huge number"),
    pytest.param({"anonymousId": "a\0b"}, "anonymousId", "a\ufffdb", id="NUL"),
    pytest.param({"integrations": {"All": True}, "channel": "web"}, "event", "Product Added", id="unknown fields"),
    pytest.param({"type": "page", "event": None}, "type", "page", id="a page needs no name"),
    pytest.param({"anonymousId": None, "userId": "u"}, "anonymousId", None, id="a user id is enough"),
    pytest.param({"anonymousId": " ", "userId": "u"}, "anonymousId", None, id="a blank id is none"),
]


@pytest.mark.parametrize(("change", "field", "expected"), KEPT)
async def test_what_can_be_understood_is_kept(
    post: Post, deliveries: list[Delivery], change: dict[str, object], field: str, expected: object
) -> None:
    response = await post("/v1/batch", {"batch": [{**GOOD, **change}]})
    assert [receipt["status"] for receipt in response.json()["receipts"]] == ["accepted"]
    assert getattr(deliveries[0].events[0].wire, field) == expected


@pytest.mark.parametrize(
    ("visitor", "header", "status"),
    [
        pytest.param(None, CHROME, "accepted", id="a person"),
        pytest.param(None, GOOGLEBOT, "rejected", id="a robot in the header"),
        pytest.param(GOOGLEBOT, CHROME, "rejected", id="a robot in the event"),
        pytest.param(CHROME, GOOGLEBOT, "accepted", id="the event's user agent wins"),
        pytest.param("", GOOGLEBOT, "rejected", id="an empty one does not"),
        pytest.param(None, "curl/8.16.0", "accepted", id="a back end by curl"),
        pytest.param(5, CHROME, "accepted", id="a number is no user agent"),
    ],
)
async def test_robots_are_known_by_the_visitors_user_agent(
    post: Post, visitor: object, header: str, status: str
) -> None:
    event = {**GOOD, "context": {"userAgent": visitor}}
    response = await post("/v1/batch", {"batch": [event]}, {"User-Agent": header})
    assert response.json()["receipts"][0]["status"] == status


async def test_a_write_key_may_accept_robots(post: Post, write_keys: dict[str, WriteKey]) -> None:
    write_keys["robots"] = WriteKey("robots", "robots", "Robots", accept_robots=True)
    response = await post("/v1/batch", {"batch": [{**GOOD, "context": {"userAgent": GOOGLEBOT}}]}, key="robots")
    assert response.json()["receipts"][0]["status"] == "accepted"


@pytest.mark.parametrize(
    ("url", "status"),
    [
        pytest.param("https://www.shop.example/p", "accepted", id="a page of the site"),
        pytest.param("https://evil.example/p", "rejected", id="a page of another"),
        pytest.param("http://[", "rejected", id="no address"),
        pytest.param(None, "accepted", id="no page at all"),
    ],
)
async def test_only_pages_of_allowed_domains_are_collected(
    post: Post, write_keys: dict[str, WriteKey], url: str | None, status: str
) -> None:
    write_keys["shop"] = WriteKey("shop", "shop", "Shop", allowed_domains=("shop.example",))
    response = await post("/v1/batch", {"batch": [{**GOOD, "context": {"page": {"url": url}}}]}, key="shop")
    assert response.json()["receipts"][0].get("status") == status
    assert response.json()["receipts"][0].get("reason") in {None, "domain_not_allowed"}


async def test_the_write_keys_privacy_rules_hold_for_every_sender(
    post: Post, write_keys: dict[str, WriteKey], deliveries: list[Delivery]
) -> None:
    write_keys["shop"] = WriteKey("shop", "shop", "Shop", excluded_query_parameters=("email",))
    page = {"url": "https://shop.example/?email=a@b.example&x=1#top"}
    await post("/v1/page", {"anonymousId": "v", "properties": page, "context": {"page": page}}, key="shop")
    wire = deliveries[0].events[0].wire
    assert wire.properties["url"] == "https://shop.example/?x=1"
    assert wire.context["page"] == {"url": "https://shop.example/?x=1"}


@pytest.mark.parametrize(
    ("event", "batch", "expected"),
    [
        pytest.param({}, {}, datetime(2026, 1, 31, 12, 0, 0, 123000, tzinfo=UTC), id="no time: the arrival"),
        pytest.param(
            {"timestamp": "2026-01-31T08:59:00Z"},
            {"sentAt": "2026-01-31T09:00:00Z"},
            datetime(2026, 1, 31, 11, 59, 0, 123000, tzinfo=UTC),
            id="sentAt of the batch",
        ),
        pytest.param(
            {"timestamp": "2026-01-31T08:59:00Z", "sentAt": "2026-01-31T08:59:30Z"},
            {"sentAt": "2026-01-31T09:00:00Z"},
            datetime(2026, 1, 31, 11, 59, 30, 123000, tzinfo=UTC),
            id="the event's own sentAt comes first",
        ),
        pytest.param(
            {"timestamp": "2026-01-31T08:59:00Z"},
            {"sentAt": None},
            datetime(2026, 1, 31, 8, 59, tzinfo=UTC),
            id="no sentAt",
        ),
    ],
)
async def test_the_time_of_an_event_is_corrected(
    post: Post, deliveries: list[Delivery], event: dict[str, object], batch: dict[str, object], expected: datetime
) -> None:
    await post("/v1/batch", {"batch": [{**GOOD, **event}], **batch})
    assert deliveries[0].events[0].created_date == expected
