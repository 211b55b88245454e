from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.journey.contact import Contact, ContactType, HeldIdentifier, held_identifier
from gateway.journey.errors import SameCustomer
from gateway.journey.event import Identifier
from gateway.journey.identity import (
    Cause,
    ContactKind,
    Decisive,
    EdgeKind,
    Party,
    Rule,
    contradiction,
    decisive,
    kind_of,
    link_between,
    merge_edges,
    rank,
    undone,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
EPHEMERAL, IDENTIFIED, CURATED = ContactType
BY_AGENT = Cause(Rule.AGENT, "jo", NOON)
BY_EMAIL = Cause(Rule.IDENTIFIER, "gateway", NOON, {"type": "Email", "value": "a@b.example"})


def contact(id_: str, type_: ContactType = IDENTIFIED, day: int = 0) -> Contact:
    created = NOON + timedelta(days=day)
    return Contact(id_, created, created, None, type_)


def party(id_: str, type_: ContactType = IDENTIFIED, day: int = 0, *, is_head: bool = False) -> Party:
    root = contact(id_, type_, day)
    return Party(root, root, is_head)


def test_the_head_of_a_merge_is_canonical_and_any_other_contact_is_of_its_type() -> None:
    assert kind_of(IDENTIFIED, is_head=True) is ContactKind.CANONICAL
    assert [kind_of(type_, is_head=False).value for type_ in ContactType] == [type_.value for type_ in ContactType]


@pytest.mark.parametrize(
    ("weightier", "lighter"),
    [
        pytest.param(party("z", CURATED, 9), party("a", IDENTIFIED), id="a curated one before an identified one"),
        pytest.param(party("z", IDENTIFIED, 9), party("a", EPHEMERAL), id="an identified one before an ephemeral one"),
        pytest.param(
            party("z", IDENTIFIED, 9, is_head=True), party("a"), id="a canonical one before an identified one"
        ),
        pytest.param(
            party("z", CURATED), party("a", CURATED, 1, is_head=True), id="the older of two that weigh the same"
        ),
        pytest.param(party("a"), party("z"), id="of the same age the smaller id"),
    ],
)
def test_the_lighter_root_goes_below_the_weightier_contact(weightier: Party, lighter: Party) -> None:
    assert rank(weightier) < rank(lighter)
    for one, other in ((weightier, lighter), (lighter, weightier)):
        edge = link_between(one, other, BY_AGENT)
        assert (edge.kind, edge.child_id, edge.parent_id) == (EdgeKind.LINK, lighter.root.id, weightier.root.id)
        assert edge.in_force


def test_the_parent_is_the_very_contact_that_is_the_evidence_and_the_child_the_root() -> None:
    holder = Party(contact("alias"), contact("head", CURATED), is_head=True)
    visitor = Party(contact("visitor", EPHEMERAL), contact("its root"))
    edge = link_between(visitor, holder, BY_EMAIL)
    assert (edge.child_id, edge.parent_id) == ("its root", "alias")


def test_contacts_of_one_merge_set_cannot_be_linked() -> None:
    root = contact("root")
    with pytest.raises(SameCustomer, match="'a', 'root' are one customer"):
        link_between(Party(contact("a"), root), Party(root, root), BY_AGENT)


def test_a_link_by_an_identifier_has_the_same_id_whenever_it_is_found_and_one_by_a_person_has_its_own() -> None:
    def edge_id(cause: Cause) -> str:
        return link_between(party("a"), party("b"), cause).id

    later = NOON + timedelta(hours=1)
    assert edge_id(BY_EMAIL) == edge_id(Cause(Rule.VERIFIED_IDENTIFIER, "jo", later, BY_EMAIL.evidence))
    assert edge_id(BY_AGENT) != edge_id(Cause(Rule.AGENT, "jo", later))


def test_a_merge_is_an_edge_from_each_root_to_the_head() -> None:
    edges = merge_edges("m", "head", ["a", "b"], BY_AGENT)
    assert [(edge.kind, edge.child_id, edge.parent_id, edge.merge_id) for edge in edges] == [
        (EdgeKind.MERGE, "a", "head", "m"),
        (EdgeKind.MERGE, "b", "head", "m"),
    ]
    assert len({edge.id for edge in (*edges, *merge_edges("again", "head", ["a", "b"], BY_AGENT))}) == 4


def test_an_edge_that_is_undone_tells_by_whom_and_when() -> None:
    edge = undone(link_between(party("a"), party("b"), BY_AGENT), "jo", NOON)
    assert (edge.in_force, edge.undone_by, edge.undone_date) == (False, "jo", NOON)


def test_external_ids_and_what_is_verified_tell_persons_apart() -> None:
    def held(kind: str, value: str, *, normal: bool = True, verified: bool = False) -> HeldIdentifier:
        return replace(held_identifier(Identifier(kind, value, verified), NOON), is_normalised=normal)

    told = decisive(
        [
            held("ExternalId", "u"),
            held("Email", "claimed@b.example"),
            held("Email", "proved@b.example", verified=True),
            held("Phone", "call me", normal=False, verified=True),
            held("Cookie", "v", verified=True),
        ],
        [Identifier("Phone", "+18031230000", verified=True), Identifier("SocialLine", "x")],
    )
    assert told == {"ExternalId": {"u"}, "Email": {"proved@b.example"}, "Phone": {"+18031230000"}}


def known(**values: str) -> Decisive:
    return {type_: frozenset(those.split()) for type_, those in values.items()}


@pytest.mark.parametrize(
    ("one", "other", "differing"),
    [
        pytest.param(known(), known(ExternalId="u"), None, id="nothing known of one"),
        pytest.param(known(Email="e"), known(Phone="p"), None, id="nothing to compare"),
        pytest.param(known(ExternalId="u"), known(ExternalId="w"), "ExternalId", id="two external ids"),
        pytest.param(known(Email="e f"), known(Email="f"), None, id="one of two addresses"),
        pytest.param(known(Email="e"), known(Email="f"), "Email", id="two verified addresses"),
        pytest.param(known(ExternalId="u", Email="e"), known(ExternalId="u", Email="f"), None, id="a new address"),
        pytest.param(
            known(ExternalId="u", Email="e"), known(ExternalId="w", Email="e"), "ExternalId", id="one mailbox"
        ),
    ],
)
def test_a_contradiction_makes_two_persons_and_the_same_external_id_one(
    one: Decisive, other: Decisive, differing: str | None
) -> None:
    assert contradiction(one, other) == contradiction(other, one) == differing
