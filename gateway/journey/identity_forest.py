"""The forest of contacts in memory: what joining and parting mean, exactly. Storage does the same to its documents.

`Ancestors` says of every contact what it stands below, from its parent up to the root; a root has none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.journey.errors import (
    AlreadyAttached,
    MergeConflict,
    SameCustomer,
    UnknownContact,
    UnknownEdge,
    UnknownMerge,
)
from gateway.journey.identity import Cause, Edge, EdgeKind, merge_edges, undone

Ancestors = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Forest:
    """Contacts by what they stand below, and every edge that was ever made between them, by id."""

    ancestors: Ancestors = field(default_factory=dict)
    edges: Mapping[str, Edge] = field(default_factory=dict)

    def root_of(self, contact_id: str) -> str:
        """Return the canonical contact of this one.

        Raises:
            UnknownContact: it is not in the forest.
        """
        return ([contact_id, *_above(self.ancestors, contact_id)])[-1]

    def members_of(self, contact_id: str) -> frozenset[str]:
        """Return the merge set of a contact: everything that has the same root, the root included."""
        root = self.root_of(contact_id)
        return frozenset(id_ for id_, above in self.ancestors.items() if id_ == root or root in above)

    def is_head(self, contact_id: str) -> bool:
        """Tell whether a merge in force put this contact above others."""
        return any(edge.kind is EdgeKind.MERGE and edge.parent_id == contact_id for edge in self.in_force())

    def in_force(self) -> tuple[Edge, ...]:
        """Return the edges that nobody has undone."""
        return tuple(edge for edge in self.edges.values() if edge.in_force)


def attached(ancestors: Ancestors, child: str, parent: str) -> dict[str, tuple[str, ...]]:
    """Return the forest after a root was put below a contact of another tree.

    Raises:
        UnknownContact: one of the two is not in the forest.
        AlreadyAttached: the child is no root.
        SameCustomer: the parent stands below the child.
    """
    if above := _above(ancestors, child):
        raise AlreadyAttached(child, above[0])
    path = (parent, *_above(ancestors, parent))
    if path[-1] == child:
        raise SameCustomer((child, parent))
    return {id_: (*above, *path) if id_ == child or child in above else above for id_, above in ancestors.items()}


def detached(ancestors: Ancestors, child: str) -> dict[str, tuple[str, ...]]:
    """Return the forest after a contact was parted from its parent; whatever stands below it goes with it.

    Raises:
        UnknownContact: it is not in the forest.
    """
    height = len(_above(ancestors, child))
    return {
        id_: above[: len(above) - height] if id_ == child or child in above else above
        for id_, above in ancestors.items()
    }


def with_contact(forest: Forest, contact_id: str) -> Forest:
    """Return the forest with this contact, as a root if it is a new one."""
    return replace(forest, ancestors={contact_id: (), **forest.ancestors})


def link(forest: Forest, edge: Edge) -> Forest:
    """Return the forest after this edge was made.

    Raises:
        IdentityError: as `attached`.
    """
    return Forest(
        attached(forest.ancestors, edge.child_id, edge.parent_id),
        {**forest.edges, edge.id: edge},
    )


def unlink(forest: Forest, edge_id: str, by: str, at: datetime) -> Forest:
    """Return the forest after a link was undone.

    Raises:
        UnknownEdge: it is not in force.
        MergeConflict: it is part of a merge, which is undone as a whole.
    """
    edge = forest.edges.get(edge_id)
    if edge is None or not edge.in_force:
        raise UnknownEdge(edge_id)
    if edge.kind is EdgeKind.MERGE:
        raise MergeConflict(
            f"Edge {edge.id!r} is part of the merge {edge.merge_id!r}: undo that as a whole.",
            edge_id=edge.id,
            merge_id=edge.merge_id,
        )
    return _without_lone_heads(_cut(forest, (edge,), by, at), (edge.child_id, edge.parent_id))


def merge(forest: Forest, merge_id: str, head_id: str, contact_ids: Iterable[str], cause: Cause) -> Forest:
    """Return the forest after the merge sets of these contacts were put below a new contact, the head.

    Raises:
        UnknownContact: one of them is not in the forest.
        SameCustomer: they are one merge set already.
    """
    named = tuple(contact_ids)
    root_ids = tuple(dict.fromkeys(forest.root_of(contact_id) for contact_id in named))
    if len(root_ids) == 1:
        raise SameCustomer(named)
    merged = with_contact(forest, head_id)
    for edge in merge_edges(merge_id, head_id, root_ids, cause):
        merged = link(merged, edge)
    return merged


def unmerge(forest: Forest, merge_id: str, by: str, at: datetime) -> Forest:
    """Return the forest after a merge was undone: each of its members a root again, with all that came to it since.

    The head goes with its merge, unless something was linked to the head itself: then that stays with it.

    Raises:
        UnknownMerge: it is not in force.
        MergeConflict: its head was merged or linked again; that comes first.
    """
    edges = tuple(edge for edge in forest.in_force() if edge.merge_id == merge_id)
    if not edges:
        raise UnknownMerge(merge_id)
    head_id = edges[0].parent_id
    if later := next((edge for edge in forest.in_force() if edge.child_id == head_id), None):
        raise MergeConflict(_later_first(merge_id, later), edge_id=later.id, merge_id=later.merge_id)
    children = (edge.child_id for edge in edges)
    return _without_lone_heads(_cut(forest, edges, by, at), (head_id, *children))


def _above(ancestors: Ancestors, contact_id: str) -> tuple[str, ...]:
    try:
        return ancestors[contact_id]
    except KeyError:
        raise UnknownContact(contact_id) from None


def _cut(forest: Forest, edges: tuple[Edge, ...], by: str, at: datetime) -> Forest:
    ancestors = forest.ancestors
    for edge in edges:
        ancestors = detached(ancestors, edge.child_id)
    return Forest(ancestors, {**forest.edges, **{edge.id: undone(edge, by, at) for edge in edges}})


def _without_lone_heads(forest: Forest, contact_ids: Iterable[str]) -> Forest:
    """Take out the heads of undone merges among these, to which nothing is attached any more."""
    heads = {edge.parent_id for edge in forest.edges.values() if edge.kind is EdgeKind.MERGE}
    attached_ids = {id_ for edge in forest.in_force() for id_ in (edge.child_id, edge.parent_id)}
    lone = heads.intersection(contact_ids) - attached_ids
    return replace(forest, ancestors={id_: above for id_, above in forest.ancestors.items() if id_ not in lone})


def _later_first(merge_id: str, later: Edge) -> str:
    if later.merge_id is None:
        return f"Merge {merge_id!r} cannot be undone: its contact was linked by {later.id!r} since. Undo that first."
    return f"Merge {merge_id!r} cannot be undone: it went into the merge {later.merge_id!r} since. Undo that first."
