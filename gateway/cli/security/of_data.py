"""Checks of what is stored: MongoDB, files, and how much is kept of visitors."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from gateway.cli.security.check import Check, Severity
from gateway.cli.security.facts import Facts

SUPPORTED_UNTIL: Mapping[tuple[int, ...], datetime] = {
    (6, 0): datetime(2025, 7, 31, tzinfo=UTC),
    (7, 0): datetime(2027, 8, 31, tzinfo=UTC),
    (8, 0): datetime(2029, 10, 31, tzinfo=UTC),
}
"""Until when a release of MongoDB gets fixes: https://www.mongodb.com/legal/support-policy/lifecycles"""


def _open_mongodb(facts: Facts) -> Iterator[str]:
    if facts.is_mongodb_elsewhere and not facts.mongodb.authenticates:
        yield f"MongoDB at {_hosts(facts)} lets everybody in who reaches it."


def _readable_files(facts: Facts) -> Iterator[str]:
    for name, mode in (("data directory", facts.data_dir_mode), ("file of the admin token", facts.token_file_mode)):
        if mode is not None and mode & 0o077:
            yield f"Other users of this machine may look into the {name} (mode {mode:03o})."


def _old_mongodb(facts: Facts) -> Iterator[str]:
    version = ".".join(map(str, facts.mongodb_version))
    until = SUPPORTED_UNTIL.get(facts.mongodb_version[:2])
    if until is not None and until < facts.now:
        yield f"MongoDB {version} has had no fixes since {until:%B %Y}."


def _mongodb_unencrypted(facts: Facts) -> Iterator[str]:
    if facts.is_mongodb_elsewhere and not facts.mongodb.encrypts:
        yield f"What is stored travels to MongoDB at {_hosts(facts)} unencrypted."


def _as_root(facts: Facts) -> Iterator[str]:
    if facts.is_root:
        yield "This runs as root; a flaw of the server would give away the machine."


def _mongodb_open_here(facts: Facts) -> Iterator[str]:
    if not facts.is_mongodb_elsewhere and not facts.mongodb.authenticates:
        yield "MongoDB lets in every user of this machine."


def _whole_addresses(facts: Facts) -> Iterator[str]:
    if facts.settings.ip_addresses == "full":
        yield "Whole IP addresses of visitors are stored."


def _signal_ignored(facts: Facts) -> Iterator[str]:
    if not facts.settings.honour_gpc:
        yield "Browsers that send Global Privacy Control are tracked."


def _hosts(facts: Facts) -> str:
    return ", ".join(facts.mongodb.hosts) or "an unknown address"


DATA: tuple[Check, ...] = (
    Check(
        "MongoDB without password",
        Severity.SEVERE,
        _open_mongodb,
        "Turn on authentication, and put user and password into JOURNEY_MONGODB_URL.",
    ),
    Check("readable files", Severity.SEVERE, _readable_files, "chmod go= on it, as the user that the server runs as."),
    Check("old MongoDB", Severity.WARNING, _old_mongodb, "Upgrade to a release that is maintained."),
    Check("MongoDB without TLS", Severity.WARNING, _mongodb_unencrypted, "Add tls=true to JOURNEY_MONGODB_URL."),
    Check("root", Severity.WARNING, _as_root, "Run the server as a user of its own."),
    Check(
        "MongoDB on this machine",
        Severity.NOTE,
        _mongodb_open_here,
        "Share the machine with nobody, or use a MongoDB with authentication.",
    ),
    Check("IP addresses", Severity.NOTE, _whole_addresses, "Set JOURNEY_IP_ADDRESSES to truncated or none."),
    Check("privacy signal", Severity.NOTE, _signal_ignored, "Set JOURNEY_HONOUR_GPC to true."),
)
