"""Verified identity: which claims of a call the site itself vouches for, by signatures or by a token.

Anybody can claim anything with the public write key. Who holds the identity secret of that write key, or the private
half of its identity key, is the site. What does not verify never rejects a call: its claims stay unverified, a counter
counts the reason, and the log tells it. Neither signatures nor tokens are logged or stored.

Sources: RFC 2104 (HMAC), RFC 7519 (JWT), OpenID Connect Core 1.0 section 5.1 (names of the claims in a token).
"""

import hmac
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from time import monotonic

import jwt
import structlog
from jwt.types import Options

from gateway.intake.identity_keys import identity_keys
from gateway.intake.metrics import VERIFICATION_FAILURES
from gateway.intake.untyped import is_number
from snippet.write_key import WriteKey

Claim = tuple[str, str]
"""Type and value of an identifier, as the call tells it."""

LEEWAY = timedelta(seconds=60)
MAX_LIFE = timedelta(hours=24)
MAX_TOKEN_LENGTH = 8_192
WARN_EVERY_SECONDS = 60.0

SIGNED_KINDS: Mapping[str, str] = {"userId": "ExternalId", "email": "Email", "phone": "Phone"}
"""Names under which a call carries signatures, and the type of identifier that each is of.

What is signed is `<name>:<value>`, so that the signature of a user id is none of an e-mail address, nor of a token.
"""

log = structlog.get_logger(__name__)


class Failure(StrEnum):
    """Why something did not verify; the values are labels of the metric."""

    MALFORMED = "malformed"
    NO_KEY = "no_key"
    NOTHING_CLAIMED = "nothing_claimed"
    WRONG_SIGNATURE = "wrong_signature"
    UNREADABLE_TOKEN = "unreadable_token"  # noqa: S105 - a label
    WRONG_ALGORITHM = "wrong_algorithm"
    WRONG_TOKEN_SIGNATURE = "wrong_token_signature"  # noqa: S105 - a label
    NO_EXPIRY = "no_expiry"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    TOO_LONG_LIVED = "too_long_lived"
    ANOTHER_IDENTITY = "another_identity"


HINTS: Mapping[Failure, str] = {
    Failure.MALFORMED: "send context.verification as {signatures: {userId, email, phone}, token}, each a text",
    Failure.NO_KEY: "the write key has neither identity secret nor identity key; see `journey-gateway write-key`",
    Failure.NOTHING_CLAIMED: "there is a signature for what the call does not tell; send the value beside it",
    Failure.WRONG_SIGNATURE: "sign NAME:VALUE, such as email:jo@example.com in lower case, with the present secret",
    Failure.UNREADABLE_TOKEN: "the token is no JSON Web Token in compact form of at most 8,192 characters",
    Failure.WRONG_ALGORITHM: "sign with HS256 by the identity secret, or by the algorithm of the identity key",
    Failure.WRONG_TOKEN_SIGNATURE: "sign the token with the present identity secret or identity key of this write key",
    Failure.NO_EXPIRY: "give the token exp, in seconds since 1970",
    Failure.EXPIRED: "make a new token for each page; compare the clocks of both machines",
    Failure.NOT_YET_VALID: "iat or nbf of the token lies ahead; compare the clocks of both machines",
    Failure.TOO_LONG_LIVED: "let the token expire within 24 hours",
    Failure.ANOTHER_IDENTITY: "sub, email and phone_number of the token are not what the call tells",
}
"""What the log tells the owner of the site to do."""

_SIGNATURE_ONLY: Options = {
    "verify_exp": False,  # times are checked below, against the time at which the call arrived
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
_SECONDS = 2**40
"""Times of a token lie below: beyond the year 30,000 it is no time."""

_warned_at: dict[Failure, float] = {}


def verified_claims(
    verification: object, claims: Collection[Claim], write_key: WriteKey, now: datetime
) -> frozenset[Claim]:
    """Return those of the claims that the site vouches for.

    `verification` is what the call's `context.verification` holds, of any shape: {"signatures": {...}, "token": "..."}.
    """
    if verification is None:
        return frozenset()
    if not isinstance(verification, dict):
        _failed(Failure.MALFORMED, write_key)
        return frozenset()
    signatures, token = verification.get("signatures"), verification.get("token")
    verified: set[Claim] = set()
    results: list[Iterable[Claim] | Failure] = []
    if signatures is not None:
        results += _signed(signatures, claims, write_key.identity_secrets)
    if token is not None:
        results.append(_vouched(token, claims, write_key, now))
    for result in results:
        if isinstance(result, Failure):
            _failed(result, write_key)
        else:
            verified.update(result)
    return frozenset(verified)


def _signed(
    signatures: object, claims: Collection[Claim], keys: tuple[str, ...]
) -> Iterator[Iterable[Claim] | Failure]:
    if not isinstance(signatures, dict):
        yield Failure.MALFORMED
        return
    for name, signature in signatures.items():
        if not signature:  # of a value that the back end does not know
            continue
        if name not in SIGNED_KINDS or not isinstance(signature, str):
            yield Failure.MALFORMED
        else:
            yield _signed_of(name, signature, claims, keys)


def _signed_of(
    name: str, signature: str, claims: Collection[Claim], keys: tuple[str, ...]
) -> Iterable[Claim] | Failure:
    own = [claim for claim in claims if claim[0] == SIGNED_KINDS[name]]
    if not own or not keys:
        return Failure.NO_KEY if own else Failure.NOTHING_CLAIMED
    given = signature.lower().encode()
    found = [claim for claim in own if any(hmac.compare_digest(_hmac(key, name, claim), given) for key in keys)]
    return found or Failure.WRONG_SIGNATURE


def _hmac(key: str, name: str, claim: Claim) -> bytes:
    return hmac.digest(key.encode(), f"{name}:{_form(claim)[1]}".encode(), "sha256").hex().encode()


def _vouched(token: object, claims: Collection[Claim], write_key: WriteKey, now: datetime) -> Iterable[Claim] | Failure:
    told = _read_token(token, write_key)
    if isinstance(told, Failure):
        return told
    if failure := _untimely(told, int(now.timestamp())):
        return failure
    vouched = frozenset(_claims_of_token(told))
    users = {claim for claim in vouched if claim[0] == "ExternalId"}
    if users and any(claim not in users for claim in claims if claim[0] == "ExternalId"):
        return Failure.ANOTHER_IDENTITY
    return [claim for claim in claims if _form(claim) in vouched] or Failure.ANOTHER_IDENTITY


def _read_token(token: object, write_key: WriteKey) -> Mapping[str, object] | Failure:
    """Return what a token says that one of the keys has signed, each key by its own algorithm only."""
    if not isinstance(token, str) or len(token) > MAX_TOKEN_LENGTH:
        return Failure.UNREADABLE_TOKEN
    failure = Failure.NO_KEY
    for key, algorithm in identity_keys(write_key):
        try:
            said: Mapping[str, object] = jwt.decode(token, key, algorithms=[algorithm], options=_SIGNATURE_ONLY)
        except jwt.InvalidSignatureError:
            failure = Failure.WRONG_TOKEN_SIGNATURE
        except jwt.InvalidAlgorithmError:
            failure = Failure.WRONG_ALGORITHM if failure is Failure.NO_KEY else failure
        except (jwt.PyJWTError, ValueError, RecursionError):
            return Failure.UNREADABLE_TOKEN
        else:
            return said
    return failure


def _untimely(told: Mapping[str, object], now: int) -> Failure | None:
    """Return why the token does not hold at this time, in seconds since 1970, or None."""
    expires, starts, issued = (_seconds(told.get(name)) for name in ("exp", "nbf", "iat"))
    leeway, max_life = int(LEEWAY.total_seconds()), int(MAX_LIFE.total_seconds())
    if expires is None:
        return Failure.NO_EXPIRY
    if expires <= now - leeway:
        return Failure.EXPIRED
    if max(starts or 0, issued or 0) > now + leeway:
        return Failure.NOT_YET_VALID
    if expires - min(issued or now, now) > max_life + leeway:
        return Failure.TOO_LONG_LIVED
    return None


def _seconds(value: object) -> float | None:
    return value if is_number(value) and 0 <= value < _SECONDS else None


def _claims_of_token(told: Mapping[str, object]) -> Iterator[Claim]:
    for name, kind in (("sub", "ExternalId"), ("email", "Email"), ("phone_number", "Phone")):
        value = told.get(name)
        if isinstance(value, str) and told.get(f"{name}_verified") not in (False, "false"):
            yield _form((kind, value))


def _form(claim: Claim) -> Claim:
    """Return the claim with its value in the form that is signed and compared."""
    kind, value = claim
    return (kind, value if kind == "ExternalId" else value.strip().lower() if kind == "Email" else value.strip())


def _failed(failure: Failure, write_key: WriteKey) -> None:
    VERIFICATION_FAILURES.labels(failure).inc()
    at = monotonic()
    if at - _warned_at.get(failure, float("-inf")) >= WARN_EVERY_SECONDS:
        _warned_at[failure] = at
        log.warning("identity not verified", reason=str(failure), write_key=write_key.name, hint=HINTS[failure])
