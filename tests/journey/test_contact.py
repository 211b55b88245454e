from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.contact import (
    MAX_IDENTIFIERS,
    Contact,
    ContactType,
    HeldIdentifier,
    claims_of,
    contact_id_of,
    display_name,
    held_identifier,
    meet,
    open_contact,
    same_step,
    tells_of_person,
    with_identifiers,
)
from gateway.journey.event import Event, Identifier
from gateway.journey.identifier import IdentifierType

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
EXPIRY = timedelta(days=60)
VALUES = {IdentifierType.EMAIL: "ada@shop.example", IdentifierType.PHONE: "+1 803-123-0000"}


def event(at: datetime = NOON, *identifiers: Identifier, **parts: Any) -> Event:  # parts are fields of Event
    parts = {"event_name": "page_viewed", "customer_id": "v", "customer_id_type": "cookie", **parts}
    return Event("e", "m", created_date=at, received_date=at, identifiers=identifiers, **parts)


def met(*events: Event, contact: Contact | None = None) -> Contact:
    for happened in events:
        contact = meet(contact or open_contact(happened), happened, EXPIRY, new_session=False)
    assert contact is not None
    return contact


def held(kind: str, value: str, first: datetime, last: datetime, *, is_normalised: bool = True) -> HeldIdentifier:
    return HeldIdentifier(
        kind, value, is_normalised, is_verified=False, source="visitor", created_date=first, last_seen_date=last
    )


def test_a_visitor_nobody_knows_is_an_ephemeral_contact_with_an_id_of_its_own() -> None:
    contact = met(event(NOON, Identifier("Cookie", "v")))
    assert contact.type is ContactType.EPHEMERAL
    assert contact.id == contact_id_of("cookie", "v") != contact_id_of("externalId", "v")
    assert contact.identifiers == (held("Cookie", "v", NOON, NOON),)
    assert display_name(contact.fields) is None


def test_the_contact_of_another_person_on_the_same_device_has_the_id_that_it_is_given() -> None:
    assert open_contact(event(), "second").id == "second"


@pytest.mark.parametrize("kind", [kind for kind in IdentifierType if kind is not IdentifierType.COOKIE])
def test_an_identifier_other_than_a_cookie_makes_the_contact_identified(kind: IdentifierType) -> None:
    value = VALUES.get(kind, "x")
    assert met(event(), event(NOON, Identifier(kind.value, value))).type is ContactType.IDENTIFIED


def test_an_identifier_that_can_match_nothing_leaves_the_contact_ephemeral() -> None:
    contact = met(event(NOON, Identifier("Phone", "call me")))
    assert contact.type is ContactType.EPHEMERAL
    assert contact.identifiers == (held("Phone", "call me", NOON, NOON, is_normalised=False),)


def test_a_curated_contact_stays_curated_and_never_expires() -> None:
    curated = Contact("c", NOON, NOON, None, ContactType.CURATED)
    contact = met(event(NOON, Identifier("Email", "a@b.example")), contact=curated)
    assert (contact.type, contact.expires_date) == (ContactType.CURATED, None)


def test_an_identifier_is_held_in_its_normal_form_whatever_the_region_of_its_number() -> None:
    told = event(NOON, Identifier("Phone", "044 668 18 00"), Identifier("Email", " Ada@Shop.Example "))
    contact = meet(open_contact(told), told, EXPIRY, new_session=True, region="CH")
    assert [one.key for one in contact.identifiers] == [("Phone", "+41446681800"), ("Email", "ada@shop.example")]


def test_the_same_identifier_is_held_once_with_the_dates_of_its_first_and_last_claims() -> None:
    later, earlier = NOON + timedelta(hours=5), NOON - timedelta(hours=5)
    mails = [Identifier("Email", "ada@shop.example"), Identifier("Email", "ADA@shop.example")]
    (mail,) = met(event(NOON, *mails), event(later, *mails), event(earlier, *mails)).identifiers
    assert mail == held("Email", "ada@shop.example", earlier, later)


@pytest.mark.parametrize(
    ("again", "last_seen"),
    [
        pytest.param(NOON + timedelta(minutes=31), NOON + timedelta(minutes=1), id="within the step of the hour"),
        pytest.param(NOON + timedelta(minutes=61), NOON + timedelta(minutes=61), id="in the next one"),
        pytest.param(NOON - timedelta(hours=3), NOON + timedelta(minutes=1), id="before"),
    ],
)
def test_the_date_of_the_last_sight_moves_on_once_an_hour(again: datetime, last_seen: datetime) -> None:
    cookie = Identifier("Cookie", "v")
    (seen,) = met(event(NOON + timedelta(minutes=1), cookie), event(again, cookie)).identifiers
    assert seen.last_seen_date == last_seen


def test_a_claim_that_is_proved_later_becomes_verified_for_good() -> None:
    claimed = Identifier("Email", "ada@shop.example")
    proved = Identifier("Email", "ada@shop.example", verified=True, source="api")
    (mail,) = met(event(NOON, claimed), event(NOON, proved), event(NOON, claimed)).identifiers
    assert (mail.is_verified, mail.source) == (True, "api")


def test_identifiers_told_at_once_are_held_once() -> None:
    mail = held_identifier(Identifier("Email", "ADA@shop.example"), NOON)
    assert with_identifiers((), [mail, mail]) == (mail,)
    assert with_identifiers((mail,), [held_identifier(Identifier("ExternalId", "u"), NOON)], limit=1) == (mail,)


def test_the_claims_of_an_event_are_those_by_which_somebody_can_be_found() -> None:
    claims = (Identifier("Cookie", "v"), Identifier("Email", "A@b.example"), Identifier("Phone", "call me"))
    assert claims_of(event(NOON, *claims, Identifier("Email", "a@B.example"))) == (Identifier("Email", "a@b.example"),)


def test_a_script_gone_wild_cannot_grow_a_contact_without_limit() -> None:
    contact = met(*(event(NOON, Identifier("ExternalId", str(n))) for n in range(MAX_IDENTIFIERS + 10)))
    assert len(contact.identifiers) == MAX_IDENTIFIERS
    assert contact.identifiers[0].value == "0"
    assert met(event(NOON, Identifier("ExternalId", "one more")), contact=contact) is contact


@pytest.mark.parametrize(
    ("traits", "names", "shown"),
    [
        pytest.param({"firstName": "Ada", "lastName": "Lovelace"}, ("Ada", "Lovelace"), "Ada Lovelace", id="both"),
        pytest.param({"givenName": "Ada", "familyName": "L"}, ("Ada", "L"), "Ada L", id="by other names"),
        pytest.param({"name": " Ada King Noel "}, ("Ada", "King Noel"), "Ada King Noel", id="in one"),
        pytest.param({"name": "Ada"}, ("Ada", None), "Ada", id="a single name"),
        pytest.param({"name": "X Y", "firstName": "Ada"}, ("Ada", None), "Ada", id="the parts win over the whole"),
        pytest.param({"firstName": 7, "lastName": ["x"]}, (None, None), None, id="no text"),
        pytest.param({"firstName": "  "}, (None, None), None, id="blank"),
        pytest.param({"firstName": "a" * 2_000}, ("a" * 1_000, None), "a" * 1_000, id="too long"),
        pytest.param({"plan": "gold"}, (None, None), None, id="nothing about the person"),
    ],
)
def test_traits_name_the_person(
    traits: dict[str, object], names: tuple[str | None, str | None], shown: str | None
) -> None:
    contact = met(event(traits=traits))
    assert (contact.fields.get("firstName"), contact.fields.get("lastName")) == names
    assert display_name(contact.fields) == shown


def test_a_name_told_later_replaces_only_what_it_tells() -> None:
    contact = met(event(traits={"firstName": "Ada", "lastName": "Byron"}), event(traits={"lastName": "King"}))
    assert contact.fields == {"firstName": "Ada", "lastName": "King"}


@pytest.mark.parametrize(
    ("interaction", "expires"),
    [
        pytest.param(NOON, NOON + EXPIRY, id="on the hour"),
        pytest.param(NOON + timedelta(milliseconds=1), NOON + EXPIRY + timedelta(hours=1), id="just after it"),
        pytest.param(NOON - timedelta(milliseconds=1), NOON + EXPIRY, id="just before it"),
    ],
)
def test_expiry_is_rounded_up_to_the_full_hour(interaction: datetime, expires: datetime) -> None:
    assert met(event(interaction)).expires_date == expires


def test_a_late_event_does_not_bring_expiry_forward_but_the_first_sight_back() -> None:
    contact = met(event(NOON), event(NOON - timedelta(hours=9)))
    assert contact.expires_date == NOON + EXPIRY
    assert (contact.created_date, contact.modified_date) == (NOON - timedelta(hours=9), NOON)


def test_an_event_that_tells_nothing_new_leaves_the_very_same_contact() -> None:
    contact = met(event(NOON + timedelta(minutes=1), Identifier("Cookie", "v"), traits={"name": "Ada"}))
    again = event(NOON + timedelta(minutes=2), Identifier("Cookie", "v"), traits={"name": "Ada"})
    assert met(again, contact=contact) is contact


@pytest.mark.parametrize(
    ("told", "tells"),
    [
        pytest.param(event(), False, id="nothing"),
        pytest.param(event(NOON, Identifier("Cookie", "v")), False, id="the visitor's own cookie"),
        pytest.param(event(NOON, Identifier("Cookie", "v"), Identifier("ExternalId", "u")), True, id="a user id"),
        pytest.param(event(NOON, Identifier("ExternalId", "v")), True, id="a user id that equals the cookie"),
        pytest.param(event(NOON, Identifier("ExternalId", "v"), customer_id_type="externalId"), False, id="its own id"),
        pytest.param(event(traits={"name": "Ada"}), True, id="a name"),
    ],
)
def test_an_event_tells_of_the_person_when_it_says_more_than_the_visitors_own_id(told: Event, *, tells: bool) -> None:
    assert tells_of_person(told) is tells


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2020, 1, 1, 4), timezones=st.just(UTC)),  # noqa: DTZ001 - as below
    st.datetimes(datetime(2020, 1, 1), datetime(2020, 1, 1, 4), timezones=st.just(UTC)),  # noqa: DTZ001 - as below
)
def test_interactions_of_the_same_step_lead_to_the_same_expiry(one: datetime, other: datetime) -> None:
    assert same_step(one, other) is (met(event(one)).expires_date == met(event(other)).expires_date)


def test_a_new_session_is_counted() -> None:
    contact = open_contact(event())
    assert meet(contact, event(), EXPIRY, new_session=True).session_count == 1


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the zone is given beside
def test_a_contact_lives_for_the_expiry_and_less_than_an_hour_more(interaction: datetime) -> None:
    expires = met(event(interaction)).expires_date
    assert expires is not None
    assert timedelta() <= expires - interaction - EXPIRY < timedelta(hours=1)
