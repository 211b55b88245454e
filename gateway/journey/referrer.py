"""Referrers: the page that a visitor came from, and what kind of place it is."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from gateway.journey.campaign import campaign_medium
from gateway.journey.event import NOTHING
from gateway.journey.page import hostname_of, page_parts, split_url, without_www
from gateway.journey.referrer_sources import SOURCES, Source
from gateway.journey.search import keywords
from gateway.journey.site import site_of

MAX_HOSTNAME_LENGTH = 253  # RFC 1035; what is longer is no host, and shall not fill the cache

_NO_SOURCE = Source("", "unknown")
_MAIL_HOSTS = frozenset(("mail", "owa", "roundcube", "webmail"))


def read_referrer(
    url: str | None, page_url: str | None, campaign: Mapping[str, object] | None = None
) -> dict[str, object] | None:
    """Return url, domain, hostname, pathname, queryString, fragment, keywords, name and medium, as far as known.

    `medium` is internal, search, social, email, paid or unknown. Without a referrer the campaign alone may tell the
    medium; when neither tells anything, there is None.

    The page's own host is internal whatever the campaign says: a link within the site may carry campaign parameters.
    Its sister hosts are internal only where the campaign proves nothing, for a site may count clicks on one of them.
    """
    parts = page_parts(url) if url else {}
    host = str(parts.get("hostname", ""))
    told = campaign_medium(campaign or NOTHING)
    if not host:
        return {"medium": told} if told else None
    here = hostname_of(split_url(page_url)) if page_url else ""
    source = _NO_SOURCE if _is_same_site(host, here) else source_of(host)
    parts.pop("breadcrumb", None)
    found = {
        "url": url,
        **parts,
        "keywords": keywords(str(parts.get("queryString", "")), source.parameters) if source.parameters else None,
        "name": source.name,
        "medium": _medium(host, here, told, source),
    }
    return {name: value for name, value in found.items() if value}


def source_of(hostname: str) -> Source:
    """Return what is known of a host; an unknown one has no name, and its medium is unknown, or email by its look."""
    return _find_source(hostname) if len(hostname) <= MAX_HOSTNAME_LENGTH else _NO_SOURCE


def _medium(host: str, here: str, told: str | None, source: Source) -> str:
    if without_www(host) == without_www(here):
        return "internal"
    return told or ("internal" if _is_same_site(host, here) else source.medium)


def _is_same_site(host: str, here: str) -> bool:
    return site_of(host) == site_of(here)


@lru_cache(maxsize=4096)
def _find_source(hostname: str) -> Source:
    known = next((SOURCES[name] for name in _names(hostname) if name in SOURCES), None)
    return known or (Source("", "email") if _looks_like_mail(hostname) else _NO_SOURCE)


def _names(hostname: str) -> Iterator[str]:
    """Yield the host and its parents, then the same with "*" for what follows the site's own name."""
    site = site_of(hostname)
    anywhere = hostname.removesuffix(site) + site.partition(".")[0] + ".*"
    for name in (hostname, anywhere):
        labels = name.split(".")
        yield from (".".join(labels[start:]) for start in range(len(labels) - 1))


def _looks_like_mail(hostname: str) -> bool:
    return hostname != site_of(hostname) and hostname.partition(".")[0] in _MAIL_HOSTS
