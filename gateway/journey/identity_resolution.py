"""Resolution: from what a visitor claims to the links that follow, and to the candidates that a person may choose from.

The first contact that claims an identifier becomes its holder; later ones are linked to it, if nothing speaks against.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from gateway.journey.contact import HeldIdentifier
from gateway.journey.event import Identifier
from gateway.journey.identifier import IdentifierType
from gateway.journey.identity import (
    WEIGHTS,
    Cause,
    ContactKind,
    Decisive,
    Edge,
    Party,
    Rule,
    are_divided,
    contradiction,
    decisive,
    link_between,
    rank,
)

GATEWAY = "gateway"
"""Who makes the links that follow from identifiers."""
NO_EDGES: AbstractSet[str] = frozenset()
MOST_OF_ONE_PERSON = 1_000
"""Identifiers, cookies among them, above which nothing more is linked to a customer by itself.

An address such as test@example.com stands for everybody who did not want to tell; reading what it has gathered would
take longer with every visitor.
"""


class LinkPolicy(Enum):
    """Which claims of one type of identifier may link contacts by themselves."""

    ALWAYS = "ALWAYS"
    VERIFIED = "VERIFIED"
    NEVER = "NEVER"


@dataclass(frozen=True, slots=True)
class LinkPolicies:
    """The policy of each type of identifier; of those that are not listed, `otherwise`.

    With `apart` divisions keep their contacts apart: nobody goes below a contact that is not of all of his divisions.
    """

    by_type: Mapping[str, LinkPolicy] = field(default_factory=dict)
    otherwise: LinkPolicy = LinkPolicy.ALWAYS
    apart: bool = False

    def of(self, identifier_type: str) -> LinkPolicy:
        """Return the policy of this type."""
        return self.by_type.get(identifier_type, self.otherwise)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer that it may be, for a person to decide: the contact that is the evidence, and the root of its set.

    `reasons` are sentences: what speaks for it, and why it was not linked by itself.
    """

    contact_id: str
    root_id: str
    kind: ContactKind
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What follows from claims: edges to make, in this order; candidates, best first; and new entries of the register.

    `registered` are the claims that nobody held: the visitor's contact becomes their holder.
    """

    edges: tuple[Edge, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    registered: tuple[Identifier, ...] = ()


def resolve(  # noqa: PLR0913 - what decides, and who and when
    visitor: Party,
    claims: Sequence[Identifier],
    holder_of: Mapping[tuple[str, str], Party],
    policies: LinkPolicies,
    at: datetime,
    *,
    undone_edges: AbstractSet[str] = NO_EDGES,
    made_by: str = GATEWAY,
) -> Resolution:
    """Return what follows from the claims of a visitor.

    `claims` are in normal form, as from `claims_of`. `holder_of` has the holder of each by (type, value), as far as
    somebody holds it. A link is never made by itself between two curated or canonical contacts, between sets that
    contradict each other, against the policy, nor again once a person has undone it: `undone_edges` are ids of those.
    """
    now, joined = visitor, {visitor.root.id}
    edges: list[Edge] = []
    registered: list[Identifier] = []
    refused: list[tuple[Party, str]] = []
    for claim in _each_once(claims):
        holder = holder_of.get(claim.key)
        if holder is None:
            registered.append(claim)
        elif holder.root.id not in joined:
            edge = _link(now, holder, claim, made_by, at)
            reason = _forbidden(policies.of(claim.type), claim) or _objection(now, holder, claims)
            if reason is None and policies.apart and are_divided(now, holder):
                reason = "the two are of different divisions"
            if reason is None and edge.id in undone_edges:
                reason = "somebody has undone this link before"
            if reason is None:
                edges.append(edge)
                joined.add(holder.root.id)
                now = _joined(now, holder)
            else:
                refused.append((holder, f"Holds the same {claim.type}, but was not linked: {reason}."))
    still = [(party, reason) for party, reason in refused if party.root.id not in joined]
    return Resolution(tuple(edges), _candidates(still), tuple(registered))


def candidates_of(parties: Iterable[Party], identifier: Identifier) -> tuple[Candidate, ...]:
    """Return the customers that hold an identifier, given in normal form: one candidate a merge set.

    Canonical and curated ones come first, then identified ones, of these the older first; each with its reasons.
    """
    return _candidates([(party, _evidence(held)) for party in parties for held in _holding(party, identifier)])


def _each_once(claims: Sequence[Identifier]) -> Iterable[Identifier]:
    """Return the claims by which contacts are linked, verified ones first, each identifier once."""
    strongest: dict[tuple[str, str], Identifier] = {}
    for claim in sorted(claims, key=lambda claim: not claim.verified):
        if claim.type != IdentifierType.COOKIE.value:
            strongest.setdefault(claim.key, claim)
    return strongest.values()


def _link(visitor: Party, holder: Party, claim: Identifier, made_by: str, at: datetime) -> Edge:
    rule = Rule.VERIFIED_IDENTIFIER if claim.verified else Rule.IDENTIFIER
    evidence = {"type": claim.type, "value": claim.value, "source": claim.source}
    return link_between(visitor, holder, Cause(rule, made_by, at, evidence))


def _objection(visitor: Party, holder: Party, claims: Sequence[Identifier]) -> str | None:
    """Return why two merge sets must not be linked by themselves, or None."""
    if not WEIGHTS[visitor.kind] and not WEIGHTS[holder.kind]:
        return "both are curated or canonical contacts"
    if max(len(visitor.set_identifiers), len(holder.set_identifiers)) > MOST_OF_ONE_PERSON:
        return f"more than {MOST_OF_ONE_PERSON:,} identifiers are no single person's"
    differing = _differing(visitor, holder, claims)
    return differing and f"the two have a different {differing}"


def _differing(visitor: Party, holder: Party, claims: Sequence[Identifier]) -> str | None:
    """Return the type of identifier by which they are two persons, or None.

    What the visitor claims now and what was known before each stand for themselves: together they would agree with
    both of two persons.
    """
    claimed = {claim.key for claim in claims}
    known = decisive(identifier for identifier in visitor.identifiers if identifier.key not in claimed)
    told, held = decisive((), claims), decisive(holder.identifiers)
    sides = ({**_external_ids(told), **known}, {**_external_ids(known), **told})
    return next((differing for side in sides if (differing := contradiction(side, held))), None)


def _external_ids(one: Decisive) -> Decisive:
    name = IdentifierType.EXTERNAL_ID.value
    return {name: one[name]} if name in one else {}


def _forbidden(policy: LinkPolicy, claim: Identifier) -> str | None:
    """Return why the policy forbids a link by this claim, or None."""
    if policy is LinkPolicy.NEVER:
        return f"{claim.type} never links contacts here"
    if policy is LinkPolicy.VERIFIED and not claim.verified:
        return f"{claim.type} links contacts here only once it is verified"
    return None


def _joined(visitor: Party, holder: Party) -> Party:
    upper = min(visitor, holder, key=rank)
    held = (*visitor.identifiers, *holder.identifiers)
    return replace(visitor, root=upper.root, is_head=upper.is_head, set_identifiers=held)


def _candidates(found: Iterable[tuple[Party, str]]) -> tuple[Candidate, ...]:
    reasons: dict[str, dict[str, None]] = {}
    parties: dict[str, Party] = {}
    for party, reason in sorted(found, key=lambda one: (rank(one[0]), one[0].contact.created_date, one[0].contact.id)):
        parties.setdefault(party.root.id, party)
        reasons.setdefault(party.root.id, {})[reason] = None
    return tuple(
        Candidate(party.contact.id, root_id, party.kind, (*reasons[root_id], _standing(party)))
        for root_id, party in parties.items()
    )


def _holding(party: Party, identifier: Identifier) -> list[HeldIdentifier]:
    held = (one for one in party.contact.identifiers if one.is_normalised and one.key == identifier.key)
    return list(held)


def _evidence(held: HeldIdentifier) -> str:
    known = "verified" if held.is_verified else "not verified"
    return f"Holds the same {held.type} since {held.created_date:%Y-%m-%d}, {known}, told by {held.source}."


def _standing(party: Party) -> str:
    kind = party.kind.value.lower()
    return f"Is {'an' if kind[0] in 'aeiou' else 'a'} {kind} contact since {party.root.created_date:%Y-%m-%d}."
