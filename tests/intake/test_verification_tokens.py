"""What a site vouches for by token is verified, for a time, by the site's secrets and by its public key."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateway.intake import verification as verification_module
from gateway.intake.identity_keys import pem_of, read_public_key
from gateway.intake.verification import Claim, Failure
from snippet.write_key import WriteKey
from tests.intake.vouching import (
    AT,
    COOKIE,
    EC,
    ED,
    EMAIL,
    OTHER,
    PHONE,
    RSA,
    SECRET,
    USER,
    PrivateKey,
    public_pem,
    signed,
    token,
    unchecked_token,
    verified,
    with_public_key,
)


@pytest.fixture(autouse=True)
def _nothing_was_told_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification_module, "_warned_at", {})


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        pytest.param({"sub": "u-7"}, {USER}, id="the user id"),
        pytest.param({"email": "JO@example.com "}, {EMAIL}, id="the e-mail address in any case"),
        pytest.param({"email": "jo@example.com", "email_verified": True}, {EMAIL}, id="an address that is verified"),
        pytest.param({"phone_number": "+49 170 1"}, {PHONE}, id="the phone number"),
        pytest.param({"sub": "u-7", "email": "x@example.com"}, {USER}, id="another address beside the user id"),
        pytest.param(
            {"sub": "u-7", "email": "jo@example.com", "email_verified": False}, {USER}, id="an unverified address"
        ),
        pytest.param(
            {"sub": "u-7", "email": "jo@example.com", "email_verified": "false"}, {USER}, id="unverified, as text"
        ),
        pytest.param(
            {"sub": "u-7", "phone_number": "+49 170 1", "phone_number_verified": False}, {USER}, id="unverified phone"
        ),
        pytest.param({"sub": "u-7", "aud": "shop", "iss": "https://id.example", "jti": 7}, {USER}, id="other claims"),
    ],
)
def test_what_a_token_names_and_the_call_tells_is_verified(claims: Mapping[str, object], expected: set[Claim]) -> None:
    assert verified({"token": token(claims)}) == (expected, {})


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"sub": "u-8"}, id="another user id"),
        pytest.param({"sub": "u-8", "email": "jo@example.com"}, id="another user id with the same address"),
        pytest.param({"sub": 7}, id="a number for the user id"),
        pytest.param({"email": "jo@example.com", "email_verified": False}, id="only an unverified address"),
        pytest.param({}, id="nobody"),
    ],
)
def test_a_token_about_somebody_else_verifies_nothing(claims: Mapping[str, object]) -> None:
    assert verified({"token": token(claims)}) == (set(), {Failure.ANOTHER_IDENTITY: 1})


def test_a_token_that_names_a_user_verifies_the_address_of_a_call_that_names_none() -> None:
    told = token({"sub": "u-7", "email": "jo@example.com"})
    assert verified({"token": told}, claims=(COOKIE, EMAIL)) == ({EMAIL}, {})


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        pytest.param({"exp": AT - 59}, None, id="expired within the leeway"),
        pytest.param({"exp": AT - 60}, Failure.EXPIRED, id="expired beyond the leeway"),
        pytest.param({"exp": AT + 86_400}, None, id="24 hours ahead"),
        pytest.param({"exp": AT + 86_461}, Failure.TOO_LONG_LIVED, id="more than 24 hours ahead"),
        pytest.param({"exp": AT + 60, "iat": AT - 86_340}, None, id="24 hours of life"),
        pytest.param({"exp": AT + 60, "iat": AT - 90_000}, Failure.TOO_LONG_LIVED, id="a longer life"),
        pytest.param({"exp": AT + 300, "iat": AT + 60, "nbf": AT + 60}, None, id="begins within the leeway"),
        pytest.param({"exp": AT + 300, "iat": AT + 61}, Failure.NOT_YET_VALID, id="issued later"),
        pytest.param({"exp": AT + 300, "nbf": AT + 61}, Failure.NOT_YET_VALID, id="valid later"),
        pytest.param({"exp": None}, Failure.NO_EXPIRY, id="no exp"),
        pytest.param({"exp": True}, Failure.NO_EXPIRY, id="exp is true"),
        pytest.param({"exp": str(AT + 60)}, Failure.NO_EXPIRY, id="exp is a text"),
        pytest.param({"exp": 10**400}, Failure.NO_EXPIRY, id="exp is beyond all times"),
        pytest.param({"exp": float("nan")}, Failure.NO_EXPIRY, id="exp is no number"),
        pytest.param({"exp": float("inf")}, Failure.NO_EXPIRY, id="exp is infinite"),
    ],
)
def test_a_token_holds_for_a_time(times: dict[str, object], reason: Failure | None) -> None:
    header, body = ({"alg": "HS256"}, {"sub": "u-7"} | times)
    told = jwt.PyJWS().encode(_json(body), SECRET, "HS256", header)
    assert verified({"token": told}) == ((set(), {reason: 1}) if reason else ({USER}, {}))


def _json(value: dict[str, object]) -> bytes:
    """Write JSON as lenient senders do, with NaN and numbers of any length."""
    names = {"nan": "NaN", "inf": "Infinity", "True": "true", "None": "null"}
    parts = (f'"{k}":' + (f'"{v}"' if isinstance(v, str) else names.get(str(v), str(v))) for k, v in value.items())
    return ("{" + ",".join(parts) + "}").encode()


@pytest.mark.parametrize(
    ("private", "algorithm"),
    [
        pytest.param(RSA, "RS256", id="RSA"),
        pytest.param(EC, "ES256", id="EC on P-256"),
        pytest.param(ED, "EdDSA", id="Ed25519"),
    ],
)
def test_a_token_by_the_key_of_the_site_verifies_and_one_by_the_secret_still_does(
    private: PrivateKey, algorithm: str
) -> None:
    key = with_public_key(private)
    assert verified({"token": token({"sub": "u-7"}, private, algorithm)}, key) == ({USER}, {})
    assert verified({"token": token({"sub": "u-7"})}, key) == ({USER}, {})
    assert verified({"token": token({"sub": "u-7"}, OTHER)}, key) == (set(), {Failure.WRONG_TOKEN_SIGNATURE: 1})


ANOTHER_RSA = rsa.generate_private_key(65537, 2048)
FORGERIES = [
    pytest.param(unchecked_token({"alg": "none"}, {"sub": "u-7", "exp": AT + 60}), Failure.WRONG_ALGORITHM, id="none"),
    pytest.param(unchecked_token({"alg": "nOnE"}, {"sub": "u-7", "exp": AT + 60}), Failure.WRONG_ALGORITHM, id="nOnE"),
    pytest.param(unchecked_token({}, {"sub": "u-7", "exp": AT + 60}), Failure.WRONG_ALGORITHM, id="no algorithm"),
    pytest.param(
        unchecked_token({"alg": ["HS256"]}, {"sub": "u-7", "exp": AT + 60}), Failure.WRONG_ALGORITHM, id="a list"
    ),
    pytest.param(token({"sub": "u-7"}, SECRET, "HS512"), Failure.WRONG_ALGORITHM, id="a stronger HMAC"),
    pytest.param(token({"sub": "u-7"}, RSA, "RS512"), Failure.WRONG_ALGORITHM, id="another algorithm of the same key"),
    pytest.param(token({"sub": "u-7"}, RSA, "PS256"), Failure.WRONG_ALGORITHM, id="another padding of the same key"),
    pytest.param(token({"sub": "u-7"}, EC, "ES256"), Failure.WRONG_ALGORITHM, id="a key of another kind"),
    pytest.param(token({"sub": "u-7"}, ANOTHER_RSA, "RS256"), Failure.WRONG_TOKEN_SIGNATURE, id="another RSA key"),
    pytest.param(token({"sub": "u-7"}) + "x", Failure.WRONG_TOKEN_SIGNATURE, id="one more character"),
    pytest.param("", Failure.UNREADABLE_TOKEN, id="empty"),
    pytest.param("a.b.c", Failure.UNREADABLE_TOKEN, id="no JSON"),
    pytest.param("x" * 9_000, Failure.UNREADABLE_TOKEN, id="too long"),
    pytest.param(7, Failure.UNREADABLE_TOKEN, id="a number"),
    pytest.param({"token": "x"}, Failure.UNREADABLE_TOKEN, id="an object"),
    pytest.param(
        urlsafe_b64encode(b"[" * 5_000).decode() + ".e30.e30", Failure.UNREADABLE_TOKEN, id="deeper than Python reads"
    ),
    pytest.param(jwt.PyJWS().encode(b"[]", SECRET), Failure.UNREADABLE_TOKEN, id="signed, but no object"),
]


@pytest.mark.parametrize(("forged", "reason"), FORGERIES)
def test_a_token_that_no_key_has_signed_by_its_own_algorithm_verifies_nothing(forged: object, reason: Failure) -> None:
    assert verified({"token": forged}, with_public_key(RSA)) == (set(), {reason: 1})


def test_a_public_key_is_never_taken_for_a_secret() -> None:
    """Key confusion: everybody can compute an HMAC by the text of a public key (RFC 8725, 2.1)."""
    pem = public_pem(RSA)
    unsigned = unchecked_token({"alg": "HS256"}, {"sub": "u-7", "exp": AT + 60}).rpartition(".")[0]
    signature = urlsafe_b64encode(hmac.digest(pem.encode(), unsigned.encode(), "sha256")).decode().rstrip("=")
    only_public = WriteKey("key-1", "wk", "Shop", identity_public_key=pem)
    assert verified({"token": f"{unsigned}.{signature}"}, only_public) == (set(), {Failure.WRONG_ALGORITHM: 1})
    assert verified({"token": f"{unsigned}.{signature}"}, with_public_key(RSA)) == (
        set(),
        {Failure.WRONG_TOKEN_SIGNATURE: 1},
    )
    assert verified({"signatures": {"userId": signed("userId:u-7", pem)}}, only_public) == (set(), {Failure.NO_KEY: 1})


def test_a_token_for_a_write_key_without_keys_and_with_a_broken_one_says_so() -> None:
    for pem in (None, "-----BEGIN PUBLIC KEY-----\nbroken\n-----END PUBLIC KEY-----"):
        key = WriteKey("key-1", "wk", "Shop", identity_public_key=pem)
        assert verified({"token": token({"sub": "u-7"})}, key) == (set(), {Failure.NO_KEY: 1})


def _private_pem() -> str:
    return ED.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def refused_keys() -> Iterator[tuple[str, str]]:
    yield "no PEM", "no public key in PEM"
    yield _private_pem(), "a private key"
    yield _private_pem() + public_pem(ED), "a private key"
    yield public_pem_of(ec.generate_private_key(ec.SECP384R1()).public_key()), "of another kind"
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 - that is what is refused
    yield public_pem_of(short.public_key()), "of another kind"


def public_pem_of(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(("pem", "words"), list(refused_keys()), ids=["text", "private", "both", "P-384", "RSA 1024"])
def test_a_key_that_is_not_public_or_of_no_agreed_kind_is_refused(pem: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_public_key(pem)


def test_of_a_file_only_the_public_key_is_kept() -> None:
    assert pem_of(read_public_key("my key:\n" + public_pem(EC) + "\nthe end")) == public_pem(EC)
