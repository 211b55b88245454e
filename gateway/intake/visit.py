"""The circumstances of a call: browser, device, place, campaign and referrer, read from its `context`.

Source of the sender's names: https://segment.com/docs/connections/spec/common/#context
"""

from collections.abc import Mapping

from gateway.intake.device import declared_device, read_user_agent
from gateway.intake.untyped import is_number, part_of, size_of, text_of, texts_of
from gateway.journey.campaign import read_campaign
from gateway.journey.event import Visit
from gateway.journey.page import split_url
from gateway.journey.referrer import read_referrer

MAX_ADDRESS_LENGTH = 45  # an IPv6 address with an IPv4 address inside

_BROWSER_SIZES: Mapping[str, str] = {"viewWidth": "innerWidth", "viewHeight": "innerHeight"}
_DEVICE_SIZES: Mapping[str, str] = {"screenWidth": "width", "screenHeight": "height"}
_PLACE: Mapping[str, str] = {"countryName": "country", "region": "region", "locality": "city"}
_COORDINATES = ("latitude", "longitude")
_CAMPAIGN: Mapping[str, str] = {
    name: name for name in ("source", "medium", "name", "term", "content", "clickId", "network")
}
_APP: Mapping[str, str] = {"name": "name", "version": "version", "buildNumber": "build", "namespace": "namespace"}
_LIBRARY: Mapping[str, str] = {"name": "name", "version": "version"}
_CONNECTIONS: Mapping[str, str] = {
    "bluetoothEnabled": "bluetooth",
    "cellularEnabled": "cellular",
    "wifiEnabled": "wifi",
}
_COUNTRY_CODE_LENGTH = 2


def read_visit(
    context: Mapping[str, object],
    page_url: str | None,
    referrer_url: str | None,
    sender: tuple[str | None, str | None],
) -> Visit:
    """Return what a call tells about the visit around it.

    `sender` is the IP address and the user agent that the request itself came with: what counts where the context
    names none.
    """
    user_agent = text_of(context, "userAgent") or sender[1]
    browser, device = read_user_agent(user_agent) if user_agent else (None, None)
    campaign = _campaign(context, page_url)
    return Visit(
        browser=_browser(context, browser),
        device=_device(context, device),
        geolocation=_geolocation(context),
        referrer=read_referrer(referrer_url, page_url, campaign),
        mkt_campaign=campaign,
        app=texts_of(part_of(context, "app"), _APP) or None,
        sdk_library=texts_of(part_of(context, "library"), _LIBRARY) or None,
        network_connectivity=_network(part_of(context, "network")),
        ip_address=text_of(context, "ip", MAX_ADDRESS_LENGTH) or sender[0],
        user_agent_string=user_agent,
    )


def _browser(context: Mapping[str, object], told: Mapping[str, object] | None) -> dict[str, object] | None:
    browser = dict(told or ())
    if lang := text_of(context, "locale"):
        browser["lang"] = lang
    return (browser | _sizes(part_of(context, "screen"), _BROWSER_SIZES)) or None


def _device(context: Mapping[str, object], told: Mapping[str, object] | None) -> dict[str, object] | None:
    device = dict(told or ())
    if "device" in context or "os" in context:
        device |= declared_device(part_of(context, "device"), part_of(context, "os"))
    return (device | _sizes(part_of(context, "screen"), _DEVICE_SIZES)) or None


def _sizes(screen: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    if not screen:
        return {}
    told = ((ours, size_of(screen, theirs)) for ours, theirs in names.items())
    return {ours: size for ours, size in told if size is not None}


def _geolocation(context: Mapping[str, object]) -> dict[str, object] | None:
    location = part_of(context, "location")
    place: dict[str, object] = dict(texts_of(location, _PLACE))
    country = str(place.get("countryName", ""))
    if len(country) == _COUNTRY_CODE_LENGTH:
        place["country"] = str(place.pop("countryName")).upper()
    place |= {name: location[name] for name in _COORDINATES if is_number(location.get(name))}
    if timezone := text_of(context, "timezone"):
        place["timezone"] = timezone
    return place or None


def _campaign(context: Mapping[str, object], page_url: str | None) -> dict[str, object] | None:
    declared = texts_of(part_of(context, "campaign"), _CAMPAIGN)
    query_string = split_url(page_url).query if page_url else ""
    return read_campaign(query_string, declared) if query_string or declared else None


def _network(network: Mapping[str, object]) -> dict[str, object] | None:
    if not network:
        return None
    states = {ours: network[theirs] for ours, theirs in _CONNECTIONS.items() if isinstance(network.get(theirs), bool)}
    return states | texts_of(network, {"carrier": "carrier"}) or None
