"""How the texts of variables are understood: each function raises ValueError, saying what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from gateway.journey.identifier import IdentifierType
from gateway.journey.identity_resolution import LinkPolicies, LinkPolicy


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """Take a whole number between these two, both included."""

    def convert(text: str) -> int:
        # isdecimal alone would let digits of other scripts through, which no shell or unit file means
        if text.isascii() and text.isdecimal() and lowest <= int(text) <= highest:
            return int(text)
        raise ValueError(f"a whole number from {lowest} to {highest}")

    return convert


def duration(unit: str, lowest: int, highest: int) -> Callable[[str], timedelta]:
    """Take a whole number of this unit."""

    def convert(text: str) -> timedelta:
        try:
            return timedelta(**{unit: whole_number(lowest, highest)(text)})
        except ValueError as error:
            raise ValueError(f"{error} ({unit})") from None

    return convert


def matching(pattern: str, allowed: str) -> Callable[[str], str]:
    """Take a text that the pattern matches as a whole; `allowed` says which texts these are."""

    def convert(text: str) -> str:
        if re.fullmatch(pattern, text):
            return text
        raise ValueError(allowed)

    return convert


def one_of(*words: str) -> Callable[[str], str]:
    """Take one of these words, in any case."""

    def convert(text: str) -> str:
        if text.lower() in words:
            return text.lower()
        raise ValueError(f"one of {', '.join(words)}")

    return convert


def link_policies(text: str) -> LinkPolicies:
    """Return what `Email=ALWAYS,Phone=VERIFIED` says."""
    types, policies = {kind.value for kind in IdentifierType}, {policy.value for policy in LinkPolicy}
    pairs = [part.strip().partition("=") for part in text.split(",") if part.strip()]
    if any(kind not in types or policy not in policies for kind, _, policy in pairs):
        raise ValueError(f"TYPE=POLICY,... of the types {', '.join(sorted(types))} and {', '.join(sorted(policies))}")
    return LinkPolicies({kind: LinkPolicy(policy) for kind, _, policy in pairs})


def issuer(text: str) -> str:
    """Return the URL of an issuer, as it stands in its tokens; a trailing slash counts."""
    allowed = "the issuer's https:// URL without query and fragment (http:// on the loopback interface only)"
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError:
        raise ValueError(allowed) from None
    secure = url.scheme == "https" or (url.scheme == "http" and is_loopback(host))
    if not secure or not host or re.search(r"[\s?#@]", text):
        raise ValueError(allowed)
    return text


def is_loopback(host: str | None) -> bool:
    """Tell whether this host of a URL is the machine itself."""
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


def oidc_roles(text: str) -> tuple[tuple[str, str], ...]:
    """Return what `support=agent,ops=admin` says: values of the claim, each with a role."""
    pairs = [tuple(word.strip() for word in part.rpartition("=")[::2]) for part in text.split(",") if part.strip()]
    if not pairs or not all(value and role for value, role in pairs):
        raise ValueError("VALUE=ROLE,... such as support=agent,ops=admin")
    return tuple((value, role) for value, role in pairs)


def origins(text: str) -> tuple[str, ...]:
    """Return the origins in a list, as browsers write them."""
    origins = tuple(part.strip().rstrip("/").lower() for part in text.split(",") if part.strip())
    if all(origin == "*" or re.fullmatch(r"https?://[^\s/?#@,]+", origin) for origin in origins):
        return origins
    raise ValueError("origins such as https://desk.example, with commas between them, or *")


def share(text: str) -> float:
    """Return a share between none and all of it."""
    if re.fullmatch(r"0?\.[0-9]{1,6}", text, re.ASCII) and float(text) > 0:
        return float(text)
    raise ValueError("a number between 0 and 1, such as 0.05")


def file(text: str) -> Path:
    """Return the path of a file that is there."""
    path = Path(text)
    if path.is_file():
        return path
    raise ValueError("the path of a file that is there")


def yes_or_no(text: str) -> bool:
    """Return whether it is true, and not false."""
    return one_of("true", "false")(text) == "true"
