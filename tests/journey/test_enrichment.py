"""What becomes of what is told of a customer: the rules of fields, the actions, and that doing it twice is harmless."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.contact import Contact, ContactType, HeldIdentifier, contact_id_of, held_identifier
from gateway.journey.enrichment import EnrichAction, Enrichment, EnrichStatus, FieldRule, enriched
from gateway.journey.enrichment_plan import Customers, Enriched, enrich
from gateway.journey.errors import InvalidValue
from gateway.journey.event import Identifier
from gateway.journey.identity import ContactKind

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=3)
ADA, BOB = Identifier("Email", "ada@shop.example"), Identifier("Email", "bob@shop.example")
PHONE = Identifier("Phone", "+41446681800")
R = FieldRule


def held(*claims: Identifier) -> tuple[HeldIdentifier, ...]:
    return tuple(held_identifier(claim, NOON) for claim in claims)


def contact(id_: str, *claims: Identifier, days: int = 0, **fields: object) -> Contact:
    at = NOON + timedelta(days=days)
    return Contact(id_, at, at, None, ContactType.CURATED, held(*claims), fields)


def known(*contacts: Contact) -> Customers:
    customers = Customers()
    for one in contacts:
        customers.change(one)
    customers.changed.clear()
    return customers


def values(one: Contact, type_: str = "Email") -> list[str]:
    return [identifier.value for identifier in one.identifiers if identifier.type == type_]


@pytest.mark.parametrize(
    ("rule", "existing", "told", "then"),
    [
        pytest.param(None, "Ada", "Eve", "Eve", id="by default what is told counts"),
        pytest.param(None, "Ada", None, "Ada", id="by default what is not told stays"),
        pytest.param(R.PREFER_PROVIDED, None, "Eve", "Eve", id="told counts where there is nothing"),
        pytest.param(R.PREFER_EXISTING, "Ada", "Eve", "Ada", id="what is there counts"),
        pytest.param(R.PREFER_EXISTING, None, "Eve", "Eve", id="a gap is filled"),
        pytest.param(R.ALWAYS_USE_PROVIDED, "Ada", "Eve", "Eve", id="told always counts"),
        pytest.param(R.ALWAYS_USE_PROVIDED, "Ada", None, None, id="nothing told takes it away"),
    ],
)
def test_a_rule_says_which_of_two_values_counts(
    rule: FieldRule | None, existing: str | None, told: str | None, then: str | None
) -> None:
    before = replace(contact("c"), fields={"firstName": existing} if existing else {})
    wanted = Enrichment((ADA,), {"firstName": told} if told else {}, rules={"firstName": rule} if rule else {})
    assert enriched([before], wanted, LATER).fields.get("firstName") == then


@pytest.mark.parametrize(
    ("rule", "then"),
    [
        pytest.param(None, {"tier": 2, "note": "x", "new": True}, id="by default name by name, told counts"),
        pytest.param(R.PREFER_EXISTING, {"tier": 1, "note": "x", "new": True}, id="name by name, there counts"),
        pytest.param(R.ALWAYS_USE_PROVIDED, {"tier": 2, "new": True}, id="exactly what is told"),
    ],
)
def test_custom_fields_are_weighed_one_by_one(rule: FieldRule | None, then: dict[str, object]) -> None:
    before = contact("c", customFields={"tier": 1, "note": "x"})
    wanted = Enrichment(
        (ADA,), {"customFields": {"tier": 2, "new": True}}, rules={"customFields": rule} if rule else {}
    )
    assert enriched([before], wanted, LATER).fields["customFields"] == then


@pytest.mark.parametrize(
    ("rules", "emails", "phones"),
    [
        pytest.param({}, ["ada@shop.example"], ["+41446681800"], id="by default only missing types are filled"),
        pytest.param(
            {"identifiers": R.EXTEND}, ["ada@shop.example", "bob@shop.example"], ["+41446681800"], id="extended"
        ),
        pytest.param({"identifiers": R.REPLACE}, ["bob@shop.example"], ["+41446681800"], id="replaced"),
        pytest.param(
            {"identifiers": R.REPLACE, "Email": R.FILL}, ["ada@shop.example"], ["+41446681800"], id="a type of its own"
        ),
    ],
)
def test_a_rule_says_which_identifiers_count(rules: dict[str, FieldRule], emails: list[str], phones: list[str]) -> None:
    after = enriched([contact("c", ADA)], Enrichment((PHONE,), {}, (BOB, PHONE), rules=rules), LATER)
    assert (values(after), values(after, "Phone")) == (emails, phones)


def test_replacing_identifiers_leaves_cookies_other_types_and_what_it_was_found_by() -> None:
    cookie, former = Identifier("Cookie", "v1"), Identifier("Email", "former@shop.example")
    wanted = Enrichment((ADA,), {}, (BOB,), rules={"identifiers": R.REPLACE})
    after = enriched([contact("c", cookie, ADA, former, PHONE)], wanted, LATER)
    assert {one.value for one in after.identifiers} == {"v1", ADA.value, BOB.value, PHONE.value}


def test_what_is_told_as_verified_becomes_verified_and_never_less() -> None:
    told = Enrichment((ADA,), {}, (ADA._replace(verified=True, source="api"),))
    after = enriched([contact("c", ADA)], told, LATER)
    assert [(one.is_verified, one.source, one.created_date) for one in after.identifiers] == [(True, "api", NOON)]
    assert enriched([after], Enrichment((ADA,), {}, (ADA,)), LATER) is after


def test_what_is_shown_of_the_whole_merge_set_counts_as_being_there() -> None:
    root = contact("root", ADA)
    member = replace(contact("member", PHONE, firstName="Ada"), ancestors=("root",))
    wanted = Enrichment((ADA,), {"firstName": "Ada"}, (PHONE,), rules={"identifiers": R.EXTEND})
    assert enriched([root, member], wanted, LATER) is root
    kept = replace(wanted, fields={"firstName": "Eve"}, rules={"firstName": R.PREFER_EXISTING})
    assert enriched([root, member], kept, LATER) is root


def test_promoting_keeps_a_contact_for_good() -> None:
    visitor = replace(contact("v", ADA), type=ContactType.IDENTIFIED, expires_date=LATER)
    after = enriched([visitor], Enrichment((ADA,), promote=True), LATER)
    assert (after.type, after.expires_date) == (ContactType.CURATED, None)
    assert enriched([visitor], Enrichment((ADA,)), LATER) is visitor


@pytest.mark.parametrize(
    ("action", "matching", "status", "contact_id"),
    [
        pytest.param(EnrichAction.UPSERT, (ADA,), EnrichStatus.UPDATED, "ada", id="upsert with a match"),
        pytest.param(EnrichAction.UPSERT, (PHONE,), EnrichStatus.CREATED, "new", id="upsert without"),
        pytest.param(EnrichAction.UPDATE, (ADA,), EnrichStatus.UPDATED, "ada", id="update with a match"),
        pytest.param(EnrichAction.UPDATE, (PHONE,), EnrichStatus.NO_MATCH, None, id="update without"),
        pytest.param(EnrichAction.INSERT, (ADA,), EnrichStatus.UNCHANGED, "ada", id="insert with a match"),
        pytest.param(EnrichAction.INSERT, (PHONE,), EnrichStatus.CREATED, "new", id="insert without"),
        pytest.param(EnrichAction.MERGE, (ADA,), EnrichStatus.UPDATED, "ada", id="merge with one match"),
        pytest.param(EnrichAction.MERGE, (PHONE,), EnrichStatus.CREATED, "new", id="merge without"),
        pytest.param(EnrichAction.UPSERT, (PHONE, BOB, ADA), EnrichStatus.UPDATED, "bob", id="the first match counts"),
    ],
)
def test_the_action_says_what_becomes_of_a_match(
    action: EnrichAction, matching: tuple[Identifier, ...], status: EnrichStatus, contact_id: str | None
) -> None:
    customers = known(contact("ada", ADA), contact("bob", BOB))
    result = enrich(customers, Enrichment(matching, {"title": "Dr."}, action=action, new_id="new"), LATER)
    assert (result.status, result.contact and result.contact.id) == (status, contact_id)
    assert list(customers.changed) == (
        [] if status in {EnrichStatus.NO_MATCH, EnrichStatus.UNCHANGED} else [contact_id]
    )


def test_a_result_says_what_matched_and_who_else_it_may_be() -> None:
    customers = known(contact("ada", ADA), contact("bob", BOB, days=1))
    result = enrich(customers, Enrichment((Identifier("Email", " Bob@Shop.Example "), ADA), new_id="new"), LATER)
    assert result.matched == BOB
    (other,) = result.candidates
    assert (other.contact_id, other.kind) == ("ada", ContactKind.CURATED)
    assert other.reasons == (
        "Holds the same Email since 2026-05-01, not verified, told by visitor.",
        "Is a curated contact since 2026-05-01.",
    )


def test_a_merge_puts_all_matches_below_a_new_contact_and_enriches_it() -> None:
    customers = known(contact("ada", ADA, firstName="Ada"), contact("bob", BOB, days=1, lastName="King"))
    wanted = Enrichment((ADA, BOB), {"title": "Dr."}, action=EnrichAction.MERGE, new_id="new")
    result = enrich(customers, wanted, LATER)
    assert result.contact is not None
    assert (result.status, result.merged_ids) == (EnrichStatus.MERGED, ("ada", "bob"))
    assert result.contact.fields == {"firstName": "Ada", "lastName": "King", "title": "Dr."}
    again = enrich(customers, wanted, LATER)
    assert (again.status, again.contact) == (EnrichStatus.UNCHANGED, result.contact)


def test_a_contact_is_meant_by_its_id_before_all_identifiers() -> None:
    customers = known(contact("ada", ADA), contact("bob", BOB))
    result = enrich(customers, Enrichment((ADA,), {"title": "Dr."}, contact_id="bob", new_id="new"), LATER)
    assert (result.contact and result.contact.id, result.matched) == ("bob", None)


def test_a_visitor_is_found_by_its_cookie() -> None:
    visitor = contact(contact_id_of("cookie", "v1"), Identifier("Cookie", "v1"))
    customers = known(visitor)
    customers.holders["Cookie", "v1"] = visitor.id
    result = enrich(customers, Enrichment((Identifier("Cookie", "v1"),), {"title": "Dr."}, new_id="new"), LATER)
    assert (result.status, result.contact and result.contact.id) == (EnrichStatus.UPDATED, visitor.id)


def test_what_matches_nothing_creates_one_contact_that_the_next_request_finds() -> None:
    customers = known()
    one = enrich(customers, Enrichment((ADA,), {"firstName": "Ada"}, (PHONE,), new_id="one"), NOON)
    two = enrich(customers, Enrichment((PHONE,), {"lastName": "King"}, new_id="two"), NOON)
    assert (one.status, two.status) == (EnrichStatus.CREATED, EnrichStatus.UPDATED)
    assert two.contact is not None
    assert two.contact.id == "one"
    assert two.contact.fields == {"firstName": "Ada", "lastName": "King"}
    assert {held_.value for held_ in two.contact.identifiers} == {ADA.value, PHONE.value}


EMAILS = st.sampled_from(["ada@shop.example", "Bob@shop.example", "eve@shop.example", "no address"])
IDENTIFIERS = st.one_of(
    st.builds(Identifier, st.just("Email"), EMAILS, st.booleans()),
    st.builds(Identifier, st.just("Phone"), st.sampled_from(["+41446681800", "650 253 0000", "12"]), st.booleans()),
    st.builds(Identifier, st.just("SocialLine"), st.just("line")),
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "firstName": st.sampled_from(["Ada", "Eve"]),
        "surveyOptOut": st.booleans(),
        "address": st.fixed_dictionaries({"city": st.sampled_from(["Bern", "Basel"])}),
        "customFields": st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), min_size=1),
    },
)
VALUE_RULES = st.sampled_from([R.ALWAYS_USE_PROVIDED, R.PREFER_EXISTING, R.PREFER_PROVIDED])
RULES = st.builds(
    lambda values_, lists: {**values_, **lists},
    st.dictionaries(st.sampled_from(["firstName", "surveyOptOut", "address", "customFields"]), VALUE_RULES),
    st.dictionaries(st.sampled_from(["identifiers", "Email"]), st.sampled_from([R.REPLACE, R.EXTEND, R.FILL])),
)
REQUESTS = st.builds(
    Enrichment,
    st.lists(IDENTIFIERS, min_size=1, max_size=3).map(tuple),
    FIELDS,
    st.lists(IDENTIFIERS, max_size=3).map(tuple),
    st.sampled_from(EnrichAction),
    RULES,
    st.booleans(),
    new_id=st.sampled_from(["n1", "n2", "n3"]),
)


@given(st.lists(REQUESTS, max_size=4), REQUESTS)
def test_doing_a_request_again_changes_nothing(before: list[Enrichment], wanted: Enrichment) -> None:
    customers = known()
    for one in before:
        enrich(customers, one, NOON)
    first = enrich(customers, wanted, NOON)
    contacts = dict(customers.contacts)
    again = [enrich(customers, wanted, at) for at in (LATER, LATER + timedelta(days=90))]
    if first.status is EnrichStatus.NO_MATCH:
        assert [result.status for result in again] == [EnrichStatus.NO_MATCH] * 2
    else:
        assert contacts == customers.contacts
        assert [result.status for result in again] == [EnrichStatus.UNCHANGED] * 2


@given(st.lists(REQUESTS, max_size=6))
def test_nobody_holds_what_somebody_else_held_before(requests: list[Enrichment]) -> None:
    customers = known()
    results: list[Enriched] = []
    for number, one in enumerate(requests):
        results.append(enrich(customers, one, NOON + timedelta(seconds=number)))
        for key, holder in customers.holders.items():
            claims = [c for c in customers.contacts.values() if any(i.key == key for i in c.identifiers)]
            assert customers.contacts[holder] in claims
    assert len(results) == len(requests)


def test_a_contact_gets_no_second_account_where_people_have_one() -> None:
    one, other = Identifier("SocialLine", "a"), Identifier("SocialLine", "b")
    customers = known(contact("c", ADA, one))
    wanted = Enrichment((ADA,), {"title": "Dr."}, (other,), rules={"identifiers": R.EXTEND})
    with pytest.raises(InvalidValue, match=r"`identifiers` is 'a, b', but must be at most 1 of type SocialLine"):
        enrich(customers, wanted, LATER)
    assert customers.changed == {}
