"""What is kept of the sender: the IP address in full, in part or not at all; and the browser's privacy signal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address

from snippet.event import WireEvent

PRIVACY_SIGNAL, ON = b"sec-gpc", b"1"
"""The header of a browser with Global Privacy Control (https://www.w3.org/TR/gpc/#the-sec-gpc-header-field)."""
GRANTED = "granted"

_KEPT_BITS: Mapping[int, tuple[type[IPv4Network] | type[IPv6Network], int]] = {
    4: (IPv4Network, 24),
    6: (IPv6Network, 48),
}
"""Of each version of IP: how many bits of an address are kept. A /48 is what a provider gives to one customer."""


class AddressPolicy(StrEnum):
    """How much of an IP address is kept."""

    FULL = "full"
    TRUNCATED = "truncated"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Privacy:
    """What the operator decided: how much is kept of IP addresses, and whether the privacy signal is honoured."""

    ip_addresses: AddressPolicy = AddressPolicy.TRUNCATED
    honour_signal: bool = True

    def kept_address(self, address: str | None) -> str | None:
        """Return what is kept of an IP address; what is none is kept only where addresses are kept in full."""
        return _KEPT[self.ip_addresses](address) if address else None


BY_DEFAULT = Privacy()


def shorten_address(event: WireEvent, privacy: Privacy) -> None:
    """Replace the visitor's IP address in the event by what is kept of it, before anybody can store it."""
    if "ip" not in event.context or privacy.ip_addresses is AddressPolicy.FULL:
        return
    told = event.context.pop("ip")
    kept = privacy.kept_address(told) if isinstance(told, str) else None
    if kept is not None:
        event.context["ip"] = kept


def has_consented(event: WireEvent) -> bool:
    """Tell whether the event says that its visitor has opted in."""
    consent = event.context.get("consent")
    return isinstance(consent, dict) and consent.get("state") == GRANTED


@lru_cache(maxsize=8_192)  # the same few visitors are there for minutes, each with many events
def truncated(address: str) -> str | None:
    """Return the address without what tells one household from its neighbours; None when it is no IP address.

    IPv4: the last octet becomes zero. IPv6: all behind the first 48 bits; an IPv4 address inside counts as one.
    """
    try:
        found = ip_address(address.strip())
    except ValueError:
        return None
    if found.version == 6:  # noqa: PLR2004 - of IP
        found = found.ipv4_mapped or found.sixtofour or found
    network, bits = _KEPT_BITS[found.version]
    return str(network((int(found), bits), strict=False).network_address)


_KEPT: Mapping[AddressPolicy, Callable[[str], str | None]] = {
    AddressPolicy.FULL: lambda address: address,
    AddressPolicy.TRUNCATED: truncated,
    AddressPolicy.NONE: lambda _: None,
}
