"""Which hostnames are the same website: everything below one registrable name.

This approximates the Public Suffix List (https://publicsuffix.org) with the few rules that matter for classifying
referrers: second-level endings of countries, and hosting services on which every name is somebody else's.
"""

from functools import lru_cache

COUNTRY_SECOND_LEVELS = frozenset(
    {"ac", "co", "com", "edu", "gen", "go", "gob", "gov", "gv", "ind", "ltd", "mil", "ne", "net", "nom", "or", "org"}
    | {"plc", "sch", "web"}
)
"""Labels that stand, before a country's two letters, for the country's own endings: co.uk, com.br, or.jp."""

HOSTING_SUFFIXES = frozenset(
    {"azurewebsites.net", "blogspot.com", "cloudfront.net", "firebaseapp.com", "fly.dev", "github.io", "gitlab.io"}
    | {"herokuapp.com", "livejournal.com", "myshopify.com", "netlify.app", "onrender.com", "pages.dev", "substack.com"}
    | {"tumblr.com", "vercel.app", "web.app", "webflow.io", "weebly.com", "wixsite.com", "wordpress.com", "workers.dev"}
)
"""Endings below which neighbours are strangers to one another."""


@lru_cache(maxsize=4096)
def site_of(hostname: str) -> str:
    """Return the registrable part of a hostname: shop.example.co.uk is of the site example.co.uk.

    IP addresses and single names, such as localhost, are sites of their own.
    """
    labels = hostname.split(".")
    if ":" in hostname or labels[-1].isdigit():
        return hostname
    return ".".join(labels[-_site_length(labels) :])


def _site_length(labels: list[str]) -> int:
    ending = labels[-2:]
    if ".".join(ending) in HOSTING_SUFFIXES:
        return 3
    return 3 if len(ending[-1]) == 2 and ending[0] in COUNTRY_SECOND_LEVELS else 2  # noqa: PLR2004  # country codes
