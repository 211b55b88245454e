"""Bearer tokens: drawn at random, shown once, kept as a hash, and revocable."""

import secrets
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256
from typing import Any

from gateway.access.divisions_chosen import divisions_chosen
from gateway.access.errors import MoreThanOwn
from gateway.access.own_roles import refuse_more_than_own
from gateway.access.permissions import ROLES, Permission, RolesByName
from gateway.access.roles import roles_there
from gateway.access.viewer import Viewer
from gateway.journey.errors import InvalidValue
from gateway.journey.field_limits import text
from gateway.journey.ids import derive_id
from gateway.storage.audit_log import AuditAction, AuditEntry
from gateway.storage.database import Database, Row
from gateway.storage.key_changes import add_key, revoke_key
from gateway.storage.tokens import add_row, tokens_within

COLLECTION = "tokens"
ADMIN = "admin"
PREFIX = "jg_"
MAX_CHARACTERS = 512
"""Longer than any token of ours: see JOURNEY_ADMIN_TOKEN."""
MAX_NAME = 200
MAX_DAYS = 3_650
_RANDOM_BYTES = 32


class TokenState(Enum):
    """Whether a token opens anything."""

    VALID = "VALID"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token to make. Without `division_ids` it sees all divisions, without `expires_in_days` it never expires."""

    name: str
    role: str
    division_ids: Collection[str] | None = None
    expires_in_days: int | None = None


def hash_of(token: str) -> str:
    """Return what is stored of a token. It holds 256 random bits, so a plain hash cannot be turned back."""
    return sha256(token.encode(errors="surrogatepass")).hexdigest()


async def add_token(database: Database, token: str, name: str, role: str, now: datetime) -> None:
    """Store the first token of a database, by its hash; it sees all divisions and does not expire."""
    await add_row(database, COLLECTION, _row(token, {"name": name, "role": role, "createdDate": now}))


async def create_token(database: Database, wanted: NewToken, maker: Viewer, now: datetime) -> tuple[Row, str]:
    """Make a token.

    Returns:
        The token as it is stored, and the token itself, which nobody can show again.

    Raises:
        InvalidValue: a field has a value that it cannot have; there is no such role or division.
        MoreThanOwn: the token would open more than the maker's own.
        NotStored: MongoDB cannot take it now.
    """
    roles = await roles_there(database)
    fields = {"name": text(MAX_NAME)("name", wanted.name), "role": _role(wanted.role, roles), "createdDate": now}
    if wanted.division_ids is not None:
        fields["divisionIds"] = await divisions_chosen(database, maker, "divisionIds", wanted.division_ids)
    if wanted.expires_in_days is not None:
        fields["expiresDate"] = now + _days(wanted.expires_in_days)
    _refuse_more_than_own(maker, wanted, roles[wanted.role])
    token = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    row = _row(token, fields)
    await add_key(database, COLLECTION, row, _entry(AuditAction.CREATED, row["_id"], maker, now))
    return row, token


async def revoke_token(database: Database, token_id: str, revoker: Viewer, now: datetime) -> Row | None:
    """Revoke a token, for ever; one that was revoked before stays as it is.

    Returns:
        The token as it is now, or None where there is none whose divisions the revoker sees.

    Raises:
        NotStored: MongoDB cannot take it now.
    """
    where = {"_id": token_id, **tokens_within(revoker.divisions)}
    return await revoke_key(database, COLLECTION, where, now, _entry(AuditAction.REVOKED, token_id, revoker, now))


def state_of(row: Mapping[str, Any], now: datetime) -> TokenState:
    """Return whether a stored token opens anything now."""
    if row.get("revokedDate") is not None:
        return TokenState.REVOKED
    expires_date = row.get("expiresDate")
    return TokenState.EXPIRED if expires_date is not None and expires_date <= now else TokenState.VALID


def viewer_from(row: Mapping[str, Any], roles: RolesByName = ROLES) -> Viewer:
    """Return who holds the token that is stored so. A role that is not among these may do nothing."""
    divisions = row.get("divisionIds")
    return Viewer(
        name=row["name"],
        role=row["role"],
        permissions=roles.get(row["role"], frozenset()),
        divisions=None if divisions is None else frozenset(divisions),
        token_id=row["_id"],
        expires_date=row.get("expiresDate"),
    )


def _row(token: str, fields: Mapping[str, object]) -> Row:
    return {"_id": derive_id("token", hash_of(token)), "hash": hash_of(token), **fields}


def _role(role: str, roles: RolesByName) -> str:
    if role not in roles:
        raise InvalidValue("role", role, f"one of {', '.join(sorted(roles))}")
    return role


def _days(number: int) -> timedelta:
    if not 1 <= number <= MAX_DAYS:
        raise InvalidValue("expiresInDays", number, f"a whole number from 1 to {MAX_DAYS:,}")
    return timedelta(days=number)


def _refuse_more_than_own(maker: Viewer, wanted: NewToken, permissions: AbstractSet[Permission]) -> None:
    refuse_more_than_own(maker, permissions, f"`role` is {wanted.role!r}, which has")
    divisions = None if wanted.division_ids is None else frozenset(wanted.division_ids)
    if not maker.covers(frozenset(), divisions):
        raise MoreThanOwn("`divisionIds` is left out, which means all divisions, but you see only some: name those.")


def _entry(action: AuditAction, token_id: str, actor: Viewer, now: datetime) -> AuditEntry:
    return AuditEntry(now, actor.name or actor.role, action, (), {"tokenId": token_id})
