"""From what a token of an issuer says to what its holder may see."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.access.permissions import ROLES, RolesByName, permissions_of_roles
from gateway.access.viewer import SEPARATOR, Viewer
from gateway.journey.division import HOME
from gateway.journey.ids import derive_id
from gateway.settings import Settings

ADMIN = "admin"
ALL_DIVISIONS = "*"
"""What a claim says instead of the keys of divisions, for somebody who sees all of them."""
MAX_NAME_LENGTH = 200
MAX_VALUES = 1_000
"""Values of a claim that are looked at."""
_SPACED = ("scope", "scp")
"""Claims whose text holds several values with spaces between them: RFC 8693 section 4.2, RFC 9068 section 2.2.3."""
_LAST_SECOND = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """Which claims tell what; `roles` are values of the role claim, each with a role. None: the names of the roles."""

    role_claim: str
    roles: tuple[tuple[str, str], ...] | None
    division_claim: str
    name_claim: str

    @classmethod
    def of(cls, settings: Settings) -> "ClaimRules":
        """Return the rules of these settings."""
        return cls(
            settings.oidc_role_claim, settings.oidc_roles, settings.oidc_division_claim, settings.oidc_name_claim
        )


def viewer_of_claims(claims: Mapping[str, object], rules: ClaimRules, there: RolesByName = ROLES) -> Viewer | None:
    """Return who the claims speak of, or None when they give none of the roles that there are.

    `claims` are verified: `iss` and `sub` are texts, and `exp` is a number of seconds since 1970.
    """
    roles = _roles(claims, rules, there)
    if not roles:
        return None
    id_ = f"oidc:{derive_id('oidc', str(claims['iss']), str(claims['sub']))}"
    return Viewer(
        name=_name(claims, rules.name_claim) or id_,
        role=SEPARATOR.join(roles),
        permissions=permissions_of_roles(roles, there),
        divisions=_divisions(claims, rules.division_claim, is_admin=ADMIN in roles),
        token_id=id_,
        expires_date=_date(claims["exp"]),
    )


def claim_at(claims: Mapping[str, object], path: str) -> object:
    """Return the claim at a path, or None. Dots lead into objects; names that have dots in themselves go first."""
    if path in claims:
        return claims[path]
    for at in (index for index, letter in enumerate(path) if letter == "."):
        inner = claims.get(path[:at])
        if isinstance(inner, dict) and (found := claim_at(inner, path[at + 1 :])) is not None:
            return found
    return None


def _roles(claims: Mapping[str, object], rules: ClaimRules, there: RolesByName) -> list[str]:
    pairs = rules.roles or tuple((role, role) for role in there)
    values = set(_values(claims, rules.role_claim))
    given = {role for value, role in pairs if value in values}
    return [role for role in there if role in given]


def _divisions(claims: Mapping[str, object], path: str, *, is_admin: bool) -> frozenset[str] | None:
    if claim_at(claims, path) is None:
        return None if is_admin else frozenset({HOME})
    values = frozenset(_values(claims, path))
    return None if ALL_DIVISIONS in values else values


def _values(claims: Mapping[str, object], path: str) -> Iterator[str]:
    told = claim_at(claims, path)
    if isinstance(told, str):
        # a name of a role may have a space in it, and half of it may be the name of another
        yield from told.split() if path.rpartition(".")[2] in _SPACED else [told]
    elif isinstance(told, list):
        yield from (value for value in told[:MAX_VALUES] if isinstance(value, str))


def _name(claims: Mapping[str, object], path: str) -> str:
    told = claim_at(claims, path)
    if path == "email" and claims.get("email_verified") in (False, "false"):  # nobody shall log under another's name
        told = None
    return _printable(told) or _printable(claims["sub"])


def _printable(told: object) -> str:
    text = told[:MAX_NAME_LENGTH] if isinstance(told, str) else ""
    return "".join(letter for letter in text if letter.isprintable()).strip()


def _date(seconds: object) -> datetime:
    return datetime.fromtimestamp(min(int(seconds), _LAST_SECOND) if isinstance(seconds, int | float) else 0, UTC)
