"""The parts of a visit: browser, device, place, referrer, campaign, page."""

from datetime import datetime
from typing import Annotated

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.enums import ConsentState, IdentifierType
from gateway.graph.words import Row, derived, stored
from gateway.journey.page import page_parts

# Contacts refer to these types, and that module imports this one: hence by name.
ContactReference = Annotated["Contact", strawberry.lazy("gateway.graph.types.journey")]  # type: ignore[name-defined]  # noqa: F821


@strawberry.type(description="The browser of a visit.", directives=[requires(Permission.SESSION_VIEW)])
class Browser:
    """A browser."""

    family: str | None = stored("family", "Name of the browser, such as Chrome or Firefox.")
    version: str | None = stored("version", "Version of the browser.")
    lang: str | None = stored("lang", "Language that the browser asks for (BCP 47), such as de-CH.")
    view_width: int | None = stored("viewWidth", "Width of the window's content, in CSS pixels.")
    view_height: int | None = stored("viewHeight", "Height of the window's content, in CSS pixels.")


@strawberry.type(description="The device of a visit.", directives=[requires(Permission.SESSION_VIEW)])
class Device:
    """A device."""

    category: str | None = stored("category", "desktop, mobile, tablet or other.")
    type: str | None = stored("type", "Model of the device, as far as its user agent tells.")
    is_mobile: bool | None = stored("isMobile", "Whether it is a telephone or a tablet.")
    os_family: str | None = stored("osFamily", "Operating system.")
    os_version: str | None = stored("osVersion", "Version of the operating system.")
    manufacturer: str | None = stored("manufacturer", "Who made the device.")
    screen_width: int | None = stored("screenWidth", "Width of the screen, in CSS pixels.")
    screen_height: int | None = stored("screenHeight", "Height of the screen, in CSS pixels.")


@strawberry.type(
    description="Where a visit comes from, as far as it was told with its events.",
    directives=[requires(Permission.SESSION_VIEW)],
)
class Geolocation:
    """A place."""

    country: str | None = stored("country", "Country (ISO 3166-1 alpha-2).")
    country_name: str | None = stored("countryName", "Name of the country.")
    region: str | None = stored("region", "Region (ISO 3166-2).")
    region_name: str | None = stored("regionName", "Name of the region.")
    locality: str | None = stored("locality", "Town.")
    postal_code: str | None = stored("postalCode", "Postal code.")
    latitude: float | None = stored("latitude", "Latitude, in degrees.")
    longitude: float | None = stored("longitude", "Longitude, in degrees.")
    timezone: str | None = stored("timezone", "Time zone of the browser, such as Europe/Zurich.")


@strawberry.type(description="What led to a visit.", directives=[requires(Permission.SESSION_VIEW)])
class Referrer:
    """A referrer."""

    url: str | None = stored("url", "Address of the page that led here.")
    hostname: str | None = stored("hostname", "Host of that page.")
    domain: str | None = stored("domain", "Host without a leading www.")
    pathname: str | None = stored("pathname", "Path of that page.")
    query_string: str | None = stored("queryString", "Query of that page, without the question mark.")
    fragment: str | None = stored("fragment", "Fragment of that page, without the number sign.")
    keywords: str | None = stored("keywords", "What was searched for there, if the search engine tells.")
    medium: str | None = stored("medium", "internal, search, social, email, paid or unknown.")
    name: str | None = stored("name", "Name of the search engine or network, if we know it.")


@strawberry.type(
    description="The marketing campaign that led to a visit, from UTM parameters and click ids.",
    directives=[requires(Permission.SESSION_VIEW)],
)
class MktCampaign:
    """A campaign."""

    source: str | None = stored("source", "utm_source: who sent the visitor.")
    medium: str | None = stored("medium", "utm_medium: by which means.")
    name: str | None = stored("name", "utm_campaign: name of the campaign.")
    term: str | None = stored("term", "utm_term: the keyword that was paid for.")
    content: str | None = stored("content", "utm_content: which variant of the advertisement.")
    click_id: str | None = stored("clickId", "The click id of the advertising network.")
    network: str | None = stored("network", "The advertising network that the click id is of.")


def _part(name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a resolver's source
    def read(page: Row) -> object:
        return page.get(name) or page_parts(str(page.get("url") or "")).get(name)

    return read


@strawberry.type(description="A page of the site.", directives=[PUBLIC])
class Page:
    """A page."""

    url: str | None = stored("url", "Its address, without what the write key's settings exclude.")
    title: str | None = stored("title", "Its title.")
    hostname: str | None = derived(_part("hostname"), "Its host.", reads=("url",))
    domain: str | None = derived(_part("domain"), "Its host without a leading www.", reads=("url",))
    pathname: str | None = derived(_part("pathname"), "Its path.", reads=("url",))
    query_string: str | None = derived(_part("queryString"), "Its query, without the question mark.", reads=("url",))
    fragment: str | None = derived(_part("fragment"), "Its fragment, if the write key keeps it.", reads=("url",))
    breadcrumb: list[str] | None = derived(_part("breadcrumb"), "The steps of its path.", reads=("url",))
    keywords: str | None = stored("keywords", "Keywords that the page gives.")
    lang: str | None = stored("lang", "Language of the page.")


@strawberry.type(description="The newest event of a session.", directives=[requires(Permission.SESSION_VIEW)])
class LastEvent:
    """A session's last event, in short."""

    id: strawberry.ID = stored("id", "The id of the event.")
    event_name: str = stored("eventName", "What happened, as object_verbPastTense.")
    created_date: datetime = stored("createdDate", "When it happened.")


@strawberry.type(description="One way to recognise a customer.", directives=[requires(Permission.CONTACT_VIEW)])
class Identifier:
    """An identifier."""

    type: IdentifierType = stored("type", "What kind of identifier it is.")
    value: str = stored("value", "The identifier itself, in the one form in which it is compared with others.")
    normalised: bool = stored(
        "isNormalised", "Whether it has such a form; if not, it is as it was typed, and matches nothing."
    )
    verified: bool = stored("isVerified", "Whether it was proved to be the customer's, not only claimed.")
    source: str = stored("source", "Who told it, or who proved it: visitor, site, api, import, or the name of a token.")
    created_date: datetime = stored("createdDate", "When it was first seen.")
    last_seen_date: datetime = stored("lastSeenDate", "When it was last seen, to the hour.")
    contact: ContactReference = stored("contact", "The contact that holds it; of several, the one created first.")


@strawberry.type(
    description="Whether the visitor allows to be recorded: the newest decision that was told.",
    directives=[requires(Permission.CONTACT_VIEW)],
)
class Consent:
    """A decision of a visitor."""

    state: ConsentState = stored("state", "What the visitor decided.")
    date: datetime = stored("date", "Since when.")
