"""Identity: the edges that join contacts to customers, and which of two contacts goes below the other.

Contacts form a forest. An edge attaches a root, the child, below another contact, its parent. The root of a tree is
the canonical contact of everything in it, its merge set. An edge tells who made it, when, by which rule and on which
evidence; undoing it parts exactly what it joined, since nothing else was changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from itertools import chain

from gateway.journey.contact import Contact, ContactType, HeldIdentifier
from gateway.journey.division import divisions_told
from gateway.journey.errors import SameCustomer
from gateway.journey.event import Identifier
from gateway.journey.identifier import IdentifierType
from gateway.journey.ids import derive_id


class EdgeKind(Enum):
    """What an edge is: contacts found to be one customer, or contacts merged below a new one."""

    LINK = "LINK"
    MERGE = "MERGE"


class Rule(Enum):
    """By what an edge was made."""

    IDENTIFIER = "IDENTIFIER"
    VERIFIED_IDENTIFIER = "VERIFIED_IDENTIFIER"
    AGENT = "AGENT"
    API = "API"
    ENRICH = "ENRICH"
    IMPORT = "IMPORT"


class ContactKind(Enum):
    """What a contact is to those who look at it: its type, or the head of a merge set."""

    EPHEMERAL = "EPHEMERAL"
    IDENTIFIED = "IDENTIFIED"
    CURATED = "CURATED"
    CANONICAL = "CANONICAL"


WEIGHTS: Mapping[ContactKind, int] = {
    ContactKind.CANONICAL: 0,
    ContactKind.CURATED: 0,
    ContactKind.IDENTIFIED: 1,
    ContactKind.EPHEMERAL: 2,
}
"""Kinds of contacts by how much work of people stands in them; 0 is the weightiest, and never joined by itself."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an edge is made: by which rule, by whom, when, and on which evidence.

    `evidence` holds strings only; of an edge made by an identifier its `type` and `value`.
    """

    rule: Rule
    made_by: str
    made_date: datetime
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edge:
    """What joins the tree of `child_id`, then a root, to the contact `parent_id`; `rule` to `made_date` as in Cause."""

    id: str
    kind: EdgeKind
    child_id: str
    parent_id: str
    rule: Rule
    evidence: Mapping[str, str]
    made_by: str
    made_date: datetime
    merge_id: str | None = None
    undone_by: str | None = None
    undone_date: datetime | None = None

    @property
    def in_force(self) -> bool:
        """Whether nobody has undone it."""
        return self.undone_date is None


@dataclass(frozen=True, slots=True)
class Party:
    """A contact with what must be known of its merge set to join it to another.

    `is_head` tells that the root is the head of a merge in force. `set_identifiers` are those of the other members of
    the merge set: without them two sets that contradict each other look as if they did not. `members` are the contacts
    below the root, where they were asked for.
    """

    contact: Contact
    root: Contact
    is_head: bool = False
    set_identifiers: tuple[HeldIdentifier, ...] = ()
    members: tuple[Contact, ...] = ()

    @property
    def kind(self) -> ContactKind:
        """What the root of the merge set is."""
        return kind_of(self.root.type, is_head=self.is_head)

    @property
    def identifiers(self) -> tuple[HeldIdentifier, ...]:
        """Every identifier that is known of the merge set."""
        return (*self.contact.identifiers, *self.root.identifiers, *self.set_identifiers)


def kind_of(contact_type: ContactType, *, is_head: bool) -> ContactKind:
    """Return the kind of a contact; the head of a merge in force is canonical, whatever its type."""
    return ContactKind.CANONICAL if is_head else ContactKind(contact_type.value)


def rank(party: Party) -> tuple[int, datetime, str]:
    """Return what merge sets are ordered by, the weightiest first: kind, then age, then id."""
    return WEIGHTS[party.kind], party.root.created_date, party.root.id


def are_divided(one: Party, other: Party) -> bool:
    """Tell whether one of two merge sets would go below a contact that is not of all of its divisions.

    Whoever sees a contact then sees the one that stands for it too, where divisions keep their contacts apart.
    """
    upper, lower = sorted((one, other), key=rank)
    return not divisions_told(lower.root.division_ids) <= divisions_told(upper.root.division_ids)


def link_between(one: Party, other: Party, cause: Cause) -> Edge:
    """Return the link between two merge sets: the lighter one's root below the very contact of the weightier one.

    Not below the weightier one's root: if that set is parted one day, the lighter one stays with the contact that it
    was linked to. A link by an identifier has the same id whenever it is found again.

    Raises:
        SameCustomer: they are one merge set already.
    """
    upper, lower = sorted((one, other), key=rank)
    if upper.root.id == lower.root.id:
        raise SameCustomer((one.contact.id, other.contact.id))
    child_id, parent_id = lower.root.id, upper.contact.id
    edge_id = derive_id("edge", child_id, parent_id, *_reason(cause))
    return _edge(edge_id, EdgeKind.LINK, (child_id, parent_id), cause)


def merge_edges(merge_id: str, head_id: str, root_ids: Iterable[str], cause: Cause) -> tuple[Edge, ...]:
    """Return the edges of a merge: each of these roots below the head, a new contact."""
    return tuple(
        _edge(derive_id("edge", root_id, head_id, merge_id), EdgeKind.MERGE, (root_id, head_id), cause, merge_id)
        for root_id in root_ids
    )


def undone(edge: Edge, by: str, at: datetime) -> Edge:
    """Return the edge as it is kept after somebody has undone it."""
    return replace(edge, undone_by=by, undone_date=at)


Decisive = Mapping[str, frozenset[str]]
"""Type of identifier -> the values of which a person has no other: see `decisive`."""


def decisive(held: Iterable[HeldIdentifier], claims: Sequence[Identifier] = ()) -> Decisive:
    """Return by type what tells two persons apart: every external id, and of other types what was verified.

    Claims are given in normal form. Cookies tell nothing: a person has many.
    """
    told = chain(
        ((i.type, i.value, i.is_verified) for i in held if i.is_normalised),
        ((claim.type, claim.value, claim.verified) for claim in claims),
    )
    values: dict[str, set[str]] = {}
    for type_, value, is_verified in told:
        if type_ == _EXTERNAL_ID or (is_verified and type_ != _COOKIE):
            values.setdefault(type_, set()).add(value)
    return {type_: frozenset(those) for type_, those in values.items()}


def contradiction(one: Decisive, other: Decisive) -> str | None:
    """Return the type of identifier by which these are two persons, or None.

    The same external id makes them one, whatever else was verified: people change their addresses.
    """
    if one.get(_EXTERNAL_ID, _NOTHING) & other.get(_EXTERNAL_ID, _NOTHING):
        return None
    return next(
        (type_ for type_ in sorted(one.keys() & other.keys(), key=_order) if one[type_].isdisjoint(other[type_])), None
    )


def _reason(cause: Cause) -> tuple[str, ...]:
    if cause.rule in {Rule.IDENTIFIER, Rule.VERIFIED_IDENTIFIER}:
        return cause.evidence["type"], cause.evidence["value"]
    return cause.rule.value, cause.made_by, cause.made_date.isoformat()


def _edge(edge_id: str, kind: EdgeKind, ends: tuple[str, str], cause: Cause, merge_id: str | None = None) -> Edge:
    return Edge(edge_id, kind, *ends, cause.rule, dict(cause.evidence), cause.made_by, cause.made_date, merge_id)


def _order(type_: str) -> tuple[bool, str]:
    return type_ != _EXTERNAL_ID, type_


_NOTHING: frozenset[str] = frozenset()
_COOKIE = IdentifierType.COOKIE.value
_EXTERNAL_ID = IdentifierType.EXTERNAL_ID.value
