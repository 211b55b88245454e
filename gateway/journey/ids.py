"""Ids that are derived, never drawn: the same facts give the same id, so a retry or a replay creates nothing twice."""

from base64 import urlsafe_b64encode
from hashlib import blake2b

ID_BYTES = 15  # 120 bits: twenty characters of base64 without padding, and no collision in any real collection


def derive_id(*parts: str) -> str:
    """Return twenty URL-safe characters that stand for exactly these parts, in this order."""
    digest = blake2b("\0".join(parts).encode(errors="surrogatepass"), digest_size=ID_BYTES).digest()
    return urlsafe_b64encode(digest).decode("ascii")


def short_id(session_id: str) -> str:
    """Return six digits that a customer can read out on the telephone; not unique, but likely so among live ones."""
    number = int.from_bytes(blake2b(session_id.encode(), digest_size=4).digest(), "big")
    return f"{number % 1_000_000:06d}"
