"""A verifier of the tokens of an issuer that a test runs, the keys that sign them, and the clock that it goes by."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from gateway.access.claims import ClaimRules
from gateway.access.issuer_keys import IssuerKeys
from gateway.access.oidc import OIDCVerifier
from tests.access.issuer import AUDIENCE, Issuer, ec_key, ed_key, rsa_key

RULES = ClaimRules("roles", None, "divisions", "email")
KEYS = {key.id: key for key in (rsa_key("rsa"), ec_key("ec"), ed_key("ed"))}
RSA = KEYS["rsa"]


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@asynccontextmanager
async def verifier_of(issuer: Issuer, clock: Clock) -> AsyncIterator[OIDCVerifier]:
    async with httpx.AsyncClient(trust_env=False) as client:
        keys = IssuerKeys(issuer.url, client, clock)
        yield OIDCVerifier(issuer.url, AUDIENCE, RULES, keys)
        await keys.close()


def signed_by_hand(issuer: Issuer, secret: bytes, **header: object) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    signed = f"{part({'typ': 'JWT', 'kid': 'rsa', **header})}.{part(issuer.claims())}"
    signature = hmac.digest(secret, signed.encode(), hashlib.sha256)
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
