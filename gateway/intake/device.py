"""Browsers and devices, by what they say of themselves."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from ua_parser import OS, Device, Parser, Result, UserAgent, load_lazy_builtins
from ua_parser.regex import Resolver

from gateway.intake.untyped import text_of, texts_of

MAX_USER_AGENT_LENGTH = 1000

Description = Mapping[str, object]

_NO_MAKERS = ("Generic", "Spider")  # what the parser calls a brand when it found none
_ROBOT = "Spider"
_SILENT = frozenset(("", "-"))  # web servers log a missing user agent as a dash

CATEGORIES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "other",
        re.compile(
            r"(?i:smart-?tv|appletv|googletv|hbbtv|bravia|\btv\b)|\bAFT[A-Z]|CrKey|Roku|Web0S"
            r"|PlayStation|Xbox|Nintendo|\bQuest\b|\bVR\b"
        ),
    ),
    ("mobile", re.compile(r"iPhone|iPod|Opera Mini|Opera Mobi|Windows Phone|IEMobile")),
    ("tablet", re.compile(r"iPad|Tablet(?! PC)|PlayBook|Kindle|\bKF[A-Z]{2,}|^Mozilla.*Android(?!.*Mobi)")),
    ("mobile", re.compile(r"Mobi|Android|BlackBerry|BB10|Symb(?:ian|OS)|MIDP|J2ME|UP\.Browser|DoCoMo|KAIOS|MAUI|WAP ")),
)
"""Marks in a user agent and the category of device that each tells; the first that is found counts.

Source: https://developer.mozilla.org/docs/Web/HTTP/Browser_detection_using_the_user_agent; the browser of an Android
tablet leaves out "Mobile", and "Tablet PC" stands in user agents of ordinary Windows desktops.
"""

DESKTOP_SYSTEMS = frozenset(
    {"Arch Linux", "CentOS", "Chrome OS", "Debian", "Fedora", "FreeBSD", "Gentoo", "Linux", "Linux Mint", "Mac OS"}
    | {"Mac OS X", "Mandriva", "NetBSD", "OpenBSD", "Red Hat", "SUSE", "Slackware", "Solaris", "Ubuntu", "Windows"}
)
"""Families of operating systems that run on desktops and laptops."""

_MOBILE_CATEGORIES = frozenset(("mobile", "tablet"))
_MOBILE_SYSTEMS = frozenset(("android", "ios", "ipados"))


def read_user_agent(user_agent: str) -> tuple[Description | None, Description | None]:
    """Return the browser (family, version) and the device behind a user agent, each None when nothing is told.

    The device has category (desktop, mobile, tablet or other), isMobile, osFamily, osVersion, manufacturer and type, as
    far as known; robots, libraries, televisions and game consoles are "other". Results are shared: do not change them.
    """
    user_agent = user_agent.strip()[:MAX_USER_AGENT_LENGTH]
    return (None, None) if user_agent in _SILENT else _read(user_agent)


def declared_device(device: Mapping[str, object], system: Mapping[str, object]) -> dict[str, object]:
    """Return what an app tells of its device in `context.device` and `context.os`, in the words of the model."""
    told: dict[str, object] = dict(texts_of(system, {"osFamily": "name", "osVersion": "version"}))
    told |= texts_of(device, {"manufacturer": "manufacturer", "type": "model"})
    if (text_of(device, "type") or "").lower() in _MOBILE_SYSTEMS:
        tablet = str(told.get("type", "")).startswith("iPad")
        told |= {"category": "tablet" if tablet else "mobile", "isMobile": True}
    return told


@lru_cache(maxsize=4096)
def _read(user_agent: str) -> tuple[Description | None, Description | None]:
    found = _parser().parse(user_agent)
    browser = _browser(found.user_agent) if found.user_agent else None
    return browser, _device(_category(user_agent, found), found.os, found.device)


@cache
def _parser() -> Parser:
    """Return the parser without the library's own cache, which would be a second one; it takes 0.2 s to load."""
    return Parser(Resolver(load_lazy_builtins()))


def _browser(found: UserAgent) -> Description:
    version = _version(found.major, found.minor, found.patch)
    return MappingProxyType({"family": found.family} | ({"version": version} if version else {}))


def _device(category: str, system: OS | None, device: Device | None) -> Description:
    brand = (device and device.brand) or ""
    told = {
        "category": category,
        "isMobile": category in _MOBILE_CATEGORIES,
        "osFamily": system and system.family,
        "osVersion": system and _version(system.major, system.minor, system.patch),
        "manufacturer": None if brand.startswith(_NO_MAKERS) else brand,
        "type": device and _model(device),
    }
    return MappingProxyType({name: value for name, value in told.items() if value is not None and value != ""})


def _category(user_agent: str, found: Result) -> str:
    if found.device and found.device.family == _ROBOT:
        return "other"
    marked = next((category for category, mark in CATEGORIES if mark.search(user_agent)), None)
    return marked or ("desktop" if found.os and found.os.family in DESKTOP_SYSTEMS else "other")


def _model(device: Device) -> str | None:
    """Return the model, unless it is the "K" that Chrome puts in the place of every model."""
    return None if device.family == "K" or device.family.startswith("Generic") else device.family


def _version(*numbers: str | None) -> str:
    return ".".join(number for number in numbers if number)
