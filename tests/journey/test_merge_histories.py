"""Whatever was joined can be parted again, exactly: the same history is played with joining and without.

Visits and claims go the way of intake: owner, contact, register, resolution. Between them agents link, merge, promote
and undo. When all of it is undone, nothing but the visits and claims is left.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.journey.contact import Contact, ContactType, claims_of, contact_id_of, meet, open_contact
from gateway.journey.errors import MergeConflict, SameCustomer
from gateway.journey.event import Event, Identifier
from gateway.journey.identity import Cause, EdgeKind, Party, Rule, link_between
from gateway.journey.identity_forest import Ancestors, Forest, link, merge, unlink, unmerge, with_contact
from gateway.journey.identity_owner import owner_of
from gateway.journey.identity_resolution import LinkPolicies, LinkPolicy, resolve
from gateway.journey.merge_fields import merged_head

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
CLAIMS = [
    Identifier(kind, value, verified)
    for kind, value in (("Email", "a@b.example"), ("Email", "c@d.example"), ("Phone", "+18031230000"))
    for verified in (False, True)
] + [Identifier("ExternalId", "u"), Identifier("ExternalId", "w")]


@dataclass
class World:
    """What intake and agents keep, in memory. Without `joins` nothing is ever joined."""

    joins: bool = True
    contacts: dict[str, Contact] = field(default_factory=dict)
    register: dict[tuple[str, str], str] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    forest: Forest = field(default_factory=Forest)
    clock: datetime = NOON

    def play(self, history: list[tuple[str, int, int]]) -> None:
        for what, one, other in history:
            self.clock += timedelta(minutes=17)
            if self.joins or what in {"visit", "promote"}:
                getattr(self, what)(one, other)
            assert self.forest.ancestors == ancestors_by_parents(self.forest)
            assert self.contacts.keys() == self.forest.ancestors.keys()

    def visit(self, one: int, other: int) -> None:
        cookie = str(one % 5)
        told = (Identifier("Cookie", cookie), *CLAIMS[other : other + 1])
        event = Event("e", "m", cookie, "cookie", "page_viewed", self.clock, self.clock, identifiers=told)
        claims = claims_of(event)
        first = self.contacts.get(contact_id_of("cookie", cookie))
        owner = owner_of(
            "cookie", cookie, claims, first, self.contacts.get(first.successor_id or "") if first else None
        )
        known = self.contacts.get(owner.contact_id) or open_contact(event, owner.contact_id)
        self.contacts[owner.contact_id] = meet(known, event, timedelta(days=60), new_session=True)
        if first and owner.changes_hands:
            self.contacts[first.id] = replace(self.contacts[first.id], successor_id=owner.contact_id)
        self.forest = with_contact(self.forest, owner.contact_id)
        self.events.append(owner.contact_id)
        self.resolve(owner.contact_id, claims)

    def resolve(self, contact_id: str, claims: tuple[Identifier, ...]) -> None:
        holders = {claim.key: self.party(self.register[claim.key]) for claim in claims if claim.key in self.register}
        policies = LinkPolicies(otherwise=LinkPolicy.ALWAYS if self.joins else LinkPolicy.NEVER)
        past = frozenset(edge.id for edge in self.forest.edges.values() if not edge.in_force)
        result = resolve(self.party(contact_id), claims, holders, policies, self.clock, undone_edges=past)
        self.register |= {claim.key: contact_id for claim in result.registered}
        for edge in result.edges:
            self.forest = link(self.forest, edge)
            assert not self.forest.is_head(edge.child_id)

    def party(self, contact_id: str) -> Party:
        root_id = self.forest.root_of(contact_id)
        held = (i for member in self.forest.members_of(contact_id) for i in self.contacts[member].identifiers)
        return Party(self.contacts[contact_id], self.contacts[root_id], self.forest.is_head(root_id), tuple(held))

    def promote(self, one: int, _: int) -> None:
        visitors = [id_ for id_ in self.contacts if not id_.startswith("head")]
        if visitors:
            id_ = visitors[one % len(visitors)]
            self.contacts[id_] = replace(self.contacts[id_], type=ContactType.CURATED, expires_date=None)

    def link(self, one: int, other: int) -> None:
        if self.contacts:
            ends = (self.party(self.nth(one)), self.party(self.nth(other)))
            if ends[0].root.id != ends[1].root.id:
                self.forest = link(self.forest, link_between(*ends, Cause(Rule.AGENT, "jo", self.clock)))

    def merge(self, one: int, other: int) -> None:
        if not self.contacts:
            return
        number = len(self.forest.edges)
        names = [self.nth(one), self.nth(other), self.nth(one + other)]
        try:
            merged = merge(self.forest, f"m{number}", f"head{number}", names, Cause(Rule.API, "jo", self.clock))
        except SameCustomer:
            return
        parted = unmerge(merged, f"m{number}", "jo", self.clock)
        assert (parted.ancestors, parted.in_force()) == (self.forest.ancestors, self.forest.in_force())
        members = [self.contacts[id_] for id_ in merged.members_of(f"head{number}") if id_ in self.contacts]
        self.contacts[f"head{number}"] = merged_head(f"head{number}", members, {}, self.clock)
        self.forest = merged

    def undo(self, one: int, _: int) -> None:
        in_force = self.forest.in_force()
        if in_force:
            edge = in_force[one % len(in_force)]
            self.part(edge.id, edge.merge_id)

    def part(self, edge_id: str, merge_id: str | None) -> None:
        try:
            if merge_id is None:
                self.forest = unlink(self.forest, edge_id, "jo", self.clock)
            else:
                self.forest = unmerge(self.forest, merge_id, "jo", self.clock)
        except MergeConflict as conflict:  # what has to be undone before is there to be undone
            self.part(conflict.edge_id, conflict.merge_id)
        self.contacts = {id_: contact for id_, contact in self.contacts.items() if id_ in self.forest.ancestors}

    def part_all(self, random: Random, *, only_merges: bool) -> None:
        while edges := [edge for edge in self.forest.in_force() if self.is_to_part(edge.id, only_merges=only_merges)]:
            edge = random.choice(edges)
            self.part(edge.id, edge.merge_id)

    def is_to_part(self, edge_id: str, *, only_merges: bool) -> bool:
        """Tell whether the edge is to be undone: every merge, and what was linked to or below a head by hand."""
        edge = self.forest.edges[edge_id]
        at_head = any(id_.startswith("head") for id_ in (edge.child_id, edge.parent_id))
        return not only_merges or edge.kind is EdgeKind.MERGE or at_head

    def nth(self, number: int) -> str:
        return list(self.contacts)[number % len(self.contacts)]


def ancestors_by_parents(forest: Forest) -> Ancestors:
    """Return what the ancestors must be, worked out anew from the edges in force."""
    parents = {edge.child_id: edge.parent_id for edge in forest.in_force()}

    def above(id_: str) -> Iterator[str]:
        while id_ in parents:
            id_ = parents[id_]
            yield id_

    return {id_: tuple(above(id_)) for id_ in forest.ancestors}


def sets_by_links(forest: Forest) -> Mapping[str, set[str]]:
    """Return which contacts belong together by the links in force alone, whichever way these point."""
    together = {id_: {id_} for id_ in forest.ancestors}
    for edge in forest.in_force():
        joined = together[edge.child_id] | together[edge.parent_id]
        together |= dict.fromkeys(joined, joined)
    return together


numbers = st.integers(0, 40)
histories = st.lists(
    st.tuples(
        st.sampled_from(["visit", "visit", "visit", "link", "merge", "merge", "promote", "undo"]), numbers, numbers
    )
    | st.tuples(st.just("visit"), st.integers(0, 4), st.integers(0, len(CLAIMS))),
    min_size=10,
    max_size=30,
)


@settings(max_examples=1_000, deadline=None)
@given(histories, st.randoms(use_true_random=False))
def test_a_thousand_histories_undone_leave_exactly_what_visitors_did(
    history: list[tuple[str, int, int]], random: Random
) -> None:
    world, untouched = World(), World(joins=False)
    world.play(history)
    untouched.play(history)
    assert world.events == untouched.events

    world.part_all(random, only_merges=True)
    by_links = sets_by_links(world.forest)
    for contact_id in world.events:  # whatever came after a merge stands with the side whose identifier it carries
        assert world.forest.members_of(contact_id) == by_links[contact_id]

    world.part_all(random, only_merges=False)
    assert world.contacts == untouched.contacts
    assert world.register == untouched.register
    assert world.forest.ancestors == untouched.forest.ancestors == dict.fromkeys(world.contacts, ())
