"""Pages by their addresses: what a URL is made of. Nothing here raises, whatever a sender calls a URL."""

from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

MAX_QUERY_LENGTH = 8192
"""Characters of a query string that are read; web servers take no longer address either."""

_NOWHERE = SplitResult("", "", "", "", "")


def page_parts(url: str) -> dict[str, object]:
    """Return domain, hostname, pathname, queryString, fragment and breadcrumb of a URL, as far as it has them.

    `domain` is the hostname without a leading "www."; `queryString` and `fragment` come without their mark; the
    `breadcrumb` is the list of the path's decoded segments. What cannot be read as a URL has no parts.
    """
    parts = split_url(url)
    hostname = hostname_of(parts)
    told: dict[str, object] = {
        "domain": without_www(hostname),
        "hostname": hostname,
        "pathname": parts.path or ("/" if hostname else ""),
        "queryString": parts.query,
        "fragment": parts.fragment,
        "breadcrumb": [unquote(segment) for segment in parts.path.split("/") if segment],
    }
    return {name: value for name, value in told.items() if value}


@lru_cache(maxsize=4_096)
def split_url(url: str) -> SplitResult:
    """Split a URL as the standard library does; what it refuses has only empty parts."""
    try:
        return urlsplit(url.strip())
    except ValueError:  # unbalanced brackets, or characters that turn into delimiters under NFKC
        return _NOWHERE


def hostname_of(parts: SplitResult) -> str:
    """Return the host in lower case, without port, user and the root's dot; empty when there is none."""
    return (parts.hostname or "").rstrip(".")


def without_www(hostname: str) -> str:
    """Return the hostname without a leading "www."."""
    return hostname.removeprefix("www.")


def query_parameters(query_string: str) -> dict[str, str]:
    """Return the decoded parameters that have a value; of a repeated parameter the first counts."""
    if "=" not in query_string:
        return {}
    return dict(reversed(parse_qsl(query_string[:MAX_QUERY_LENGTH])))
