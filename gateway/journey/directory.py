"""The directory: who holds which identifier and who belongs to whom, kept up with every claim of a batch."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from gateway.journey.contact import Contact, HeldIdentifier
from gateway.journey.event import Identifier
from gateway.journey.identity import Edge, Party
from gateway.journey.identity_resolution import NO_EDGES, LinkPolicies, Resolution, resolve

Key = tuple[str, str]
"""Type and value of an identifier, in normal form."""


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
        self._contacts: dict[str, Contact] = {}
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

    def is_alone(self, contact_id: str) -> bool:
        """Tell whether it is known that nobody is joined to a contact, and that nobody was in this batch."""
        contact = self._contacts.get(contact_id)
        return (
            contact is not None
            and not contact.ancestors
            and not self._set_identifiers.get(contact_id, ())
            and all(contact_id not in (edge.child_id, edge.parent_id) for edge, _ in self.attached)
        )

    def _know(self, party: Party) -> None:
        self._contacts[party.contact.id] = party.contact
        self._contacts[party.root.id] = party.root
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
