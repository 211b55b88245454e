"""Keys of a JSON Web Key Set that may sign tokens, each with the one algorithm that it is for.

The kind of a key decides the algorithm, never the token: so a public key is no secret of an HMAC, which everybody would
know (RFC 8725 section 3.1).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from gateway.access.errors import BadAnswerOfIssuer

ALGORITHMS = frozenset({"RS256", "ES256", "EdDSA"})
MIN_RSA_BITS, MAX_RSA_BITS = 2_048, 8_192
MAX_KEYS = 100

log = structlog.get_logger(__name__)

Material = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key, its id if it has one, and the algorithm of what it signs."""

    id: str | None
    algorithm: str
    material: Material


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of key: `members` are those of RFC 7518 that make the public half; `curve` is the one allowed."""

    algorithm: str
    members: tuple[str, ...]
    curve: str | None
    fits: Callable[[object], bool]


_KINDS: Mapping[object, _Kind] = {
    "RSA": _Kind(
        "RS256",
        ("n", "e"),
        None,
        lambda key: isinstance(key, RSAPublicKey) and MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS,
    ),
    "EC": _Kind("ES256", ("crv", "x", "y"), "P-256", lambda key: isinstance(key, EllipticCurvePublicKey)),
    "OKP": _Kind("EdDSA", ("crv", "x"), "Ed25519", lambda key: isinstance(key, Ed25519PublicKey)),
}


def public_keys(key_set: Mapping[str, object]) -> tuple[PublicKey, ...]:
    """Return the keys of a set that sign with one of our algorithms; others are left out.

    Raises:
        BadAnswerOfIssuer: it is no key set.
    """
    keys = key_set.get("keys")
    if not isinstance(keys, list):
        raise BadAnswerOfIssuer("the document at jwks_uri has no list `keys`")
    return tuple(found for key in keys[:MAX_KEYS] if (found := _public_key(key)) is not None)


def _public_key(key: object) -> PublicKey | None:
    if not isinstance(key, dict):
        return None
    kind, id_ = _KINDS.get(_text(key, "kty")), _text(key, "kid")
    if kind is None or not _is_for_signatures(key) or key.get("alg", kind.algorithm) != kind.algorithm:
        return None
    if kind.curve is not None and key.get("crv") != kind.curve:
        return None
    public = {"kty": key["kty"], **{name: key.get(name) for name in kind.members}}
    try:
        material = jwt.PyJWK(public, kind.algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        log.warning("a key of the OIDC issuer cannot be read", key=id_, reason=str(error))
        return None
    return PublicKey(id_, kind.algorithm, material) if kind.fits(material) else None


def _is_for_signatures(key: Mapping[str, object]) -> bool:
    operations = key.get("key_ops", ["verify"])
    return key.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _text(key: Mapping[str, object], name: str) -> str | None:
    value = key.get(name)
    return value if isinstance(value, str) else None
