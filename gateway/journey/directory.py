"""The directory: who holds which identifier and who belongs to whom, kept up with every claim of a batch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.journey.contact import Contact, ContactType, HeldIdentifier
from gateway.journey.event import Identifier
from gateway.journey.identity import Edge, Party
from gateway.journey.identity_resolution import NO_EDGES, LinkPolicies, Resolution, resolve

Key = tuple[str, str]
"""Type and value of an identifier, in normal form."""


@dataclass(frozen=True, slots=True)
class MergeSet:
    """Everyone who is one customer: the root, and those merged into it, the first to be created first."""

    root: Contact
    merged: tuple[Contact, ...] = ()
    is_head: bool = False

    @property
    def last_seen_date(self) -> datetime | None:
        """The newest interaction, to the EXPIRY_STEP; None while nobody knows who it is."""
        everyone = (self.root, *self.merged)
        if all(one.type is ContactType.EPHEMERAL for one in everyone):
            return None
        # somebody nobody knows is changed by interactions alone
        unknown = (one.modified_date for one in everyone if one.type is ContactType.EPHEMERAL)
        known = (one.last_seen_date for one in everyone if one.last_seen_date)
        return max((*unknown, *known), default=None)


class Directory:
    """What resolution looks up and changes. It knows the parties it was given, and whoever has claimed since.

    `undone_edges` are ids of links that somebody has undone. `attached` holds the edges that were made, each with what
    its parent then stood below.
    """

    def __init__(
        self,
        parties: Iterable[Party] = (),
        holders: Mapping[Key, Party] | None = None,
        undone_edges: AbstractSet[str] = NO_EDGES,
    ) -> None:
        self._contacts: dict[str, Contact] = {}  # of each merge set that it knows of, everyone
        self._set_identifiers: dict[str, tuple[HeldIdentifier, ...]] = {}
        self._heads: set[str] = set()
        self._holders: dict[Key, str] = {}
        self._undone_edges = undone_edges
        self.attached: list[tuple[Edge, tuple[str, ...]]] = []
        for party in (*parties, *(holders or {}).values()):
            self._know(party)
        for key, party in (holders or {}).items():
            self._holders[key] = party.contact.id

    def recognise(
        self, contact: Contact, claims: Sequence[Identifier], policies: LinkPolicies, at: datetime
    ) -> Resolution:
        """Return what follows from new claims of a contact, and take note of it."""
        self._put(contact)
        held = {key: self._party(id_) for claim in claims if (id_ := self._holders.get(key := claim.key))}
        resolution = resolve(self._party(contact.id), claims, held, policies, at, undone_edges=self._undone_edges)
        for claim in resolution.registered:
            self._holders[claim.key] = contact.id
        for edge in resolution.edges:
            self._attach(edge)
        return resolution

    def merge_sets(self, changed: Mapping[str, Contact]) -> dict[str, MergeSet]:
        """Return the merge sets it knows of, by the ids of their roots; `changed` is how interactions left contacts."""
        sets: dict[str, list[Contact]] = defaultdict(list)
        for id_, contact in self._contacts.items():
            sets[contact.root_id].append(_as_it_is(changed.get(id_), contact))
        return {root_id: self._merge_set(root_id, members) for root_id, members in sets.items()}

    def _merge_set(self, root_id: str, members: Sequence[Contact]) -> MergeSet:
        root = next(one for one in members if one.id == root_id)
        merged = sorted((one for one in members if one is not root), key=lambda one: (one.created_date, one.id))
        return MergeSet(root, tuple(merged), root_id in self._heads)

    def _know(self, party: Party) -> None:
        self._contacts[party.contact.id] = party.contact
        self._contacts[party.root.id] = party.root
        self._contacts |= {member.id: member for member in party.members}
        self._set_identifiers[party.root.id] = party.set_identifiers
        if party.is_head:
            self._heads.add(party.root.id)

    def _put(self, contact: Contact) -> None:
        known = self._contacts.get(contact.id)
        self._contacts[contact.id] = replace(contact, ancestors=known.ancestors) if known else contact

    def _party(self, contact_id: str) -> Party:
        contact = self._contacts[contact_id]
        root = self._contacts.get(contact.root_id, contact)
        return Party(contact, root, root.id in self._heads, self._set_identifiers.get(root.id, ()))

    def _attach(self, edge: Edge) -> None:
        parent = self._contacts[edge.parent_id]
        path = (parent.id, *parent.ancestors)
        self.attached.append((edge, parent.ancestors))
        below = self._set_identifiers.pop(edge.child_id, ()) + self._contacts[edge.child_id].identifiers
        self._set_identifiers[path[-1]] = self._set_identifiers.get(path[-1], ()) + below
        for id_, contact in self._contacts.items():
            if id_ == edge.child_id or edge.child_id in contact.ancestors:
                self._contacts[id_] = replace(contact, ancestors=(*contact.ancestors, *path))


def _as_it_is(changed: Contact | None, known: Contact) -> Contact:
    if changed is None:
        return known
    return replace(changed, ancestors=known.ancestors, last_seen_date=changed.modified_date)
