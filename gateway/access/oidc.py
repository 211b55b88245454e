"""Tokens of an OpenID Connect issuer: verified with its public keys, and read as who asks.

PyJWT does the cryptography. Which key, and with it which algorithm, is decided here: the token only names a key.
Sources: RFC 7519 (JWT), RFC 8725 (best practices), RFC 9068 (access tokens), OpenID Connect Core 1.0 section 3.1.3.7.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from time import monotonic

import jwt
import structlog
from jwt.types import Options

from gateway.access.claims import ClaimRules, viewer_of_claims
from gateway.access.issuer_keys import IssuerKeys, keys_of
from gateway.access.permissions import ROLES, RolesByName
from gateway.access.public_key import ALGORITHMS, PublicKey
from gateway.access.viewer import Viewer
from gateway.settings import Settings, SettingsError

LEEWAY = timedelta(seconds=60)
"""By so much the clocks of the issuer and of this machine may differ."""
MAX_TOKEN_LENGTH = 16_384
MAX_KEY_ID_LENGTH = 500
MAX_REMEMBERED = 4_096
"""Tokens, by their hash, that need not be verified again: that takes as long as a small query."""
TOKEN_TYPES = (None, "jwt", "at+jwt", "application/at+jwt")
"""What `typ` of a header may be, in lower case: a logout token, say, opens nothing."""
WARN_EVERY_SECONDS = 60.0

RolesRead = Callable[[], Awaitable[RolesByName]]
"""Tells the roles that there are; as long as they have not changed, by the very same mapping."""

log = structlog.get_logger(__name__)


class Refused(StrEnum):
    """Why a token opens nothing; the values stand in the log."""

    UNREADABLE = "unreadable"
    WRONG_ALGORITHM = "wrong_algorithm"
    WRONG_TYPE = "wrong_type"
    UNKNOWN_KEY = "unknown_key"
    WRONG_SIGNATURE = "wrong_signature"
    LACKS_CLAIM = "lacks_claim"
    WRONG_ISSUER = "wrong_issuer"
    WRONG_AUDIENCE = "wrong_audience"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    NO_ROLE = "no_role"


HINTS: Mapping[Refused, str] = {
    Refused.UNREADABLE: f"it is no JSON Web Token in compact form of at most {MAX_TOKEN_LENGTH} characters",
    Refused.WRONG_ALGORITHM: f"the issuer must sign with one of {', '.join(sorted(ALGORITHMS))}",
    Refused.WRONG_TYPE: "send an access token or an ID token",
    Refused.UNKNOWN_KEY: "the issuer has no key of that id and algorithm at its jwks_uri",
    Refused.WRONG_SIGNATURE: "it is forged, or the issuer has given an id to another key",
    Refused.LACKS_CLAIM: "let the issuer give iss, sub, aud and exp",
    Refused.WRONG_ISSUER: "JOURNEY_OIDC_ISSUER must be written as iss of the token is",
    Refused.WRONG_AUDIENCE: "aud of the token must name JOURNEY_OIDC_AUDIENCE",
    Refused.EXPIRED: "let the client ask the issuer for a new one; compare the clocks of both machines",
    Refused.NOT_YET_VALID: "iat or nbf lies ahead; compare the clocks of both machines",
    Refused.NO_ROLE: "see JOURNEY_OIDC_ROLE_CLAIM and JOURNEY_OIDC_ROLES: no value of the claim stands for a role",
}
"""What the log tells the operator."""

_CHECKS: Options = {"require": ["iss", "sub", "aud", "exp"], "verify_jti": False}
_REASONS: Mapping[type[jwt.PyJWTError], Refused] = {
    jwt.InvalidSignatureError: Refused.WRONG_SIGNATURE,
    jwt.MissingRequiredClaimError: Refused.LACKS_CLAIM,
    jwt.InvalidIssuerError: Refused.WRONG_ISSUER,
    jwt.InvalidAudienceError: Refused.WRONG_AUDIENCE,
    jwt.ExpiredSignatureError: Refused.EXPIRED,
    jwt.ImmatureSignatureError: Refused.NOT_YET_VALID,
}


class _RefusedToken(Exception):
    def __init__(self, reason: Refused) -> None:
        self.reason = reason
        super().__init__(reason)


async def delivered_roles() -> RolesByName:
    """Return the roles that are delivered, where there are no others."""
    return ROLES


class OIDCVerifier:
    """Knows who comes with a token of one issuer that is made for one audience."""

    def __init__(
        self, issuer: str, audience: str, rules: ClaimRules, keys: IssuerKeys, roles: RolesRead = delivered_roles
    ) -> None:
        self._issuer, self._audience = issuer, audience
        self._rules = rules
        self._keys = keys
        self._roles = roles
        self._viewers: OrderedDict[bytes, Viewer] = OrderedDict()
        self._viewers_by: tuple[tuple[PublicKey, ...] | None, RolesByName] | None = None
        self._warned_at: dict[Refused, float] = {}

    async def viewer_of(self, token: str) -> Viewer | None:
        """Return who comes with this token, or None when it opens nothing; the log tells why, without the token.

        Raises:
            IssuerUnreachable: the keys of the issuer are not known, so nobody can say whether the token is good.
            MongoDBUnreachable: nobody can say now which roles there are.
        """
        roles = await self._roles()
        fingerprint = sha256(token.encode(errors="surrogatepass")).digest()
        if known := self._known(fingerprint, roles):
            return known
        try:
            viewer = viewer_of_claims(await self._verified(token), self._rules, roles)
        except _RefusedToken as refused:
            self._warn(refused.reason)
            return None
        if viewer is None:
            self._warn(Refused.NO_ROLE)
        else:
            self._remember(fingerprint, viewer, roles)
        return viewer

    def _known(self, fingerprint: bytes, roles: RolesByName) -> Viewer | None:
        """Return who came before with the same token, while it lasts and neither keys nor roles have changed since."""
        if not self._is_remembered_by(roles):
            self._viewers_by = (self._keys.in_force(), roles)
            self._viewers.clear()
        viewer = self._viewers.get(fingerprint)
        if viewer is None or viewer.expires_date is None or viewer.expires_date + LEEWAY <= datetime.now(UTC):
            return None
        return viewer

    def _remember(self, fingerprint: bytes, viewer: Viewer, roles: RolesByName) -> None:
        if self._is_remembered_by(roles):
            self._viewers[fingerprint] = viewer
            if len(self._viewers) > MAX_REMEMBERED:
                self._viewers.popitem(last=False)

    def _is_remembered_by(self, roles: RolesByName) -> bool:
        """Tell whether who is remembered was verified by the keys that are in force now, with these roles."""
        by = self._viewers_by
        return by is not None and by[0] is self._keys.in_force() and by[1] is roles

    async def _verified(self, token: str) -> Mapping[str, object]:
        key_id, algorithm = _named_key(token)
        key = await self._keys.key(key_id, algorithm)
        if key is None:
            raise _RefusedToken(Refused.UNKNOWN_KEY)
        return self._claims(token, key)

    def _claims(self, token: str, key: PublicKey) -> Mapping[str, object]:
        try:
            claims: Mapping[str, object] = jwt.decode(
                token,
                key.material,
                algorithms=[key.algorithm],
                options=_CHECKS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY,
            )
        except jwt.PyJWTError as error:
            raise _RefusedToken(_REASONS.get(type(error), Refused.UNREADABLE)) from error
        except (ValueError, RecursionError) as error:
            raise _RefusedToken(Refused.UNREADABLE) from error
        if not claims["sub"] or not isinstance(claims["exp"], int | float):
            raise _RefusedToken(Refused.LACKS_CLAIM)
        return claims

    def _warn(self, reason: Refused) -> None:
        """Tell a reason at most once a minute: whoever sends rubbish shall not fill the log."""
        at = monotonic()
        if at - self._warned_at.get(reason, float("-inf")) >= WARN_EVERY_SECONDS:
            self._warned_at[reason] = at
            log.warning("token of the OIDC issuer refused", reason=str(reason), hint=HINTS[reason])


@asynccontextmanager
async def oidc_verifier(settings: Settings, roles: RolesRead = delivered_roles) -> AsyncIterator[OIDCVerifier | None]:
    """Yield the verifier of these settings, or None when they name no issuer."""
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        yield None
        return
    async with keys_of(settings.oidc_issuer) as keys:
        yield OIDCVerifier(settings.oidc_issuer, settings.oidc_audience, ClaimRules.of(settings), keys, roles)


def refuse_unknown_roles(settings: Settings, there: RolesByName) -> None:
    """Make sure that the roles which JOURNEY_OIDC_ROLES names are there.

    Raises:
        SettingsError: one is not; the text tells those that are.
    """
    missing = sorted({role for _, role in settings.oidc_roles or () if role not in there})
    if missing:
        told = f"JOURNEY_OIDC_ROLES names {', '.join(map(repr, missing))}, but the roles that there are: "
        advice = "make a role of your own with `journey-gateway role set`, or leave it out"
        raise SettingsError((f"{told}{', '.join(sorted(there))}; {advice}.",))


def _named_key(token: str) -> tuple[str | None, str]:
    """Return the id of the key and the algorithm that the header names; nothing of it is verified yet."""
    if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
        raise _RefusedToken(Refused.UNREADABLE)
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise _RefusedToken(Refused.UNREADABLE) from error
    algorithm, key_id, type_ = header.get("alg"), header.get("kid"), header.get("typ")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise _RefusedToken(Refused.WRONG_ALGORITHM)
    if (type_.lower() if isinstance(type_, str) else type_) not in TOKEN_TYPES:
        raise _RefusedToken(Refused.WRONG_TYPE)
    if key_id is not None and len(key_id) > MAX_KEY_ID_LENGTH:
        raise _RefusedToken(Refused.UNREADABLE)
    return key_id, algorithm
