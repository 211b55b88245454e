"""Identity secrets of a write key: drawn, replaced, and valid for a while beyond that.

They are stored as they are, not hashed: whoever checks an HMAC has to know the secret itself.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.storage.database import Database

GRACE = timedelta(hours=24)
"""How long a secret stays valid once another took its place: pages that were signed before are still open."""
_BYTES = 32


def draw_identity_secret() -> str:
    """Return a new secret: 32 random bytes, URL-safe. Its bytes as ASCII text are the key of signatures."""
    return secrets.token_urlsafe(_BYTES)


def secrets_in_force(row: Mapping[str, Any], now: datetime) -> tuple[str, ...]:
    """Return the identity secrets of this stored write key that are valid now, the newest first."""
    kept = row.get("identitySecrets") or ()
    return tuple(one["value"] for one in kept if one.get("expiresDate") is None or now < one["expiresDate"])


async def current_identity_secret(database: Database, write_key_id: str, now: datetime) -> str:
    """Return the identity secret to sign with; a write key from before there were any gets its first one."""
    row = await database["writeKeys"].find_one({"_id": write_key_id}, {"identitySecrets": 1}) or {}
    current = [one["value"] for one in row.get("identitySecrets") or () if one.get("expiresDate") is None]
    return current[0] if current else await rotate_identity_secret(database, write_key_id, now, GRACE)


async def rotate_identity_secret(database: Database, write_key_id: str, now: datetime, grace: timedelta) -> str:
    """Put a new identity secret in the place of the present ones, which stay valid for the time of grace at most."""
    drawn, end = draw_identity_secret(), now + grace
    fresh = {"value": drawn, "createdDate": now}
    while True:
        row = await database["writeKeys"].find_one({"_id": write_key_id}, {"identitySecrets": 1}) or {}
        before = row.get("identitySecrets")
        former = (one | {"expiresDate": min(one.get("expiresDate") or end, end)} for one in before or ())
        kept = [one for one in former if now < one["expiresDate"]]
        changed = await database["writeKeys"].update_one(
            {"_id": write_key_id, "identitySecrets": before},  # as we read it: two that rotate at once lose no secret
            {"$set": {"identitySecrets": [fresh, *kept]}},
        )
        if changed.matched_count or not row:
            return drawn
