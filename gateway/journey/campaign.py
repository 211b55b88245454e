"""Marketing campaigns: what the parameters of a landing page's URL tell about the click that led to it."""

from collections.abc import Mapping
from typing import NamedTuple

from gateway.journey.page import query_parameters

MAX_VALUE_LENGTH = 500

UTM_PARAMETERS: Mapping[str, str] = {
    "utm_source": "source",
    "utm_medium": "medium",
    "utm_campaign": "name",
    "utm_term": "term",
    "utm_content": "content",
}
"""Parameters that the site owner puts into links, and the campaign's field of each."""


class Network(NamedTuple):
    """An advertising network that marks its clicks; `medium` is what its mark alone proves about the visit."""

    name: str
    medium: str


_GOOGLE_ADS = Network("Google Ads", "paid")

CLICK_IDS: Mapping[str, Network] = {
    "gclid": _GOOGLE_ADS,
    "gbraid": _GOOGLE_ADS,
    "wbraid": _GOOGLE_ADS,
    "dclid": Network("Google Marketing Platform", "paid"),
    "msclkid": Network("Microsoft Advertising", "paid"),
    "ttclid": Network("TikTok", "paid"),
    "twclid": Network("X", "paid"),
    "li_fat_id": Network("LinkedIn", "paid"),
    "epik": Network("Pinterest", "paid"),
    "rdt_cid": Network("Reddit", "paid"),
    "sccid": Network("Snapchat", "paid"),
    "yclid": Network("Yandex Direct", "paid"),
    "qclid": Network("Quora", "paid"),
    "tblci": Network("Taboola", "paid"),
    "irclickid": Network("impact.com", "paid"),
    "cjevent": Network("CJ Affiliate", "paid"),
    "fbclid": Network("Facebook", "social"),  # put on every outgoing link, advertisement or not
    "igshid": Network("Instagram", "social"),  # put on shared links
    "mc_eid": Network("Mailchimp", "email"),
}
"""Parameters that networks add to links, in lower case; when a URL has several, the first of this table counts."""

_MEDIUM_OF_NETWORK = {network.name: network.medium for network in CLICK_IDS.values()}

_PAID_WORDS = frozenset(
    {"ads", "affiliate", "banner", "cpa", "cpc", "cpm", "cpp", "cpv", "display", "interstitial", "ppc", "retargeting"}
    | {"remarketing", "sem", "sponsored"}
)
_MEDIUM_OF_WORD: Mapping[str, str] = {
    "email": "email",
    "mail": "email",
    "newsletter": "email",
    "social": "social",
    "sm": "social",
}
_WORD_MARKS = str.maketrans("-_+/", "    ")


def read_campaign(query_string: str, declared: dict[str, str] | None = None) -> dict[str, object] | None:
    """Return source, medium, name, term, content, clickId and network as far as they are told, or None.

    `declared` is what the sender says in the campaign's own words; it wins over the query string.
    """
    campaign = _from_query(query_string) | (declared or {})
    return {name: value[:MAX_VALUE_LENGTH] for name, value in campaign.items()} or None


def campaign_medium(campaign: Mapping[str, object]) -> str | None:
    """Return paid, email or social when the campaign proves it; paid wins."""
    words = str(campaign.get("medium", "")).lower().translate(_WORD_MARKS).split()
    by_network = _MEDIUM_OF_NETWORK.get(str(campaign.get("network")))
    if by_network == "paid" or any(word in _PAID_WORDS or word.startswith("paid") for word in words):
        return "paid"
    return next((_MEDIUM_OF_WORD[word] for word in words if word in _MEDIUM_OF_WORD), by_network)


def _from_query(query_string: str) -> dict[str, str]:
    parameters = {name.lower(): value for name, value in query_parameters(query_string).items()}
    if not parameters:
        return {}
    campaign = {field: parameters[name] for name, field in UTM_PARAMETERS.items() if name in parameters}
    click = next((name for name in CLICK_IDS if name in parameters), None)
    if click is not None:
        campaign |= {"clickId": parameters[click], "network": CLICK_IDS[click].name}
    return campaign
