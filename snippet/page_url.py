"""Addresses of pages: what may be kept of them, and whose they are.

The tag applies the same rules in the browser. The server applies them again, because not every sender is the tag, and
what must not be stored must not depend on a cached script.
"""

from functools import lru_cache
from urllib.parse import unquote_plus, urlsplit

from snippet.event import WireEvent
from snippet.write_key import WriteKey

_ADDRESSES_OF_PAGE = ("url", "referrer", "search")
_ADDRESSES_OF_REFERRER = ("url",)


def clean_addresses(event: WireEvent, write_key: WriteKey) -> None:
    """Cut excluded query parameters and fragments from every address of the event, in place."""
    _clean(event.properties, _ADDRESSES_OF_PAGE, write_key)
    _clean(event.context.get("page"), _ADDRESSES_OF_PAGE, write_key)
    _clean(event.context.get("referrer"), _ADDRESSES_OF_REFERRER, write_key)


def clean_address(address: str, excluded: tuple[str, ...], *, keep_fragment: bool) -> str:
    """Return the address without the excluded query parameters, and without its fragment unless that is kept.

    Names of parameters are compared decoded and without regard to case; what stays keeps its spelling and order.
    """
    before, hash_sign, fragment = address.partition("#")
    kept = _without_parameters(before, excluded)
    return kept + hash_sign + _without_parameters(fragment, excluded) if keep_fragment else kept


def page_address(event: WireEvent) -> str | None:
    """Return the address of the page on which the event happened, as far as it was sent."""
    page = event.context.get("page")
    address = page.get("url") if isinstance(page, dict) else None
    if not address and event.type == "page":
        address = event.properties.get("url")
    return address if isinstance(address, str) and address else None


def is_within(address: str, domains: tuple[str, ...]) -> bool:
    """Tell whether the host of the address is one of the domains, or a subdomain of one."""
    try:
        host = _ascii_domain(urlsplit(address).hostname or "")
    except ValueError:
        return False
    return any(host == domain or host.endswith("." + domain) for domain in map(_ascii_domain, domains) if domain)


def _clean(holder: object, names: tuple[str, ...], write_key: WriteKey) -> None:
    if not isinstance(holder, dict):
        return
    for name in names:
        address = holder.get(name)
        if isinstance(address, str) and _is_address(name, address):
            holder[name] = clean_address(
                address, write_key.excluded_query_parameters, keep_fragment=write_key.keep_fragment
            )


def _is_address(name: str, text: str) -> bool:
    """Tell what the browser calls `search`, which begins with "?", from the words of a site search ("c# course")."""
    return text.startswith("?") if name == "search" else bool(text)


def _without_parameters(address: str, excluded: tuple[str, ...]) -> str:
    before, question_mark, query = address.partition("?")
    if not excluded or not question_mark:
        return address
    unwanted = {name.casefold() for name in excluded}
    kept = "&".join(part for part in query.split("&") if _name_of(part) not in unwanted)
    return f"{before}?{kept}" if kept else before


def _name_of(parameter: str) -> str:
    return unquote_plus(parameter.partition("=")[0]).casefold()


@lru_cache(maxsize=4096)
def _ascii_domain(domain: str) -> str:
    """Return the domain as it stands in URLs: lower case, without "*." and final dot, umlauts as punycode."""
    domain = domain.strip().lower().removeprefix("*.").strip(".")
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain
