"""Checks of keys: tokens, write keys, roles."""

from collections.abc import Iterator
from datetime import timedelta

from gateway.access.permissions import ROLES, Permission
from gateway.access.tokens import ADMIN, hash_of
from gateway.cli.security.check import Check, Severity
from gateway.cli.security.facts import Facts
from gateway.storage.database import Row

SHORTEST_TOKEN = 22
"""Characters of base64 that hold 128 random bits."""
IDLE_AFTER = timedelta(days=30)
"""A token that nobody used for so long is probably not needed."""


def _guessable_token(facts: Facts) -> Iterator[str]:
    token = facts.settings.admin_token or ""
    if 0 < len(token) < SHORTEST_TOKEN and hash_of(token) in {row["hash"] for row in facts.tokens_in_force()}:
        yield f"The token of JOURNEY_ADMIN_TOKEN is in force and has {len(token)} characters: it can be guessed."


def _token_in_environment(facts: Facts) -> Iterator[str]:
    if "JOURNEY_ADMIN_TOKEN" in facts.variables:
        yield "JOURNEY_ADMIN_TOKEN is in the environment, where child processes and crash reports find it."


def _admins_for_ever(facts: Facts) -> Iterator[str]:
    endless = [row for row in _admins(facts) if row.get("expiresDate") is None]
    if endless:
        yield f"Admin tokens that never expire: {_names(endless)}."


def _idle_tokens(facts: Facts) -> Iterator[str]:
    since = facts.now - IDLE_AFTER
    idle = [row for row in facts.tokens_in_force() if (row.get("lastUsedDate") or row["createdDate"]) < since]
    if idle:
        yield f"Tokens that nobody used for {IDLE_AFTER.days} days: {_names(idle)}."


def _wildcard_origins(facts: Facts) -> Iterator[str]:
    wild = [row for row in facts.write_keys_in_force() if "*" in row["allowedOrigins"]]
    if wild:
        yield f"Pages of every site may send events with the write keys of: {_names(wild)}."


def _introspection(facts: Facts) -> Iterator[str]:
    admins = _admins(facts)
    others = [row for row in facts.tokens_in_force() if row not in admins]
    askers = [row for row in others if Permission.SCHEMA_INTROSPECT in facts.roles.get(row["role"], ())]
    if askers:
        yield f"These tokens may ask for the whole schema, though they are no admin's: {_names(askers)}."


def _token_file(facts: Facts) -> Iterator[str]:
    if facts.token_file_mode is not None:
        yield "The first admin token lies in the data directory."


def _every_domain(facts: Facts) -> Iterator[str]:
    wild = [row for row in facts.write_keys_in_force() if not row["allowedDomains"]]
    if wild:
        yield f"Pages of every domain are collected with the write keys of: {_names(wild)}."


def _admins(facts: Facts) -> list[Row]:
    """Return the tokens in force that may do everything, by whatever role."""
    return [row for row in facts.tokens_in_force() if facts.roles.get(row["role"]) == ROLES[ADMIN]]


def _names(rows: list[Row]) -> str:
    return ", ".join(row["name"] for row in rows)


KEYS: tuple[Check, ...] = (
    Check(
        "guessable token",
        Severity.SEVERE,
        _guessable_token,
        "Revoke it with `journey-gateway token revoke`, after `token create` made another.",
    ),
    Check(
        "token in environment",
        Severity.WARNING,
        _token_in_environment,
        "Unset it: it is used once, when the database is empty.",
    ),
    Check(
        "endless admin tokens",
        Severity.WARNING,
        _admins_for_ever,
        "Make tokens with `token create --expires-in-days`, revoke these, or use OpenID Connect.",
    ),
    Check("idle tokens", Severity.WARNING, _idle_tokens, "Revoke them with `journey-gateway token revoke`."),
    Check(
        "wildcard origins",
        Severity.WARNING,
        _wildcard_origins,
        "Name your sites: `journey-gateway write-key set KEY --allowed-origin https://...`.",
    ),
    Check(
        "introspection",
        Severity.NOTE,
        _introspection,
        "Right for people who write queries; pages get by with the role agent.",
    ),
    Check(
        "token file",
        Severity.NOTE,
        _token_file,
        "Keep it in a password manager, and delete the file `admin-token`.",
    ),
    Check(
        "domains of write keys",
        Severity.NOTE,
        _every_domain,
        "Name your domains: `journey-gateway write-key set KEY --allowed-domain ...`.",
    ),
)
