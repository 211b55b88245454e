"""Who comes with an `Authorization` header, and whether who came before may still stay."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum

from gateway.access.last_uses import LastUses
from gateway.access.permissions import RolesByName, permissions_of_roles
from gateway.access.roles import Roles
from gateway.access.tokens import MAX_CHARACTERS, TokenState, hash_of, state_of, viewer_from
from gateway.access.viewer import Viewer
from gateway.storage.database import Database, Row
from gateway.storage.rows import rows_by_id
from gateway.storage.tokens import token_by_hash

Verifier = Callable[[str], Awaitable[Viewer | None]]
"""Tells who comes with a token that is none of ours, such as one of an OIDC issuer."""


class Standing(StrEnum):
    """How somebody stands who was let in before."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    CHANGED = "changed"


class Authenticator:
    """Knows who asks: by our own tokens, else by those that `verify_foreign` knows."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        verify_foreign: Verifier | None = None,
        roles: Roles | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._verify_foreign = verify_foreign
        self._roles = roles or Roles(database)
        self._last_uses = LastUses(database)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Authenticator"]:
        """Write when tokens were last used, for as long as the context is open."""
        async with self._last_uses.running():
            yield self

    async def viewer_of(self, authorization: str | None) -> Viewer | None:
        """Return who asks, by the value of an `Authorization` header, or None when nobody we know does.

        A token is looked up by its hash, so how long that takes tells nothing of how near a guess has come.

        Raises:
            MongoDBUnreachable: nobody can say now whose token it is, or what his role may do.
            IssuerUnreachable: the same, of a token of an OIDC issuer.
        """
        token = _bearer_token(authorization)
        if token is None:
            return None
        viewer = await self._own(token) if len(token) <= MAX_CHARACTERS else None
        if viewer is None and self._verify_foreign is not None:
            return await self._verify_foreign(token)
        return viewer

    async def still_valid(self, viewers: Collection[Viewer]) -> Mapping[Viewer, Standing]:
        """Return how each of these viewers stands now, with one command for all of them, or two where roles are own.

        CHANGED is who has lost a permission or a division, as his token or his role has changed; who has won one only
        may stay as he is.

        Raises:
            MongoDBUnreachable: nobody can say now.
        """
        ids = {viewer.token_id for viewer in viewers if viewer.token_id and not _is_foreign(viewer)}
        rows = await rows_by_id(self._database, "tokens", sorted(ids)) if ids else {}
        named = {role for viewer in viewers if _is_foreign(viewer) for role in viewer.roles}
        roles = await self._roles.among(named | {row["role"] for row in rows.values()})
        now = self._clock()
        return {viewer: _standing(viewer, rows, roles, now) for viewer in viewers}

    async def _own(self, token: str) -> Viewer | None:
        row = await token_by_hash(self._database, hash_of(token))
        now = self._clock()
        if row is None or state_of(row, now) is not TokenState.VALID:
            return None
        self._last_uses.used(row["_id"], now)
        return viewer_from(row, await self._roles.among((row["role"],)))


FOREIGN = ":"
"""Stands in the token ids of those whom others vouch for, such as `oidc:...`; in none of our own."""


def _bearer_token(authorization: str | None) -> str | None:
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _is_foreign(viewer: Viewer) -> bool:
    return viewer.token_id is not None and FOREIGN in viewer.token_id


def _standing(viewer: Viewer, rows: Mapping[str, Row], roles: RolesByName, now: datetime) -> Standing:
    if viewer.expires_date is not None and viewer.expires_date <= now:
        return Standing.EXPIRED
    if viewer.token_id is None:
        return Standing.VALID
    if _is_foreign(viewer):
        kept_all = viewer.permissions <= permissions_of_roles(viewer.roles, roles)
        return Standing.VALID if kept_all else Standing.CHANGED
    row = rows.get(viewer.token_id)
    if row is None:
        return Standing.REVOKED
    standing = Standing[state_of(row, now).name]
    kept_all = viewer_from(row, roles).covers(viewer.permissions, viewer.divisions)
    return Standing.CHANGED if standing is Standing.VALID and not kept_all else standing
