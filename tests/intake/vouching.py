"""What a site vouches for, and by what: claims, secrets, keys, signatures and tokens; and what is verified of them."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from prometheus_client import REGISTRY

from gateway.intake.verification import Claim, Failure, verified_claims
from snippet.write_key import WriteKey

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
SECRET, FORMER, OTHER = "s" * 64, "f" * 64, "o" * 64
USER, EMAIL, PHONE, COOKIE = ("ExternalId", "u-7"), ("Email", "Jo@Example.com"), ("Phone", "+49 170 1"), ("Cookie", "c")
CLAIMS = (COOKIE, USER, EMAIL, PHONE)

RSA, EC, ED = (
    rsa.generate_private_key(65537, 2048),
    ec.generate_private_key(ec.SECP256R1()),
    ed25519.Ed25519PrivateKey.generate(),
)
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def public_pem(private: PrivateKey) -> str:
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


KEY = WriteKey("key-1", "wk", "Shop", identity_secrets=(SECRET, FORMER))


def with_public_key(private: PrivateKey) -> WriteKey:
    return WriteKey("key-1", "wk", "Shop", identity_secrets=(SECRET,), identity_public_key=public_pem(private))


def signed(text: str, secret: str = SECRET) -> str:
    """Return the signature of `<name>:<value>`."""
    return hmac.new(secret.encode(), text.encode(), sha256).hexdigest()


def token(claims: Mapping[str, object], key: PrivateKey | str = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode({"exp": AT + 60} | dict(claims), key, algorithm=algorithm)


def unchecked_token(header: object, claims: object, signature: bytes = b"") -> str:
    """Return a token as no library would write it."""
    parts = (msgspec.json.encode(header), msgspec.json.encode(claims), signature)
    return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def verified(
    verification: object, key: WriteKey = KEY, claims: tuple[Claim, ...] = CLAIMS
) -> tuple[set[Claim], dict[str, int]]:
    """Return what is verified, and the failures that were counted meanwhile."""
    before = counted()
    found = verified_claims(verification, claims, key, NOW)
    return set(found), {reason: n - before[reason] for reason, n in counted().items() if n > before[reason]}


def counted() -> dict[str, int]:
    name = "journey_verification_failures_total"
    return {reason: int(REGISTRY.get_sample_value(name, {"reason": reason}) or 0) for reason in Failure}
