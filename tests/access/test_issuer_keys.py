"""The keys of an issuer that the test itself runs: when they are fetched, which of them count, and for how long."""

import asyncio
from collections.abc import AsyncIterator, Callable

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import RSAAlgorithm

from gateway.access.errors import IssuerUnreachable
from gateway.access.issuer_keys import FRESH_SECONDS, KEPT_SECONDS, RETRY_SECONDS
from gateway.access.oidc import OIDCVerifier
from tests.access.issuer import DISCOVERY, KEY_SET, Issuer, ec_key, rsa_key, running_issuer
from tests.access.oidc_verifier import KEYS, RSA, Clock, signed_by_hand, verifier_of
from tests.running_server import until


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with running_issuer() as issuer:
        issuer.publish(*KEYS.values())
        yield issuer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def verifier(issuer: Issuer, clock: Clock) -> AsyncIterator[OIDCVerifier]:
    async with verifier_of(issuer, clock) as verifier:
        yield verifier


async def test_the_keys_are_fetched_once_for_many_tokens(issuer: Issuer, verifier: OIDCVerifier) -> None:
    tokens = [issuer.token(key, sub=f"u-{number}") for number in range(5) for key in KEYS.values()]
    viewers = await asyncio.gather(*map(verifier.viewer_of, tokens))
    assert len({viewer.token_id for viewer in viewers if viewer}) == 5
    assert issuer.asked == [DISCOVERY, KEY_SET]


async def test_a_token_without_key_id_is_taken_where_one_key_is_all_there_is(
    issuer: Issuer, verifier: OIDCVerifier, clock: Clock
) -> None:
    nameless = jwt.encode(issuer.claims(), RSA.private, algorithm="RS256")
    assert await verifier.viewer_of(nameless) is not None
    issuer.publish(RSA, rsa_key("second"))
    clock.seconds += FRESH_SECONDS + 1
    await verifier.viewer_of(issuer.token(RSA, {"kid": "new"}))
    assert await verifier.viewer_of(nameless) is None


async def test_a_key_that_the_issuer_changes_to_is_found_at_once_and_then_at_most_every_ten_seconds(
    issuer: Issuer, verifier: OIDCVerifier, clock: Clock
) -> None:
    assert await verifier.viewer_of(issuer.token(RSA)) is not None
    clock.seconds += RETRY_SECONDS
    second, third = rsa_key("second"), ec_key("third")
    issuer.publish(RSA, second)
    assert await verifier.viewer_of(issuer.token(second)) is not None
    issuer.publish(RSA, second, third)
    for number in range(20):
        assert await verifier.viewer_of(issuer.token(RSA, {"kid": f"made-up-{number}"})) is None
    assert await verifier.viewer_of(issuer.token(third)) is None
    assert issuer.fetches() == 2
    clock.seconds += RETRY_SECONDS
    assert await verifier.viewer_of(issuer.token(third)) is not None
    assert issuer.fetches() == 3


async def test_a_key_that_the_issuer_withdraws_ends_within_minutes(
    issuer: Issuer, verifier: OIDCVerifier, clock: Clock
) -> None:
    leaked = issuer.token(RSA)
    assert await verifier.viewer_of(leaked) is not None
    issuer.publish(KEYS["ec"])
    clock.seconds += FRESH_SECONDS + 1
    await verifier.viewer_of(leaked)  # the keys are fetched anew behind its back

    async def has_ended() -> bool:
        return await verifier.viewer_of(leaked) is None

    await until(has_ended)


@pytest.mark.parametrize(
    "break_it",
    [
        pytest.param(lambda issuer: setattr(issuer, "status", 500), id="server error"),
        pytest.param(lambda issuer: setattr(issuer, "status", 302), id="redirect"),
        pytest.param(lambda issuer: issuer.documents.clear(), id="nothing there"),
        pytest.param(lambda issuer: issuer.documents.update({KEY_SET: b"<html>"}), id="no JSON"),
        pytest.param(lambda issuer: issuer.documents.update({KEY_SET: b"[]"}), id="a list"),
        pytest.param(lambda issuer: issuer.documents.update({KEY_SET: b"{}"}), id="no keys"),
        pytest.param(lambda issuer: issuer.documents.update({KEY_SET: b'"' + b" " * 600_000 + b'"'}), id="too large"),
        pytest.param(lambda issuer: issuer.publish(issuer="https://evil.example"), id="another issuer"),
        pytest.param(lambda issuer: issuer.publish(jwks_uri="http://evil.example/keys"), id="keys without TLS"),
        pytest.param(lambda issuer: issuer.publish(jwks_uri="file:///etc/passwd"), id="keys in a file"),
        pytest.param(lambda issuer: issuer.publish(jwks_uri="http://[::1"), id="no URL"),
        pytest.param(lambda issuer: issuer.publish(jwks_uri=None), id="no place for keys"),
    ],
)
async def test_an_issuer_that_fails_leaves_the_keys_that_are_known_in_force(
    break_it: Callable[[Issuer], None], issuer: Issuer, verifier: OIDCVerifier, clock: Clock
) -> None:
    assert await verifier.viewer_of(issuer.token(RSA)) is not None
    break_it(issuer)
    clock.seconds += FRESH_SECONDS + 1
    assert await verifier.viewer_of(issuer.token(RSA, {"kid": "new"})) is None
    assert await verifier.viewer_of(issuer.token(RSA)) is not None


async def test_keys_of_an_issuer_that_is_silent_for_a_day_are_given_up(
    issuer: Issuer, verifier: OIDCVerifier, clock: Clock
) -> None:
    assert await verifier.viewer_of(issuer.token(RSA)) is not None
    issuer.status = 500
    clock.seconds += KEPT_SECONDS + 1
    with pytest.raises(IssuerUnreachable):
        await verifier.viewer_of(issuer.token(RSA))


async def test_while_an_issuer_never_answered_nobody_is_refused_for_it(
    issuer: Issuer, verifier: OIDCVerifier, clock: Clock
) -> None:
    issuer.status = 503
    with pytest.raises(IssuerUnreachable, match="does not answer"):
        await verifier.viewer_of(issuer.token(RSA))
    issuer.status = 200
    with pytest.raises(IssuerUnreachable):  # it was asked a moment ago
        await verifier.viewer_of(issuer.token(RSA))
    clock.seconds += RETRY_SECONDS
    assert await verifier.viewer_of(issuer.token(RSA)) is not None


async def test_an_issuer_that_hangs_is_given_up_after_five_seconds(
    issuer: Issuer, verifier: OIDCVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.access.issuer_keys.FETCH_SECONDS", 0.1)
    issuer.answering.clear()
    with pytest.raises(IssuerUnreachable):
        await verifier.viewer_of(issuer.token(RSA))
    issuer.answering.set()


async def test_keys_that_cannot_sign_are_left_out(issuer: Issuer, verifier: OIDCVerifier) -> None:
    small, other = rsa_key("small", 1024), rsa_key("other")
    encrypting = {**other.public_jwk(), "use": "enc"}
    issuer.publish_jwks(
        [
            {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
            {"kty": "RSA", "kid": "broken", "n": "!", "e": 3},
            {"kty": ["RSA"]},
            "nonsense",
            None,
            small.public_jwk(),
            encrypting,
            {**KEYS["ec"].public_jwk(), "crv": "P-521"},
            {**KEYS["ed"].public_jwk(), "alg": "HS256"},
            RSA.public_jwk(),
        ]
    )
    assert await verifier.viewer_of(issuer.token(RSA)) is not None
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        forged = issuer.token(small)
    for token in (forged, issuer.token(other), issuer.token(KEYS["ec"]), issuer.token(KEYS["ed"])):
        assert await verifier.viewer_of(token) is None
    assert await verifier.viewer_of(signed_by_hand(issuer, b"secret", alg="HS256", kid="secret")) is None


async def test_an_issuer_that_publishes_private_halves_is_read_as_if_it_did_not(
    issuer: Issuer, verifier: OIDCVerifier
) -> None:
    assert isinstance(RSA.private, RSAPrivateKey)
    private = orjson.loads(RSAAlgorithm.to_jwk(RSA.private))
    issuer.publish_jwks([{**private, "kid": "rsa", "key_ops": ["sign", "verify"]}])
    assert await verifier.viewer_of(issuer.token(RSA)) is not None
