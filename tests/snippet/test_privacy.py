from collections.abc import Awaitable, Callable
from dataclasses import replace
from ipaddress import ip_address

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippet.admission import Arrival, admit
from snippet.collector import Collector
from snippet.delivery import Delivery, TimedEvent
from snippet.privacy import AddressPolicy, Privacy, truncated
from snippet.write_key import WriteKey
from tests.snippet.conftest import NOW

Post = Callable[..., Awaitable[httpx.Response]]

GOOD = {"type": "page", "anonymousId": "visitor-1", "messageId": "m"}
GPC = {"Sec-GPC": "1"}


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        pytest.param("203.0.113.77", "203.0.113.0", id="IPv4"),
        pytest.param(" 203.0.113.77 ", "203.0.113.0", id="IPv4 with spaces"),
        pytest.param("2001:db8:12:3456:789a::1", "2001:db8:12::", id="IPv6"),
        pytest.param("fe80::1%eth0", "fe80::", id="IPv6 with the name of a device"),
        pytest.param("::ffff:203.0.113.77", "203.0.113.0", id="IPv4 mapped into IPv6"),
        pytest.param("2002:cb00:714d:1::1", "203.0.113.0", id="IPv4 carried by 6to4"),
        pytest.param("64:ff9b::203.0.113.77", "64:ff9b::", id="IPv4 behind NAT64"),
        pytest.param("::1", "::", id="this machine"),
        pytest.param("203.0.113", None, id="a part of an address"),
        pytest.param("Ada's telephone", None, id="no address"),
    ],
)
def test_an_address_is_cut_to_what_many_share(address: str, kept: str | None) -> None:
    assert truncated(address) == kept


@given(st.ip_addresses())
def test_a_cut_address_is_the_start_of_the_whole_one_and_cut_for_good(address: object) -> None:
    kept = truncated(str(address))
    assert kept is not None
    assert truncated(kept) == kept
    found = ip_address(kept)
    assert int(found) & ((1 << (8 if found.version == 4 else 80)) - 1) == 0


@pytest.mark.parametrize(
    ("policy", "told", "kept"),
    [
        pytest.param(AddressPolicy.FULL, "198.51.100.7", "198.51.100.7", id="in full"),
        pytest.param(AddressPolicy.TRUNCATED, "198.51.100.7", "198.51.100.0", id="truncated"),
        pytest.param(AddressPolicy.TRUNCATED, "somewhere", None, id="truncated, no address"),
        pytest.param(AddressPolicy.TRUNCATED, 42, None, id="truncated, no text"),
        pytest.param(AddressPolicy.NONE, "198.51.100.7", None, id="not at all"),
    ],
)
def test_the_address_that_an_event_tells_is_cut_before_it_is_handed_over(
    policy: AddressPolicy, told: object, kept: str | None
) -> None:
    arrival = Arrival(WriteKey("k", "k", "K"), NOW, str, privacy=Privacy(policy))
    timed = admit(msgspec.json.encode({**GOOD, "context": {"ip": told, "locale": "de"}}), arrival)
    assert isinstance(timed, TimedEvent)
    assert timed.wire.context == {"locale": "de", **({"ip": kept} if kept else {})}


@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        pytest.param(AddressPolicy.FULL, "203.0.113.7", id="in full"),
        pytest.param(AddressPolicy.TRUNCATED, "203.0.113.0", id="truncated"),
        pytest.param(AddressPolicy.NONE, None, id="not at all"),
    ],
)
async def test_the_address_of_a_request_is_kept_as_the_operator_decided(
    post: Post, collector: Collector, deliveries: list[Delivery], policy: AddressPolicy, kept: str | None
) -> None:
    collector._privacy = Privacy(policy)
    await post("/v1/batch", {"batch": [GOOD]})
    assert deliveries[0].ip_address == kept


CONSENTS = [
    pytest.param({}, "rejected", id="nothing told"),
    pytest.param({"consent": {"state": "granted"}}, "accepted", id="granted"),
    pytest.param({"consent": {"state": "granted", "date": "2026-01-31T11:00:00Z"}}, "accepted", id="granted, dated"),
    pytest.param({"consent": {"state": "denied"}}, "rejected", id="denied"),
    pytest.param({"consent": "granted"}, "rejected", id="not as an object"),
    pytest.param({"consent": {"state": ["granted"]}}, "rejected", id="state in a list"),
]


@pytest.mark.parametrize(("context", "status"), CONSENTS)
async def test_a_browser_with_the_privacy_signal_is_recorded_only_after_an_opt_in(
    post: Post, deliveries: list[Delivery], context: dict[str, object], status: str
) -> None:
    """Each event speaks for itself, and the request is answered as any other."""
    opted_in = {**GOOD, "messageId": "opted in", "context": {"consent": {"state": "granted"}}}
    response = await post("/v1/batch", {"batch": [{**GOOD, "context": context}, opted_in]}, headers=GPC)
    assert response.status_code == 200
    first, second = response.json()["receipts"]
    assert (first["messageId"], first["status"], second["status"]) == ("m", status, "accepted")
    assert first.get("reason") == ("privacy_signal" if status == "rejected" else None)
    kept = [timed.wire.messageId for timed in deliveries[0].events]
    assert kept == (["opted in"] if status == "rejected" else ["m", "opted in"])


@pytest.mark.parametrize("path", ["/v1/page", "/v1/identify", "/v1/t"])
async def test_nothing_reaches_the_intake_when_no_event_of_a_request_may_be_stored(
    post: Post, deliveries: list[Delivery], path: str
) -> None:
    response = await post(path, {**GOOD, "event": "Seen"}, headers={**GPC, "Origin": "https://shop.example"})
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == "https://shop.example"
    assert [receipt["reason"] for receipt in response.json()["receipts"]] == ["privacy_signal"]
    assert deliveries == []


@pytest.mark.parametrize(
    ("headers", "privacy"),
    [
        pytest.param({}, Privacy(), id="no signal, as back ends send"),
        pytest.param({"Sec-GPC": "0"}, Privacy(), id="a value that the standard does not know"),
        pytest.param(GPC, replace(Privacy(), honour_signal=False), id="the operator does not honour it"),
    ],
)
async def test_without_a_signal_to_honour_everything_is_taken(
    post: Post, collector: Collector, deliveries: list[Delivery], headers: dict[str, str], privacy: Privacy
) -> None:
    collector._privacy = privacy
    await post("/v1/batch", {"batch": [GOOD]}, headers=headers)
    assert len(deliveries[0].events) == 1
