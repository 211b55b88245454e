"""From the wire to the domain."""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.translate import translate
from gateway.journey.event import Event, Identifier
from gateway.journey.ids import derive_id
from snippet.delivery import Delivery, TimedEvent
from snippet.event import EVENT_TYPES, WireEvent
from snippet.write_key import WriteKey

HAPPENED = datetime(2026, 5, 1, 12, tzinfo=UTC)
RECEIVED = datetime(2026, 5, 1, 12, 0, 1, tzinfo=UTC)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"
DELIVERY = Delivery(WriteKey("key-1", "secret", "Shop"), (), RECEIVED, "192.0.2.1", FIREFOX)
PAGE = {"url": "https://shop.example/shoes?q=red", "title": "Shoes", "referrer": "https://www.google.com/"}


def event_of(**wire: object) -> Event:
    return event_through(DELIVERY, wire)


def event_through(delivery: Delivery, wire: Mapping[str, object]) -> Event:
    call: dict[str, object] = {"type": "page", "messageId": "m-1", "anonymousId": "visitor-1", **wire}
    return translate(TimedEvent(WireEvent(**call), HAPPENED), delivery)  # type: ignore[arg-type]  # rows are untyped


def test_a_page_call_becomes_a_page_viewed_event() -> None:
    event = event_of(context={"page": PAGE, "userAgent": CHROME})
    assert event.id == derive_id("event", "key-1", "m-1")
    assert (event.message_id, event.event_name) == ("m-1", "page_viewed")
    assert (event.customer_id, event.customer_id_type) == ("visitor-1", "cookie")
    assert (event.created_date, event.received_date) == (HAPPENED, RECEIVED)
    assert event.page == {"url": "https://shop.example/shoes?q=red", "title": "Shoes"}
    assert event.referrer_url == "https://www.google.com/"
    assert event.search_query is None


def test_the_same_message_under_another_write_key_is_another_event() -> None:
    other = DELIVERY._replace(write_key=WriteKey("key-2", "secret-2", "Blog"))
    assert event_of().id == event_of().id
    assert event_of().id != event_through(other, {}).id


def test_without_a_cookie_the_user_id_names_the_visitor() -> None:
    event = event_of(anonymousId=None, userId="u-7")
    assert (event.customer_id, event.customer_id_type) == ("u-7", "externalId")
    assert event.identifiers == (Identifier("ExternalId", "u-7"),)


def test_a_call_that_names_nobody_is_an_error_that_says_so() -> None:
    with pytest.raises(ValueError, match=r"m-1.*anonymousId or userId"):
        event_of(anonymousId=None)


def test_a_back_end_tells_the_page_by_properties_and_the_rest_are_attributes() -> None:
    event = event_of(
        name="Product", properties={**PAGE, "path": "/shoes", "search": "?q=red", "query": "red", "price": 3.5}
    )
    assert event.page == {"url": "https://shop.example/shoes?q=red", "title": "Shoes"}
    assert event.referrer_url == "https://www.google.com/"
    assert event.attributes == {"query": "red", "price": 3.5, "name": "Product"}


def test_a_track_call_keeps_its_properties_for_they_describe_its_object() -> None:
    event = event_of(type="track", event="Product Added", properties={"url": "https://shop.example/p/1", "title": "A"})
    assert event.event_name == "product_added"
    assert event.page is None
    assert event.attributes == {"url": "https://shop.example/p/1", "title": "A"}


@pytest.mark.parametrize(
    ("call", "attributes"),
    [
        pytest.param(
            {"type": "group", "groupId": "g-1", "traits": {"plan": "pro", "email": "office@firm.example"}},
            {"plan": "pro", "email": "office@firm.example", "groupId": "g-1"},
            id="traits of a group describe the group",
        ),
        pytest.param(
            {"type": "alias", "userId": "u-7", "previousId": "visitor-0"}, {"previousId": "visitor-0"}, id="alias"
        ),
        pytest.param({"type": "screen", "name": "Cart", "properties": {"items": 2}}, {"items": 2, "name": "Cart"}),
        pytest.param({"type": "page", "name": ""}, {}, id="an empty name"),
    ],
)
def test_other_calls_have_these_attributes_and_no_traits(call: dict[str, object], attributes: object) -> None:
    event = event_of(**call)
    assert event.attributes == attributes
    assert event.traits == {}


@pytest.mark.parametrize(
    ("call", "query"),
    [
        pytest.param({"properties": {"query": " red  shoes "}}, "red shoes", id="by property"),
        pytest.param({"context": {"page": PAGE}}, "red", id="by the page's address"),
        pytest.param({"event": "Product Added", "context": {"page": PAGE}}, None, id="no search"),
    ],
)
def test_only_a_search_has_a_search_query(call: dict[str, object], query: str | None) -> None:
    assert event_of(**{"type": "track", "event": "Products Searched"} | call).search_query == query


def test_identify_claims_identifiers_once_each_and_none_is_verified() -> None:
    traits = {"email": " Jo@example.com ", "phone": "+491701", "cellPhone": "+491701", "workPhone": 7, "plan": "pro"}
    event = event_of(type="identify", userId="u-7", traits=traits)
    assert event.event_name == "user_identified"
    assert event.traits == traits
    assert event.identifiers == (
        Identifier("Cookie", "visitor-1"),
        Identifier("ExternalId", "u-7"),
        Identifier("Email", "Jo@example.com"),
        Identifier("Phone", "+491701"),
    )


def test_what_the_site_vouches_for_is_verified_and_nothing_else() -> None:
    key = WriteKey("key-1", "wk", "Shop", identity_secrets=("s3cr3t",))
    signature = hmac.new(b"s3cr3t", b"email:jo@example.com", sha256).hexdigest()
    event = event_through(
        DELIVERY._replace(write_key=key),
        {
            "type": "identify",
            "userId": "u-7",
            "traits": {"email": " Jo@Example.com "},
            "context": {"verification": {"signatures": {"email": signature}}},
        },
    )
    assert event.identifiers == (
        Identifier("Cookie", "visitor-1"),
        Identifier("ExternalId", "u-7"),
        Identifier("Email", "Jo@Example.com", verified=True, source="site"),
    )
    assert signature not in repr(event) + repr(event.visit)


def test_traits_in_the_context_tell_of_the_person_on_any_call() -> None:
    event = event_of(type="track", event="Order Completed", context={"traits": {"email": "jo@example.com"}})
    assert event.traits == {"email": "jo@example.com"}
    assert Identifier("Email", "jo@example.com") in event.identifiers


def test_the_visit_is_read_from_the_context() -> None:
    visit = event_of(
        context={
            "page": {"url": "https://shop.example/?utm_source=ads&utm_medium=cpc&gclid=g1", "referrer": ""},
            "userAgent": CHROME,
            "locale": "de-DE",
            "timezone": "Europe/Berlin",
            "ip": "198.51.100.7",
            "screen": {"width": 1920, "height": 1080, "innerWidth": 1200, "innerHeight": 800.0},
            "library": {"name": "analytics.js", "version": "2.1"},
            "app": {"name": "Shop", "version": "1.2", "build": "77", "namespace": "example.shop"},
            "network": {"bluetooth": False, "wifi": True, "cellular": "yes", "carrier": "T"},
            "location": {"country": "de", "city": "Berlin", "latitude": 52.5, "longitude": True},
        }
    ).visit
    assert visit.browser == {
        "family": "Chrome",
        "version": "120.0.0",
        "lang": "de-DE",
        "viewWidth": 1200,
        "viewHeight": 800,
    }
    assert visit.device == {
        "category": "desktop",
        "isMobile": False,
        "osFamily": "Windows",
        "osVersion": "10",
        "screenWidth": 1920,
        "screenHeight": 1080,
    }
    assert visit.referrer == {"medium": "paid"}
    assert visit.mkt_campaign == {"source": "ads", "medium": "cpc", "clickId": "g1", "network": "Google Ads"}
    assert visit.geolocation == {"country": "DE", "locality": "Berlin", "latitude": 52.5, "timezone": "Europe/Berlin"}
    assert visit.app == {"name": "Shop", "version": "1.2", "buildNumber": "77", "namespace": "example.shop"}
    assert visit.sdk_library == {"name": "analytics.js", "version": "2.1"}
    assert visit.network_connectivity == {"bluetoothEnabled": False, "wifiEnabled": True, "carrier": "T"}
    assert (visit.ip_address, visit.user_agent_string) == ("198.51.100.7", CHROME)


def test_the_request_tells_address_and_user_agent_where_the_context_does_not() -> None:
    visit = event_of().visit
    assert (visit.ip_address, visit.user_agent_string) == ("192.0.2.1", FIREFOX)
    assert (visit.browser or {})["family"] == "Firefox"


def test_a_declared_campaign_wins_over_the_address() -> None:
    context = {"page": {"url": "https://shop.example/?utm_source=a"}, "campaign": {"source": "b", "name": 7}}
    assert event_of(context=context).visit.mkt_campaign == {"source": "b"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)
known_names = st.sampled_from(
    [
        "app",
        "campaign",
        "country",
        "device",
        "email",
        "height",
        "keywords",
        "latitude",
        "library",
        "locale",
        "location",
        "name",
        "network",
        "os",
        "page",
        "phone",
        "query",
        "referrer",
        "screen",
        "search",
        "title",
        "traits",
        "type",
        "url",
        "userAgent",
        "width",
    ]  # a list of one-word strings would be longer than the test
)
mappings = st.dictionaries(known_names, json_values | st.dictionaries(known_names, json_values, max_size=4), max_size=8)


@given(st.sampled_from(sorted(EVENT_TYPES)), mappings, mappings, mappings)
def test_whatever_the_mappings_hold_nothing_is_raised(
    call: str, context: dict[str, object], properties: dict[str, object], traits: dict[str, object]
) -> None:
    event = event_of(type=call, event="x", context=context, properties=properties, traits=traits)
    assert all(identifier.value for identifier in event.identifiers)
