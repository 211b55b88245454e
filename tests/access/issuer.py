"""A small OpenID Connect issuer: a real HTTP server on the loopback interface, with keys that a test may change."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import time
from typing import Any

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

AUDIENCE = "journey-gateway"
DISCOVERY, KEY_SET = "/.well-known/openid-configuration", "/keys"

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True)
class SigningKey:
    """A key pair of the issuer."""

    id: str
    algorithm: str
    private: Private

    def public_jwk(self) -> dict[str, Any]:
        public = self.private.public_key()
        match public:
            case rsa.RSAPublicKey():
                jwk = RSAAlgorithm.to_jwk(public, as_dict=True)
            case ec.EllipticCurvePublicKey():
                jwk = ECAlgorithm.to_jwk(public, as_dict=True)
            case _:
                jwk = OKPAlgorithm.to_jwk(public, as_dict=True)
        return {**jwk, "kid": self.id, "use": "sig"}


def rsa_key(id_: str, bits: int = 2048) -> SigningKey:
    return SigningKey(id_, "RS256", rsa.generate_private_key(65537, bits))


def ec_key(id_: str) -> SigningKey:
    return SigningKey(id_, "ES256", ec.generate_private_key(ec.SECP256R1()))


def ed_key(id_: str) -> SigningKey:
    return SigningKey(id_, "EdDSA", ed25519.Ed25519PrivateKey.generate())


@dataclass
class Issuer:
    """What the server answers: `documents` by path, `status` for all of them. `asked` are the paths asked for."""

    url: str
    documents: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    status: int = 200
    answering: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, *keys: SigningKey, **more: object) -> None:
        self.publish_jwks([key.public_jwk() for key in keys], **more)

    def publish_jwks(self, jwks: object, **more: object) -> None:
        told = {"issuer": self.url, "jwks_uri": f"{self.url}{KEY_SET}", **more}
        self.documents = {DISCOVERY: orjson.dumps(told), KEY_SET: orjson.dumps({"keys": jwks})}

    def claims(self, **more: object) -> dict[str, object]:
        """Return claims that open the gateway; a None among `more` leaves one out."""
        now = int(time())
        claims = {"iss": self.url, "sub": "u-1", "aud": AUDIENCE, "iat": now, "exp": now + 300, "roles": ["agent"]}
        return {name: value for name, value in {**claims, **more}.items() if value is not None}

    def token(self, key: SigningKey, headers: dict[str, Any] | None = None, **claims: object) -> str:
        named = {"kid": key.id, **(headers or {})}
        return jwt.encode(self.claims(**claims), key.private, algorithm=key.algorithm, headers=named)

    def fetches(self) -> int:
        """Return how often the keys were asked for."""
        return self.asked.count(KEY_SET)


@asynccontextmanager
async def running_issuer() -> AsyncIterator[Issuer]:
    """Run an issuer until the end of the block."""
    issuer = Issuer("")
    issuer.answering.set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ", 2)[1].decode()
        issuer.asked.append(path)
        await issuer.answering.wait()
        body = issuer.documents.get(path, b"")
        status = issuer.status if path in issuer.documents else 404
        writer.write(f"HTTP/1.1 {status} -\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        issuer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield issuer
