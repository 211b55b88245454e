"""What can be asked about: the 23 keys of a visit, and the keys of an event; and how the value of each is read."""

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from gateway.journey.event import Event, Visit
from gateway.journey.page import hostname_of, split_url, without_www


class Visited(Protocol):
    """What can be asked about a visit: a session."""

    @property
    def visit(self) -> Visit:
        """What is known of it."""

    @property
    def authenticated(self) -> bool:
        """Whether the site vouches for who it is."""


ReadOfVisit = Callable[[Visited], object]
ReadOfEvent = Callable[[Event], object]

_ATTRIBUTE = re.compile(r"attributes\.(?P<name>.+)\.value")


def is_context_key(key: str) -> bool:
    """Tell whether a visit can be asked about it."""
    return key in CONTEXT_KEYS


def is_journey_key(key: str) -> bool:
    """Tell whether an event can be asked about it: `attributes.<name>.value` is one for every name."""
    return key in JOURNEY_KEYS or _ATTRIBUTE.fullmatch(key) is not None


def reader_of_visit(key: str) -> ReadOfVisit:
    """Return how a visit tells the value of a context key."""
    return CONTEXT_KEYS[key]


def reader_of_event(key: str) -> ReadOfEvent:
    """Return how an event tells the value of a journey key."""
    if attribute := _ATTRIBUTE.fullmatch(key):
        name = attribute["name"]
        return lambda event: _plain(event.attributes.get(name))
    return JOURNEY_KEYS[key]


def _plain(value: object) -> object:
    """Return the value of an attribute, which may come as {"dataType": ..., "value": ...}."""
    return value.get("value") if isinstance(value, Mapping) else value


def _of_visit(part: str, name: str) -> ReadOfVisit:
    def read(session: Visited) -> object:
        told: Mapping[str, object] | None = getattr(session.visit, part)
        return told.get(name) if told else None

    return read


def _of_page(name: str) -> ReadOfEvent:
    return lambda event: event.page.get(name) if event.page else None


def _of_address(part: Callable[[str], str]) -> ReadOfEvent:
    def read(event: Event) -> object:
        url = event.page.get("url") if event.page else None
        return part(url) or None if isinstance(url, str) else None

    return read


def _hostname(url: str) -> str:
    return hostname_of(split_url(url))


CONTEXT_KEYS: Mapping[str, ReadOfVisit] = {
    **{f"device.{name}": _of_visit("device", name) for name in ("category", "type", "osFamily")},
    **{f"browser.{name}": _of_visit("browser", name) for name in ("family", "lang", "version")},
    **{
        f"mktCampaign.{name}": _of_visit("mkt_campaign", name)
        for name in ("source", "medium", "name", "term", "content", "clickId", "network")
    },
    **{
        f"geolocation.{name}": _of_visit("geolocation", name)
        for name in ("countryName", "locality", "region", "postalCode", "country")
    },
    "ipOrganization": lambda session: None,  # noqa: ARG005 - nobody tells it yet; definitions that ask stay importable
    **{f"referrer.{name}": _of_visit("referrer", name) for name in ("url", "medium", "hostname")},
    "authenticated": lambda session: session.authenticated,
}
JOURNEY_KEYS: Mapping[str, ReadOfEvent] = {
    "eventName": lambda event: event.event_name,
    "page.url": _of_page("url"),
    "page.title": _of_page("title"),
    "page.keywords": _of_page("keywords"),
    "page.hostname": _of_address(_hostname),
    "page.domain": _of_address(lambda url: without_www(_hostname(url))),
    "page.fragment": _of_address(lambda url: split_url(url).fragment),
    "page.pathname": _of_address(lambda url: split_url(url).path),
    "page.queryString": _of_address(lambda url: split_url(url).query),
    "searchQuery": lambda event: event.search_query,
}
