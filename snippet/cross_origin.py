"""Which pages may talk to the collector, in the words of CORS (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from snippet.errors import RefusedRequest
from snippet.refusal import Refusal
from snippet.write_key import WriteKey

Header = tuple[bytes, bytes]

VARY: Header = (b"vary", b"origin")  # without it a cache would hand one origin's answer to another

# A preflight carries no data and no write key, so any origin is told what it may send; the request itself is checked.
PREFLIGHT: tuple[Header, ...] = (
    (b"access-control-allow-methods", b"POST, GET"),
    (b"access-control-allow-headers", b"content-type, content-encoding, authorization"),
    (b"access-control-max-age", b"86400"),
)


def check_origin(write_key: WriteKey, origin: bytes | None) -> None:
    """Refuse pages of origins that the write key does not allow; senders that are no pages name no origin.

    Raises:
        RefusedRequest: origin_not_allowed.
    """
    if origin is None or "*" in write_key.allowed_origins:
        return
    name = origin.decode("latin-1").lower()
    if all(name != allowed.lower().rstrip("/") for allowed in write_key.allowed_origins):
        message = f"Origin is {name[:100]!r}; this write key allows {', '.join(write_key.allowed_origins)}."
        raise RefusedRequest(Refusal.ORIGIN_NOT_ALLOWED, message)


def readable_by(origin: bytes | None) -> list[Header]:
    """Return the headers that let a page of this origin read the answer."""
    if origin is None:
        return [VARY]
    return [
        VARY,
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", b"X-Journey-Refused, Retry-After"),
    ]
