"""Tokens of an issuer that the test itself runs, a real HTTP server with real keys: which are taken, and for whom."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from time import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from gateway.access.oidc import HINTS, MAX_TOKEN_LENGTH, OIDCVerifier, Refused, oidc_verifier
from gateway.access.permissions import Permission
from gateway.settings import Settings
from tests.access.issuer import AUDIENCE, Issuer, SigningKey, rsa_key, running_issuer
from tests.access.oidc_verifier import KEYS, RSA, Clock, signed_by_hand, verifier_of
from tests.running_server import until


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with running_issuer() as issuer:
        issuer.publish(*KEYS.values())
        yield issuer


@pytest.fixture
async def verifier(issuer: Issuer) -> AsyncIterator[OIDCVerifier]:
    async with verifier_of(issuer, Clock()) as verifier:
        yield verifier


@pytest.mark.parametrize("key", KEYS.values(), ids=lambda key: key.algorithm)
async def test_a_token_of_the_issuer_says_who_asks(key: SigningKey, issuer: Issuer, verifier: OIDCVerifier) -> None:
    expires = int(time()) + 300
    viewer = await verifier.viewer_of(issuer.token(key, email="ada@shop.example", exp=expires))
    assert viewer is not None
    assert (viewer.name, viewer.role, viewer.divisions) == ("ada@shop.example", "agent", frozenset({"home"}))
    assert viewer.may(Permission.SESSION_VIEW)
    assert not viewer.may(Permission.AUDIT_LOG_VIEW)
    assert viewer.expires_date is not None
    assert viewer.expires_date.timestamp() == expires
    assert viewer.token_id is not None
    assert viewer.token_id.startswith("oidc:")


def of_another_key(issuer: Issuer) -> str:
    return issuer.token(SigningKey("rsa", "RS256", rsa_key("forged").private))


def without_signature(issuer: Issuer) -> str:
    return jwt.encode(issuer.claims(), "", algorithm="none", headers={"kid": "rsa"})


def confused(issuer: Issuer, alg: object = "HS256") -> str:
    """Return a token whose HMAC is by the public key, which everybody has, as if it were a secret."""
    pem = RSA.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return signed_by_hand(issuer, pem, alg=alg)


def with_key_in_header(issuer: Issuer) -> str:
    own = rsa_key("own")
    return issuer.token(own, {"kid": "rsa", "jwk": own.public_jwk(), "jku": "http://127.0.0.1:1/keys"})


REFUSED: list[Any] = [
    pytest.param(lambda issuer: issuer.token(RSA, aud="another"), "wrong_audience", id="another audience"),
    pytest.param(lambda issuer: issuer.token(RSA, aud=None), "lacks_claim", id="no audience"),
    pytest.param(lambda issuer: issuer.token(RSA, aud=[]), "lacks_claim", id="empty audience"),
    pytest.param(lambda issuer: issuer.token(RSA, aud=[1, {}]), "wrong_audience", id="audience of numbers"),
    pytest.param(lambda issuer: issuer.token(RSA, iss="https://evil.example"), "wrong_issuer", id="another issuer"),
    pytest.param(lambda issuer: issuer.token(RSA, iss=issuer.url + "/"), "wrong_issuer", id="issuer with a slash"),
    pytest.param(lambda issuer: issuer.token(RSA, exp=int(time()) - 70), "expired", id="expired"),
    pytest.param(lambda issuer: issuer.token(RSA, exp=None), "lacks_claim", id="never expires"),
    pytest.param(lambda issuer: issuer.token(RSA, exp="soon"), "unreadable", id="expires soon"),
    pytest.param(lambda issuer: issuer.token(RSA, exp=float("inf")), "unreadable", id="expires at infinity"),
    pytest.param(lambda issuer: issuer.token(RSA, exp="99999999999"), "lacks_claim", id="expires at a text"),
    pytest.param(lambda issuer: issuer.token(RSA, nbf=int(time()) + 70), "not_yet_valid", id="not yet valid"),
    pytest.param(lambda issuer: issuer.token(RSA, iat=int(time()) + 70), "not_yet_valid", id="not yet issued"),
    pytest.param(lambda issuer: issuer.token(RSA, sub=None), "lacks_claim", id="nobody"),
    pytest.param(lambda issuer: issuer.token(RSA, sub=""), "lacks_claim", id="empty subject"),
    pytest.param(lambda issuer: issuer.token(RSA, roles=["owner"]), "no_role", id="unknown role"),
    pytest.param(lambda issuer: issuer.token(RSA, roles=None), "no_role", id="no role"),
    pytest.param(of_another_key, "wrong_signature", id="signed by another key"),
    pytest.param(with_key_in_header, "wrong_signature", id="brings its own key"),
    pytest.param(without_signature, "wrong_algorithm", id="alg none"),
    pytest.param(confused, "wrong_algorithm", id="HMAC by the public key"),
    pytest.param(lambda issuer: confused(issuer, "RS256"), "wrong_signature", id="HMAC that says RS256"),
    pytest.param(lambda issuer: confused(issuer, ["RS256"]), "wrong_algorithm", id="list of algorithms"),
    pytest.param(lambda issuer: confused(issuer, None), "wrong_algorithm", id="no algorithm"),
    pytest.param(lambda issuer: confused(issuer, "NONE"), "wrong_algorithm", id="alg none in capitals"),
    pytest.param(lambda issuer: issuer.token(RSA, {"kid": "ec"}), "unknown_key", id="key of another algorithm"),
    pytest.param(lambda issuer: issuer.token(RSA, {"kid": "gone"}), "unknown_key", id="unknown key"),
    pytest.param(lambda issuer: issuer.token(RSA, {"kid": "k" * 501}), "unreadable", id="long key id"),
    pytest.param(lambda issuer: issuer.token(RSA, {"typ": "logout+jwt"}), "wrong_type", id="logout token"),
    pytest.param(lambda issuer: issuer.token(RSA, {"crit": ["exp"]}), "unreadable", id="extension we do not know"),
    pytest.param(lambda issuer: issuer.token(RSA, stuffing="x" * MAX_TOKEN_LENGTH), "unreadable", id="huge"),
    pytest.param(lambda issuer: issuer.token(RSA)[:-2], "wrong_signature", id="cut off"),
    pytest.param(lambda issuer: issuer.token(RSA).rpartition(".")[0], "unreadable", id="two parts"),
    pytest.param(lambda _: "...", "unreadable", id="dots"),
    pytest.param(lambda _: "", "unreadable", id="nothing"),
    pytest.param(lambda _: "é.é.é", "unreadable", id="no ASCII"),
    pytest.param(lambda _: "\ud800.a.b", "unreadable", id="no text"),
]


@pytest.mark.parametrize(("make", "reason"), REFUSED)
async def test_what_the_issuer_has_not_vouched_for_opens_nothing(
    make: Callable[[Issuer], str], reason: str, issuer: Issuer, verifier: OIDCVerifier
) -> None:
    token = make(issuer)
    assert await verifier.viewer_of(token) is None
    assert [str(refused) for refused in verifier._warned_at] == [reason]


@pytest.mark.parametrize(
    ("headers", "claims"),
    [
        pytest.param({}, lambda now: {"exp": now - 30}, id="expired within the leeway"),
        pytest.param({}, lambda now: {"nbf": now + 30}, id="valid soon"),
        pytest.param({}, lambda _: {"iat": None}, id="without time of issue"),
        pytest.param({}, lambda _: {"aud": ["another", AUDIENCE]}, id="several audiences"),
        pytest.param({}, lambda _: {"exp": 10**15}, id="expires beyond all dates"),
        pytest.param({"typ": "at+jwt"}, lambda _: {}, id="access token of RFC 9068"),
        pytest.param({"typ": None}, lambda _: {}, id="without type"),
    ],
)
async def test_what_the_standards_allow_is_taken(
    headers: dict[str, Any], claims: Callable[[int], dict[str, object]], issuer: Issuer, verifier: OIDCVerifier
) -> None:
    token = issuer.token(RSA, headers, **claims(int(time())))
    assert await verifier.viewer_of(token) is not None


async def test_a_token_is_verified_once_and_not_remembered_beyond_its_end(
    issuer: Issuer, verifier: OIDCVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.access.oidc.MAX_REMEMBERED", 2)
    await verifier.viewer_of(issuer.token(RSA))  # fetches the keys
    tokens = [issuer.token(RSA, sub=f"u-{number}", exp=int(time()) - 55) for number in range(3)]
    first = [await verifier.viewer_of(token) for token in tokens]
    assert await verifier.viewer_of(tokens[2]) is first[2]
    again = await verifier.viewer_of(tokens[0])  # forgotten for the sake of the others
    assert again == first[0]
    assert again is not first[0]
    forged = f"{tokens[2][:-4]}{'AAAA' if not tokens[2].endswith('AAAA') else 'BBBB'}"
    assert await verifier.viewer_of(forged) is None

    async def has_ended() -> bool:
        return await verifier.viewer_of(tokens[2]) is None

    await until(has_ended)


async def test_without_an_issuer_there_is_no_verifier_and_with_one_it_is_made_of_the_settings(issuer: Issuer) -> None:
    async with oidc_verifier(Settings.read({})) as none:
        assert none is None
    told = {"JOURNEY_OIDC_ISSUER": issuer.url, "JOURNEY_OIDC_AUDIENCE": AUDIENCE, "JOURNEY_OIDC_ROLES": "ops=admin"}
    async with oidc_verifier(Settings.read(told)) as verifier:
        assert verifier is not None
        viewer = await verifier.viewer_of(issuer.token(RSA, roles=["ops"]))
    assert viewer is not None
    assert (viewer.role, viewer.divisions) == ("admin", None)


def test_every_reason_has_a_hint_and_stands_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs/oidc.md").read_text()
    assert set(HINTS) == set(Refused)
    assert [reason for reason in Refused if f"`{reason}`" not in page] == []
