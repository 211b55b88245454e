"""Settings, read once from the JOURNEY_* variables of the environment; all that is wrong with them is told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from gateway.journey.identifier import DEFAULT_REGION, IdentifierType
from gateway.journey.identity_resolution import LinkPolicies, LinkPolicy

PREFIX = "JOURNEY_"
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
IP_ADDRESSES = ("full", "truncated", "none")


class SettingsError(ValueError):
    """One or more JOURNEY_* variables cannot be used; each line names one, its value, and what is allowed."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        #: One sentence per variable, in the order of the table.
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator decides. Values that may hold a secret are left out of the repr."""

    mongodb_url: str | None = field(repr=False)
    database: str
    data_dir: Path
    host: str
    port: int
    workers: int
    session_timeout: timedelta
    write_key: str | None
    admin_token: str | None = field(repr=False)
    log_level: str
    contact_expiry: timedelta
    region: str
    link_policies: LinkPolicies
    audit_kept_for: timedelta
    ip_addresses: str
    honour_gpc: bool
    demo_dir: Path | None

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """Return the settings of this environment; a variable that is absent or empty has its default.

        Raises:
            SettingsError: Variables that are unknown or have a value that is not allowed, all of them at once.
        """
        values: dict[str, Any] = {}  # each converter gives the type of its own field
        problems: list[str] = []
        for setting in SETTINGS:
            try:
                values[setting.field] = setting.read(environ)
            except ValueError as error:
                problems.append(_describe(setting, environ[setting.variable], error))
        problems += _unknown_variables(environ)
        if problems:
            raise SettingsError(tuple(problems))
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the settings table: the variable, where it goes, how its text is understood, and what it is for."""

    variable: str
    field: str
    convert: Callable[[str], object]
    default: str | None  #: as it would be written in the environment; None: there is none, and the field is None
    description: str
    secret: bool = False

    def read(self, environ: Mapping[str, str]) -> object:
        """Return the converted value of this environment; raises ValueError, saying what is allowed."""
        text = environ.get(self.variable, "").strip() or self.default
        return None if text is None else self.convert(text)


def _describe(setting: Setting, text: str, error: ValueError) -> str:
    value = "the value (not shown, it may hold a secret)" if setting.secret else repr(text)
    return f"{setting.variable}: {value} is not allowed; it must be {error}."


def _unknown_variables(environ: Mapping[str, str]) -> Iterator[str]:
    known = [setting.variable for setting in SETTINGS]
    names = [variable.removeprefix(PREFIX) for variable in known]  # the prefix alone would make any two alike
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and variable not in known:
            nearest = get_close_matches(variable.removeprefix(PREFIX), names, n=1)
            advice = f"did you mean {PREFIX}{nearest[0]}?" if nearest else f"known are {', '.join(known)}."
            yield f"{variable} is not a setting; {advice}"


def _whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        # isdecimal alone would let digits of other scripts through, which no shell or unit file means
        if text.isascii() and text.isdecimal() and lowest <= int(text) <= highest:
            return int(text)
        raise ValueError(f"a whole number from {lowest} to {highest}")

    return convert


def _duration(unit: str, lowest: int, highest: int) -> Callable[[str], timedelta]:
    def convert(text: str) -> timedelta:
        try:
            return timedelta(**{unit: _whole_number(lowest, highest)(text)})
        except ValueError as error:
            raise ValueError(f"{error} ({unit})") from None

    return convert


def _matching(pattern: str, allowed: str) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if re.fullmatch(pattern, text):
            return text
        raise ValueError(allowed)

    return convert


def _one_of(*words: str) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text.lower() in words:
            return text.lower()
        raise ValueError(f"one of {', '.join(words)}")

    return convert


def _link_policies(text: str) -> LinkPolicies:
    """Return what `Email=ALWAYS,Phone=VERIFIED` says."""
    types, policies = {kind.value for kind in IdentifierType}, {policy.value for policy in LinkPolicy}
    pairs = [part.strip().partition("=") for part in text.split(",") if part.strip()]
    if any(kind not in types or policy not in policies for kind, _, policy in pairs):
        raise ValueError(f"TYPE=POLICY,... of the types {', '.join(sorted(types))} and {', '.join(sorted(policies))}")
    return LinkPolicies({kind: LinkPolicy(policy) for kind, _, policy in pairs})


def _yes_or_no(text: str) -> bool:
    return _one_of("true", "false")(text) == "true"


SETTINGS = (
    Setting(
        "JOURNEY_MONGODB_URL",
        "mongodb_url",
        _matching(r"mongodb(\+srv)?://\S+", "a URL that starts with mongodb:// or mongodb+srv://"),
        None,
        "Replica set or sharded cluster to use, MongoDB 6.0 or later. Absent: an embedded mongod is started.",
        secret=True,
    ),
    Setting(
        "JOURNEY_DATABASE",
        "database",
        _matching(
            r"(?!(?:admin|config|local)$)[A-Za-z0-9_-]{1,63}",
            "1 to 63 letters, digits, hyphens and underscores, and not admin, config or local",
        ),
        "journey",
        "Name of the database.",
    ),
    Setting("JOURNEY_DATA_DIR", "data_dir", Path, ".data", "Directory in which the embedded mongod keeps its data."),
    Setting(
        "JOURNEY_HOST",
        "host",
        _matching(r"[A-Za-z0-9.:_-]+", "a host name or an IP address"),
        "127.0.0.1",
        "Address to listen on; 0.0.0.0 for all of IPv4.",
    ),
    Setting("JOURNEY_PORT", "port", _whole_number(1, 65_535), "8000", "Port to listen on."),
    Setting("JOURNEY_WORKERS", "workers", _whole_number(1, 256), "1", "Number of server processes."),
    Setting(
        "JOURNEY_SESSION_TIMEOUT",
        "session_timeout",
        _duration("seconds", 1, 86_400),
        "1200",
        "Seconds without an event after which a session has ended.",
    ),
    Setting(
        "JOURNEY_WRITE_KEY",
        "write_key",
        _matching(r"[A-Za-z0-9_-]{1,100}", "1 to 100 letters, digits, hyphens and underscores"),
        None,
        "Write key made when the database is empty. Absent: generated and printed.",
    ),
    Setting(
        "JOURNEY_ADMIN_TOKEN",
        "admin_token",
        _matching(r"[A-Za-z0-9._~+/=-]{1,512}", "1 to 512 letters, digits and . _ ~ + / = -"),
        None,
        "Admin token made when the database is empty. Absent: generated and printed.",
        secret=True,
    ),
    Setting("JOURNEY_LOG_LEVEL", "log_level", _one_of(*LOG_LEVELS), "info", f"One of {', '.join(LOG_LEVELS)}."),
    Setting(
        "JOURNEY_CONTACT_EXPIRY_DAYS",
        "contact_expiry",
        _duration("days", 1, 3_650),
        "60",
        "Days without an interaction after which a contact that nobody keeps by hand is deleted, with its visits.",
    ),
    Setting(
        "JOURNEY_REGION",
        "region",
        _matching("[A-Z]{2}", "two capital letters of ISO 3166-1, such as US or CH"),
        DEFAULT_REGION,
        "Where telephone numbers without a country code are dialled.",
    ),
    Setting(
        "JOURNEY_LINK_POLICIES",
        "link_policies",
        _link_policies,
        "Email=ALWAYS",
        "Which claims link a visitor to the contact that holds the same identifier, by type, such as"
        " Email=ALWAYS,Phone=VERIFIED. ALWAYS, also for types that are not named: unverified claims link too. VERIFIED:"
        " signed ones. NEVER: people decide.",
    ),
    Setting(
        "JOURNEY_AUDIT_DAYS",
        "audit_kept_for",
        _duration("days", 1, 3_650),
        "400",
        "Days for which the audit log tells who looked at, changed, exported or erased a contact.",
    ),
    Setting(
        "JOURNEY_IP_ADDRESSES",
        "ip_addresses",
        _one_of(*IP_ADDRESSES),
        "truncated",
        f"How much of a visitor's IP address is stored, one of {', '.join(IP_ADDRESSES)}. Truncated: the last octet of"
        " IPv4 is zeroed, IPv6 is cut to /48.",
    ),
    Setting(
        "JOURNEY_HONOUR_GPC",
        "honour_gpc",
        _yes_or_no,
        "true",
        "Whether nothing is stored of a browser that sends Sec-GPC: 1 without its visitor's opt-in: true or false.",
    ),
    Setting(
        "JOURNEY_DEMO_DIR",
        "demo_dir",
        Path,
        None,
        "Directory with shop/ and agent-widget/: serve them at /demo/ and /live/ and fill the admin token into the"
        " pages. Only on one's own machine.",
    ),
)
"""Every setting, in the order of the documentation."""
