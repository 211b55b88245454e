"""What happened: one tracking call, translated into the words of the domain and ready to be applied to a journey.

What is made anew for every event is a named tuple, here and elsewhere: it takes a third of the time of a frozen
dataclass, and all of them together made a sixteenth of the cost of an event.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from gateway.journey.consent import Consent

CustomerIdType = Literal["cookie", "externalId"]

PAGE_VIEWED = "page_viewed"
SCREEN_VIEWED = "screen_viewed"
SEARCH_PERFORMED = "search_performed"

VISITOR = "visitor"
"""Source of the identifiers that a visitor's own calls tell."""

SITE = "site"
"""Source of those that the site vouches for, by a signature or a token in such a call."""


class Identifier(NamedTuple):
    """A claim: one way to recognise a customer, such as a cookie or an e-mail address.

    `type` is one of Cookie, Email, Phone, ExternalId or a Social* type; `value` is as it was given, unless a function
    says that it returns normal forms. `verified` tells that it was proved, as by a signature. `source` is who told it:
    the visitor's own calls, the site that vouches for them, or a word such as agent, api or import.
    """

    type: str
    value: str
    verified: bool = False
    source: str = VISITOR

    @property
    def key(self) -> tuple[str, str]:
        """Type and value."""
        return self.type, self.value


@dataclass(frozen=True, slots=True)
class Visit:
    """What one call tells about the visit around it; each part is a mapping with the documented names, or None.

    browser: family, version, lang, viewHeight, viewWidth.
    device: category, type, isMobile, osFamily, osVersion, manufacturer, screenHeight, screenWidth.
    geolocation: country, countryName, region, locality, latitude, longitude, timezone.
    referrer: url, domain, hostname, pathname, queryString, keywords, medium, name.
    mktCampaign: source, medium, name, term, content, clickId, network.
    app: name, version, buildNumber, namespace. sdkLibrary: name, version.
    """

    browser: Mapping[str, object] | None = None
    device: Mapping[str, object] | None = None
    geolocation: Mapping[str, object] | None = None
    referrer: Mapping[str, object] | None = None
    mkt_campaign: Mapping[str, object] | None = None
    app: Mapping[str, object] | None = None
    sdk_library: Mapping[str, object] | None = None
    network_connectivity: Mapping[str, object] | None = None
    ip_address: str | None = None
    user_agent_string: str | None = None


NOTHING: Mapping[str, object] = {}
"""What is told by a call that tells nothing; never written to."""


class Event(NamedTuple):
    """One event of a visitor.

    `id` is derived from the write key and the message id, so the same message is the same event. `created_date` is the
    corrected time at which it happened, `received_date` the server's time of arrival; both aware UTC in whole
    milliseconds. `page` holds url, title, keywords and lang as far as they are known. `division_id` is that of the
    write key, None for the home division.
    """

    id: str
    message_id: str
    customer_id: str
    customer_id_type: CustomerIdType
    event_name: str
    created_date: datetime
    received_date: datetime
    page: Mapping[str, object] | None = None
    referrer_url: str | None = None
    search_query: str | None = None
    attributes: Mapping[str, object] = NOTHING
    traits: Mapping[str, object] = NOTHING
    identifiers: tuple[Identifier, ...] = ()
    tell_visit: Callable[[], Visit] = Visit
    consent: Consent | None = None
    division_id: str | None = None

    @property
    def visit(self) -> Visit:
        """What the call tells about the visit around it; worked out when asked for, as few events of a visit are."""
        return self.tell_visit()
