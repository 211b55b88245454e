"""Keys by which a site vouches for who a visitor is; each kind of key is good for one algorithm, whatever a token says.

Sources: RFC 8725 (JSON Web Token Best Current Practices) 3.1 and 3.2; RFC 7518 3.1; RFC 8037.
"""

from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from snippet.write_key import WriteKey

_ALGORITHM_OF_SECRETS = "HS256"
LEAST_RSA_BITS = 2048
KINDS = "RSA of 2,048 bits or more, EC on P-256, or Ed25519"


class IdentityKey(NamedTuple):
    """A key, and the one algorithm that it is good for."""

    key: str | RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey
    algorithm: str


def identity_keys(write_key: WriteKey) -> Iterator[IdentityKey]:
    """Yield the keys by which tokens of this site may be signed."""
    for secret in write_key.identity_secrets:
        yield IdentityKey(secret, _ALGORITHM_OF_SECRETS)
    with suppress(ValueError):  # somebody wrote it into the database by hand: no events are lost for it
        if write_key.identity_public_key is not None:
            yield read_public_key(write_key.identity_public_key)


@lru_cache(maxsize=256)
def read_public_key(pem: str) -> IdentityKey:
    """Return the public key that is written in PEM.

    Raises:
        ValueError: it is none, or of a kind that no algorithm is agreed for; the text says what it is.
    """
    if "PRIVATE KEY" in pem:
        raise ValueError("holds a private key, which never leaves your back end")
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("holds no public key in PEM") from None
    if isinstance(key, Ed25519PublicKey):
        return IdentityKey(key, "EdDSA")
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return IdentityKey(key, "ES256")
    if isinstance(key, RSAPublicKey) and key.key_size >= LEAST_RSA_BITS:
        return IdentityKey(key, "RS256")
    raise ValueError("holds a public key of another kind")


def pem_of(identity_key: IdentityKey) -> str:
    """Return a public key in PEM, and nothing that stood around it in a file.

    Raises:
        ValueError: it is a secret.
    """
    if isinstance(identity_key.key, str):
        raise ValueError("a secret has no PEM")  # noqa: TRY004 - as documented
    return identity_key.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
