"""Resolution, in the words of the examples that it has to get right."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.journey.contact import Contact, ContactType, HeldIdentifier, held_identifier
from gateway.journey.event import Identifier
from gateway.journey.identity import ContactKind, Party, Rule
from gateway.journey.identity_resolution import LinkPolicies, LinkPolicy, Resolution, candidates_of, resolve

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
EPHEMERAL, IDENTIFIED, CURATED = ContactType
DEFAULT = LinkPolicies()
MAIL = Identifier("Email", "ada@shop.example")
PROVED_MAIL = Identifier("Email", "ada@shop.example", verified=True)
USER = Identifier("ExternalId", "u-1")
OTHER_USER = Identifier("ExternalId", "u-2")
PHONE = Identifier("Phone", "+18031230000")


def held(claim: Identifier) -> HeldIdentifier:
    return held_identifier(claim, NOON)


def contact(id_: str, *claims: Identifier, day: int = 0, type_: ContactType = IDENTIFIED) -> Contact:
    created = NOON + timedelta(days=day)
    return Contact(id_, created, created, None, type_, tuple(map(held, claims)))


def alone(id_: str, *claims: Identifier, day: int = 0, type_: ContactType = IDENTIFIED) -> Party:
    one = contact(id_, *claims, day=day, type_=type_)
    return Party(one, one)


EVERYBODY = tuple(held(Identifier("Cookie", f"cookie-{number}")) for number in range(1_001))


def resolved(visitor: Party, *claims: Identifier, policies: LinkPolicies = DEFAULT, **holders: Party) -> Resolution:
    held_by = {"mail": MAIL.key, "user": USER.key, "other_user": OTHER_USER.key, "phone": PHONE.key}
    return resolve(visitor, claims, {held_by[name]: party for name, party in holders.items()}, policies, NOON)


def test_an_identifier_that_nobody_holds_makes_the_visitor_its_holder() -> None:
    result = resolved(alone("v"), MAIL, USER, MAIL)
    assert result == Resolution(registered=(MAIL, USER))


def test_a_visitor_who_tells_what_a_customer_holds_is_linked_to_that_customer() -> None:
    visitor, customer = alone("v", MAIL, day=9), alone("c", MAIL)
    (edge,) = resolved(visitor, MAIL, mail=customer).edges
    assert (edge.child_id, edge.parent_id, edge.rule, edge.made_by) == ("v", "c", Rule.IDENTIFIER, "gateway")
    assert edge.evidence == {"type": "Email", "value": "ada@shop.example", "source": "visitor"}
    (edge,) = resolved(visitor, PROVED_MAIL, mail=customer).edges
    assert edge.rule is Rule.VERIFIED_IDENTIFIER


def test_the_visitors_of_a_desktop_and_a_tablet_become_one_by_the_address_told_on_both() -> None:
    desktop, tablet = alone("desktop", MAIL), alone("tablet", MAIL, day=1, type_=EPHEMERAL)
    (edge,) = resolved(tablet, MAIL, mail=desktop).edges
    assert (edge.child_id, edge.parent_id) == ("tablet", "desktop")


def test_who_holds_the_identifier_already_is_linked_to_nobody() -> None:
    visitor = alone("v", MAIL)
    assert resolved(visitor, MAIL, mail=visitor) == Resolution()
    alias = Party(contact("alias", MAIL), visitor.root)
    assert resolved(visitor, MAIL, mail=alias) == Resolution()


def test_a_cookie_links_nobody() -> None:
    assert resolved(alone("v"), Identifier("Cookie", "v")) == Resolution()


def test_a_later_claim_sees_the_roots_that_an_earlier_one_made() -> None:
    visitor = alone("v", day=9, type_=EPHEMERAL)
    by_mail, by_phone = alone("m", MAIL, day=1), alone("p", PHONE)
    edges = resolved(visitor, MAIL, PHONE, mail=by_mail, phone=by_phone).edges
    assert [(edge.child_id, edge.parent_id) for edge in edges] == [("v", "m"), ("m", "p")]


def test_a_lighter_holder_comes_below_the_very_visitor_and_not_below_its_root() -> None:
    visitor = Party(contact("v", day=9, type_=EPHEMERAL), contact("customer", type_=CURATED))
    (edge,) = resolved(visitor, MAIL, mail=alone("m", MAIL)).edges
    assert (edge.child_id, edge.parent_id) == ("m", "v")


def test_what_is_verified_is_looked_at_first() -> None:
    visitor = alone("v", type_=EPHEMERAL, day=9)
    one, other = alone("p", PHONE, USER), alone("m", PROVED_MAIL, OTHER_USER)
    result = resolved(visitor, PHONE, PROVED_MAIL, mail=other, phone=one)
    assert [edge.parent_id for edge in result.edges] == ["m"]
    assert [candidate.contact_id for candidate in result.candidates] == ["p"]


@pytest.mark.parametrize(
    ("visitor", "holder", "claims", "policies", "reason"),
    [
        pytest.param(
            alone("v", type_=CURATED),
            alone("c", MAIL, type_=CURATED),
            (PROVED_MAIL,),
            DEFAULT,
            "both are curated or canonical contacts",
            id="two curated contacts",
        ),
        pytest.param(
            Party(contact("v"), contact("head"), is_head=True),
            alone("c", MAIL, type_=CURATED),
            (PROVED_MAIL,),
            DEFAULT,
            "both are curated or canonical contacts",
            id="a canonical and a curated one",
        ),
        pytest.param(
            alone("v"),
            Party(contact("c", MAIL), contact("c", MAIL), set_identifiers=EVERYBODY),
            (PROVED_MAIL,),
            DEFAULT,
            "more than 1,000 identifiers are no single person's",
            id="an address that everybody tells",
        ),
        pytest.param(
            alone("v"),
            alone("c", MAIL, OTHER_USER),
            (MAIL, USER),
            DEFAULT,
            "a different ExternalId",
            id="two customers",
        ),
        pytest.param(
            Party(contact("v"), contact("r"), set_identifiers=(held(USER),)),
            alone("c", MAIL, OTHER_USER),
            (MAIL,),
            DEFAULT,
            "a different ExternalId",
            id="two customers, as another contact of the merge set knows",
        ),
        pytest.param(
            Party(contact("v", OTHER_USER), contact("r", USER)),
            alone("c", OTHER_USER),
            (OTHER_USER,),
            DEFAULT,
            "a different ExternalId",
            id="one claim that is at odds with what was known before",
        ),
        pytest.param(
            alone("v", Identifier("Email", "bob@shop.example", verified=True)),
            alone("c", PROVED_MAIL, PHONE),
            (PHONE,),
            DEFAULT,
            "a different Email",
            id="two verified addresses",
        ),
        pytest.param(
            alone("v"),
            alone("c", MAIL),
            (MAIL,),
            LinkPolicies({"Email": LinkPolicy.VERIFIED}),
            "Email links contacts here only once it is verified",
            id="a mere claim where it must be verified",
        ),
        pytest.param(
            alone("v"),
            alone("c", MAIL),
            (PROVED_MAIL,),
            LinkPolicies(otherwise=LinkPolicy.NEVER),
            "Email never links contacts here",
            id="never by policy",
        ),
    ],
)
def test_what_must_not_be_linked_by_itself_comes_back_as_a_candidate_with_the_reason(
    visitor: Party, holder: Party, claims: tuple[Identifier, ...], policies: LinkPolicies, reason: str
) -> None:
    result = resolve(visitor, claims, dict.fromkeys((i.key for i in holder.identifiers), holder), policies, NOON)
    assert result.edges == ()
    (candidate,) = result.candidates
    assert (candidate.contact_id, candidate.root_id) == (holder.contact.id, holder.root.id)
    assert reason in candidate.reasons[0]


def test_a_verified_claim_links_where_the_policy_asks_for_it() -> None:
    policies = LinkPolicies({"Email": LinkPolicy.VERIFIED})
    assert len(resolved(alone("v"), PROVED_MAIL, policies=policies, mail=alone("c", MAIL)).edges) == 1


def test_the_same_external_id_is_the_same_person_though_the_verified_address_has_changed() -> None:
    visitor = alone("v", Identifier("Email", "new@shop.example", verified=True))
    assert len(resolved(visitor, USER, user=alone("c", USER, PROVED_MAIL)).edges) == 1


def test_a_link_that_a_person_has_undone_is_not_made_again() -> None:
    visitor, holders = alone("v", MAIL), {MAIL.key: alone("c", MAIL)}
    (edge,) = resolve(visitor, [MAIL], holders, DEFAULT, NOON).edges
    again = resolve(visitor, [MAIL], holders, DEFAULT, NOON, undone_edges=frozenset({edge.id}))
    assert again.edges == ()
    assert "somebody has undone this link before" in again.candidates[0].reasons[0]


def test_one_customer_refused_by_two_claims_is_one_candidate_and_none_when_a_third_claim_links_it() -> None:
    policies = LinkPolicies({"Email": LinkPolicy.NEVER, "Phone": LinkPolicy.NEVER})
    holder = alone("c", MAIL, PHONE, USER)
    (candidate,) = resolved(alone("v"), MAIL, PHONE, policies=policies, mail=holder, phone=holder).candidates
    assert len(candidate.reasons) == 3
    linked = resolved(alone("v"), MAIL, PHONE, USER, policies=policies, mail=holder, phone=holder, user=holder)
    assert (len(linked.edges), linked.candidates) == (1, ())


def test_alexis_comes_before_david_who_shares_the_number_and_was_created_later() -> None:
    alexis, david = alone("alexis", PHONE, day=-86, type_=CURATED), alone("david", PHONE, day=-42, type_=CURATED)
    first, second = candidates_of([david, alexis], PHONE)
    assert (first.contact_id, second.contact_id) == ("alexis", "david")
    assert first.reasons == (
        "Holds the same Phone since 2026-05-01, not verified, told by visitor.",
        "Is a curated contact since 2026-02-04.",
    )
    (only,) = candidates_of([david], PHONE)
    assert only.contact_id == "david"


def test_candidates_are_canonical_and_curated_ones_then_identified_ones_then_the_older() -> None:
    parties = [
        alone("ephemeral", PHONE, day=-9, type_=EPHEMERAL),
        alone("younger", PHONE, day=1),
        alone("older", PHONE),
        alone("curated", PHONE, day=3, type_=CURATED),
        Party(contact("alias", PHONE, type_=EPHEMERAL), contact("head", day=2), is_head=True),
        alone("without it", MAIL),
    ]
    found = candidates_of(parties, PHONE)
    assert [one.contact_id for one in found] == ["alias", "curated", "older", "younger", "ephemeral"]
    assert (found[0].root_id, found[0].kind) == ("head", ContactKind.CANONICAL)
    assert found[2].reasons[-1] == "Is an identified contact since 2026-05-01."


def test_two_contacts_of_one_customer_are_one_candidate() -> None:
    root = contact("root", PHONE)
    (found,) = candidates_of([Party(contact("alias", PHONE, day=1), root), Party(root, root)], PHONE)
    assert (found.contact_id, found.root_id) == ("root", "root")
