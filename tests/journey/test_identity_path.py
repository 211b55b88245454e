from datetime import UTC, datetime, timedelta

from gateway.journey.contact import Contact, ContactType, held_identifier
from gateway.journey.event import CustomerIdType, Identifier
from gateway.journey.identity import Cause, Edge, EdgeKind, Party, Rule, link_between, merge_edges, undone
from gateway.journey.identity_path import SessionLink, StepKind, identity_path
from gateway.journey.session import LastEvent, Session

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MAIL = Identifier("Email", "ada@shop.example")


def contact(id_: str, *claims: Identifier, day: int = 0) -> Contact:
    at = NOON + timedelta(days=day)
    held = tuple(held_identifier(claim, at + timedelta(minutes=n)) for n, claim in enumerate(claims))
    return Contact(id_, at, at, None, ContactType.IDENTIFIED, held)


def session(id_: str, contact_id: str, day: int = 0, type_: CustomerIdType = "cookie") -> Session:
    at = NOON + timedelta(days=day)
    return Session(id_, contact_id, f"{id_}'s", type_, at, LastEvent("e", "page_viewed", at))


DESKTOP = contact("desktop", Identifier("Cookie", "d"), MAIL)
TABLET = contact("tablet", Identifier("Cookie", "t"), MAIL, day=1)
BY_MAIL = link_between(
    Party(TABLET, TABLET),
    Party(DESKTOP, DESKTOP),
    Cause(Rule.IDENTIFIER, "gateway", NOON + timedelta(days=1), {"type": "Email", "value": "ada@shop.example"}),
)


def test_the_visits_of_a_desktop_and_a_tablet_are_one_customers_by_the_address_told_on_both() -> None:
    sessions = [session("s2", "tablet", 1), session("s1", "desktop")]
    steps = identity_path(DESKTOP, [BY_MAIL], [TABLET], sessions=sessions)
    assert [step.sentence for step in steps] == [
        "Contact desktop is known since 2026-05-01 12:00 UTC.",
        "Cookie d was told by visitor for contact desktop, first on 2026-05-01 12:00 UTC; it was not verified.",
        (
            "Email ada@shop.example was told by visitor for contact desktop, first on 2026-05-01 12:01 UTC; "
            "it was not verified."
        ),
        "Session s1 of 2026-05-01 12:00 UTC came from the cookie s1's of contact desktop.",
        (
            "Contact tablet was linked to contact desktop on 2026-05-02 12:00 UTC by gateway: "
            "both have the Email ada@shop.example, which was claimed."
        ),
        "Cookie t was told by visitor for contact tablet, first on 2026-05-02 12:00 UTC; it was not verified.",
        (
            "Email ada@shop.example was told by visitor for contact tablet, first on 2026-05-02 12:01 UTC; "
            "it was not verified."
        ),
        "Session s2 of 2026-05-02 12:00 UTC came from the cookie s2's of contact tablet.",
    ]
    brought_in = steps[4]
    assert (brought_in.kind, brought_in.rule, brought_in.edge_id) == (StepKind.CONTACT, Rule.IDENTIFIER, BY_MAIL.id)
    assert (brought_in.evidence, brought_in.made_by) == (BY_MAIL.evidence, "gateway")
    assert (steps[2].identifier, steps[7].session_id) == (DESKTOP.identifiers[1], "s2")


def test_every_step_comes_after_the_one_that_it_rests_on() -> None:
    head, lone = contact("head", day=3), contact("lone")
    merged = merge_edges("m", "head", ["desktop", "lone"], Cause(Rule.API, "jo", NOON + timedelta(days=3)))
    steps = identity_path(head, [*merged, BY_MAIL], [TABLET, lone, DESKTOP])
    order = [step.contact_id for step in steps if step.kind is StepKind.CONTACT]
    assert order.index("head") < order.index("desktop") < order.index("tablet")
    assert set(order) == {"head", "desktop", "tablet", "lone"}
    (sentence,) = (step.sentence for step in steps if step.edge_id == merged[1].id)
    assert sentence == (
        "Contact lone was merged into contact head on 2026-05-04 12:00 UTC by jo: a program asked for it."
    )


def test_what_was_undone_and_who_is_not_given_explains_nothing() -> None:
    elsewhere = Edge("x", EdgeKind.LINK, "erased", "desktop", Rule.AGENT, {}, "jo", NOON)
    steps = identity_path(DESKTOP, [undone(BY_MAIL, "jo", NOON), elsewhere], [TABLET])
    assert {step.contact_id for step in steps} == {"desktop"}


def test_a_session_that_somebody_moved_is_told_with_who_moved_it() -> None:
    link = SessionLink("s1-1", "s1", "desktop", "stranger", "jo", NOON)
    back = SessionLink("s2-1", "s2", "stranger", "desktop", "jo", NOON, "jo", NOON)
    sessions = [session("s1", "desktop"), session("s2", "desktop", type_="externalId")]
    moved, own = identity_path(DESKTOP, [], [], [link, back], sessions)[3:]
    assert moved.sentence == (
        "Session s1 was moved from contact stranger to contact desktop on 2026-05-01 12:00 UTC by jo."
    )
    assert (moved.made_by, moved.evidence) == ("jo", {"formerContactId": "stranger"})
    assert own.sentence.endswith("came from the external id s2's of contact desktop.")
    assert not back.in_force


def test_what_is_kept_as_typed_is_said_to_match_nothing_and_what_was_proved_to_be_verified() -> None:
    typed, proved = Identifier("Phone", "call me"), Identifier("Email", "a@b.example", verified=True, source="api")
    (_, phone, mail) = identity_path(contact("c", typed, proved), [], [])
    assert phone.sentence.endswith("it was not verified. It is kept as it was typed, and matches nothing.")
    assert mail.sentence == (
        "Email a@b.example was told by api for contact c, first on 2026-05-01 12:01 UTC; it was verified."
    )


def test_every_rule_has_its_words() -> None:
    for rule in Rule:
        edge = Edge("x", EdgeKind.LINK, "tablet", "desktop", rule, {}, "jo", NOON)
        (_, sentence) = (
            step.sentence for step in identity_path(DESKTOP, [edge], [TABLET]) if step.kind is StepKind.CONTACT
        )
        assert sentence.startswith("Contact tablet was linked to contact desktop on 2026-05-01 12:00 UTC by jo: ")
