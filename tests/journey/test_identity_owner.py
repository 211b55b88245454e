"""Who an event belongs to when several people use one device; Ada came first, Bob borrows it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.journey.contact import Contact, HeldIdentifier, contact_id_of, held_identifier
from gateway.journey.event import Identifier
from gateway.journey.identity_owner import Owner, in_use, owner_of, successor_id_of

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
FIRST = contact_id_of("cookie", "v")
ADA, BOB = Identifier("ExternalId", "ada"), Identifier("ExternalId", "bob")
ADAS_MAIL = Identifier("Email", "ada@shop.example", verified=True)
BOBS_MAIL = Identifier("Email", "bob@shop.example", verified=True)
CLAIMED_MAIL = Identifier("Email", "bob@shop.example")
SECOND = successor_id_of("cookie", "v", "ExternalId", "bob")


def held(*claims: Identifier) -> tuple[HeldIdentifier, ...]:
    return tuple(held_identifier(claim, NOON) for claim in claims)


def contact(id_: str, *claims: Identifier, successor_id: str | None = None) -> Contact:
    return Contact(id_, NOON, NOON, None, identifiers=held(*claims), successor_id=successor_id)


def owner(first: Contact | None, *claims: Identifier, current: Contact | None = None) -> Owner:
    return owner_of("cookie", "v", claims, first, current)


@pytest.mark.parametrize(
    ("first", "claims"),
    [
        pytest.param(None, (ADA,), id="the first event of the cookie"),
        pytest.param(contact(FIRST), (), id="nothing is claimed"),
        pytest.param(contact(FIRST), (ADA, ADAS_MAIL), id="the first who says who it is"),
        pytest.param(contact(FIRST, ADA), (ADA,), id="the same person again"),
        pytest.param(contact(FIRST, ADA), (CLAIMED_MAIL,), id="an address that is only claimed"),
        pytest.param(contact(FIRST, CLAIMED_MAIL), (ADAS_MAIL,), id="another was only claimed before"),
        pytest.param(contact(FIRST, ADA, BOBS_MAIL), (ADA, ADAS_MAIL), id="the same person with a new address"),
    ],
)
def test_the_event_of_one_person_belongs_to_the_contact_of_the_cookie(
    first: Contact | None, claims: tuple[Identifier, ...]
) -> None:
    assert owner(first, *claims) == Owner(FIRST)


@pytest.mark.parametrize(
    ("first", "claims", "differing"),
    [
        pytest.param(contact(FIRST, ADA), (BOB,), BOB, id="another external id"),
        pytest.param(contact(FIRST, ADA, ADAS_MAIL), (ADAS_MAIL, BOB), BOB, id="another with the same address"),
        pytest.param(contact(FIRST, ADAS_MAIL), (BOBS_MAIL,), BOBS_MAIL, id="another verified address"),
    ],
)
def test_another_person_on_the_same_cookie_gets_a_contact_whose_id_is_made_of_the_identifier(
    first: Contact, claims: tuple[Identifier, ...], differing: Identifier
) -> None:
    assert owner(first, *claims) == Owner(successor_id_of("cookie", "v", *differing.key), changes_hands=True)


def test_whoever_came_last_keeps_the_cookie_until_the_other_comes_back() -> None:
    first, second = contact(FIRST, ADA, successor_id=SECOND), contact(SECOND, BOB)
    assert in_use("cookie", "v", first) == SECOND
    assert owner(first, current=second) == Owner(SECOND)
    assert owner(first, BOB, current=second) == Owner(SECOND)
    assert owner(first, ADA, current=second) == Owner(FIRST, changes_hands=True)
    back = replace(first, successor_id=FIRST)
    assert owner(back, ADA) == owner(back) == Owner(FIRST)
    assert owner(back, BOB) == Owner(SECOND, changes_hands=True)


def test_a_third_person_gets_a_third_contact() -> None:
    first, second = contact(FIRST, ADA, successor_id=SECOND), contact(SECOND, BOB)
    cy = Identifier("ExternalId", "cy")
    third = successor_id_of("cookie", "v", *cy.key)
    assert owner(first, cy, current=second) == Owner(third, changes_hands=True)
    assert len({FIRST, SECOND, third}) == 3


def test_the_first_person_is_recognised_though_nothing_speaks_against_the_present_one() -> None:
    first, second = contact(FIRST, ADA, successor_id=SECOND), contact(SECOND, BOBS_MAIL)
    assert owner(first, ADA, current=second) == Owner(FIRST, changes_hands=True)


def test_a_successor_that_has_expired_is_there_again_with_its_next_event() -> None:
    first = contact(FIRST, ADA, successor_id=SECOND)
    assert owner(first) == owner(first, BOB) == Owner(SECOND)
    assert owner(first, ADA) == Owner(FIRST, changes_hands=True)


def test_what_the_rest_of_the_merge_set_holds_tells_persons_apart_too() -> None:
    told = owner_of("cookie", "v", [BOB], contact(FIRST), set_identifiers=held(ADA))
    assert told == Owner(SECOND, changes_hands=True)


def test_a_visitor_that_is_known_by_its_external_id_stays_one_when_the_address_changes() -> None:
    id_ = contact_id_of("externalId", "ada")
    known = contact(id_, ADA, ADAS_MAIL)
    assert owner_of("externalId", "ada", [ADA, BOBS_MAIL], known) == Owner(id_)
