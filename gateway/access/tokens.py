"""Bearer tokens: drawn at random, shown once, kept as a hash."""

from datetime import datetime
from hashlib import sha256

from gateway.access.viewer import Viewer
from gateway.journey.ids import derive_id
from gateway.storage.database import Database
from gateway.storage.tokens import add_row, token_by_hash

ADMIN = "admin"


def hash_of(token: str) -> str:
    """Return what is stored of a token. It holds 256 random bits, so a plain hash cannot be turned back."""
    return sha256(token.encode(errors="surrogatepass")).hexdigest()


async def add_token(database: Database, token: str, name: str, role: str, now: datetime) -> None:
    """Store a token, by its hash."""
    row = {"_id": derive_id("token", hash_of(token)), "name": name, "role": role, "hash": hash_of(token)}
    await add_row(database, "tokens", {**row, "createdDate": now})


async def viewer_of(database: Database, authorization: str | None) -> Viewer | None:
    """Return who asks, by the value of an `Authorization` header, or None when nobody we know does."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    row = await token_by_hash(database, hash_of(token.strip()))
    return Viewer(row["name"], row["role"]) if row else None
