"""What a site vouches for by signature is verified; all else stays a claim, is counted, and is told once."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.intake import verification as verification_module
from gateway.intake.verification import HINTS, Claim, Failure, verified_claims
from snippet.write_key import WriteKey
from tests.intake.vouching import (
    AT,
    CLAIMS,
    COOKIE,
    ED,
    EMAIL,
    FORMER,
    NOW,
    OTHER,
    PHONE,
    SECRET,
    USER,
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
    ("signatures", "expected"),
    [
        pytest.param({"userId": signed("userId:u-7")}, {USER}, id="the user id"),
        pytest.param({"email": signed("email:jo@example.com")}, {EMAIL}, id="the e-mail address in lower case"),
        pytest.param({"phone": signed("phone:+49 170 1")}, {PHONE}, id="the phone number as it is sent"),
        pytest.param({"userId": signed("userId:u-7").upper()}, {USER}, id="upper case digits"),
        pytest.param({"userId": signed("userId:u-7", FORMER)}, {USER}, id="by the former secret"),
        pytest.param({"userId": signed("userId:u-7"), "email": None, "phone": ""}, {USER}, id="the others unknown"),
        pytest.param(
            {
                "userId": signed("userId:u-7"),
                "email": signed("email:jo@example.com"),
                "phone": signed("phone:+49 170 1"),
            },
            {USER, EMAIL, PHONE},
            id="all of them",
        ),
        pytest.param({}, set(), id="none"),
    ],
)
def test_a_value_that_is_signed_is_verified(signatures: object, expected: set[Claim]) -> None:
    assert verified({"signatures": signatures}) == (expected, {})


@pytest.mark.parametrize(
    ("signatures", "reason"),
    [
        pytest.param({"userId": signed("userId:u-7", OTHER)}, Failure.WRONG_SIGNATURE, id="by another secret"),
        pytest.param({"userId": signed("userId:u-8")}, Failure.WRONG_SIGNATURE, id="of another value"),
        pytest.param({"userId": signed("userId:u-7")[:-1]}, Failure.WRONG_SIGNATURE, id="cut off"),
        pytest.param({"userId": "é" * 64}, Failure.WRONG_SIGNATURE, id="no hexadecimal digits"),
        pytest.param(
            {"email": signed("email:Jo@Example.com")}, Failure.WRONG_SIGNATURE, id="the address in mixed case"
        ),
        pytest.param({"userId": signed("u-7")}, Failure.WRONG_SIGNATURE, id="of the value without its name"),
        pytest.param(
            {"email": signed("userId:u-7")}, Failure.WRONG_SIGNATURE, id="that of the user id for the address"
        ),
        pytest.param({"userId": 7}, Failure.MALFORMED, id="a number"),
        pytest.param({"user_id": signed("userId:u-7")}, Failure.MALFORMED, id="an unknown name"),
        pytest.param({"cookie": signed("cookie:c")}, Failure.MALFORMED, id="a cookie, which nobody can vouch for"),
        pytest.param([signed("userId:u-7")], Failure.MALFORMED, id="a list"),
    ],
)
def test_a_signature_that_is_not_right_verifies_nothing_and_is_counted(signatures: object, reason: Failure) -> None:
    assert verified({"signatures": signatures}) == (set(), {reason: 1})


def test_a_signature_of_a_user_id_is_none_of_an_email_address() -> None:
    """Whoever may choose a user id chooses somebody's address, and has the site sign it."""
    signature, claims = signed("userId:jo@example.com"), (COOKIE, ("ExternalId", "jo@example.com"), EMAIL)
    assert verified({"signatures": {"userId": signature}}, claims=claims) == ({claims[1]}, {})
    assert verified({"signatures": {"email": signature}}, claims=claims) == (set(), {Failure.WRONG_SIGNATURE: 1})


def test_a_signature_of_a_user_id_is_none_of_a_token() -> None:
    """Or chooses the beginning of a token, to end it with that signature: both are HMACs by the same secret."""
    begin = unchecked_token({"alg": "HS256"}, {"email": "jo@example.com", "exp": AT + 60}).rpartition(".")[0]
    end = urlsafe_b64encode(bytes.fromhex(signed(f"userId:{begin}"))).decode().rstrip("=")
    assert verified({"token": f"{begin}.{end}"}) == (set(), {Failure.WRONG_TOKEN_SIGNATURE: 1})
    assert verified({"token": f"userId:{begin}.{end}"}) == (set(), {Failure.UNREADABLE_TOKEN: 1})


def test_a_signature_without_its_value_and_one_without_a_secret_say_so() -> None:
    call = {"signatures": {"email": signed("email:jo@example.com")}}
    assert verified(call, claims=(COOKIE, USER)) == (set(), {Failure.NOTHING_CLAIMED: 1})
    assert verified(call, WriteKey("key-1", "wk", "Shop")) == (set(), {Failure.NO_KEY: 1})


def test_of_several_phone_numbers_the_signed_one_is_verified() -> None:
    claims = (("Phone", "+491701"), ("Phone", "+491702"))
    assert verified({"signatures": {"phone": signed("phone:+491702")}}, claims=claims) == ({claims[1]}, {})


def test_signatures_and_token_add_up_and_one_that_fails_leaves_the_other() -> None:
    both = {"signatures": {"userId": signed("userId:u-7")}, "token": token({"email": "jo@example.com"})}
    assert verified(both) == ({USER, EMAIL}, {})
    assert verified(both | {"token": "x"}) == ({USER}, {Failure.UNREADABLE_TOKEN: 1})
    assert verified(both | {"signatures": {"userId": "x"}}) == ({EMAIL}, {Failure.WRONG_SIGNATURE: 1})


@pytest.mark.parametrize(
    ("nothing", "reasons"),
    [
        pytest.param(None, {}, id="null"),
        pytest.param({}, {}, id="an empty object"),
        pytest.param({"signatures": None, "token": None}, {}, id="both null"),
        pytest.param({"integrations": {"All": True}}, {}, id="what libraries write beside it"),
        pytest.param("token", {Failure.MALFORMED: 1}, id="a text"),
    ],
)
def test_without_signatures_and_token_nothing_is_verified(nothing: object, reasons: Mapping[str, int]) -> None:
    assert verified(nothing) == (set(), reasons)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["userId", "email"]), inner),
    max_leaves=4,
)
tokens = st.builds(unchecked_token, anything, anything, st.binary(max_size=32))


@given(st.fixed_dictionaries({}, optional={"signatures": anything, "token": anything | tokens}) | anything)
def test_whatever_is_sent_nothing_is_raised_and_nothing_verified(sent: object) -> None:
    assert verified_claims(sent, CLAIMS, with_public_key(ED), NOW) == frozenset()


def test_the_log_tells_each_reason_once_in_a_while_without_what_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with capture_logs() as told:
        for _ in range(3):
            verified({"signatures": {"userId": signed("userId:u-7", OTHER)}})
            verified({"token": "not.a.token"})
    assert [(line["log_level"], line["reason"], line["write_key"]) for line in told] == [
        ("warning", "wrong_signature", "Shop"),
        ("warning", "unreadable_token", "Shop"),
    ]
    assert not any(secret in repr(told) for secret in ("u-7", "not.a.token", SECRET, signed("userId:u-7", OTHER)))
    monkeypatch.setattr(verification_module, "WARN_EVERY_SECONDS", 0.0)
    with capture_logs() as told:
        verified({"token": "not.a.token"})
    assert len(told) == 1


def test_every_reason_has_a_hint() -> None:
    assert set(HINTS) == set(Failure)
