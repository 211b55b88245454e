from datetime import UTC, datetime, timedelta

import pytest

from gateway.journey.contact import Contact, ContactType, held_identifier
from gateway.journey.event import Identifier
from gateway.journey.merge_fields import merge_fields, merged_head

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MAIL = held_identifier(Identifier("Email", "a@b.example"), NOON)
HOME = {"address1": "Main Street 1", "city": "Bern"}


def contact(id_: str, modified: int, **fields: object) -> Contact:
    return Contact(id_, NOON, NOON + timedelta(hours=modified), NOON, fields=fields)


ADA = contact("ada", 1, firstName="Ada", lastName="Byron", address=HOME, customFields={"plan": "gold", "size": 1})
KING = contact("king", 2, firstName="A.", lastName="King", title="", customFields={"plan": "lead", "shoe": None})


@pytest.mark.parametrize(
    ("override", "fields"),
    [
        pytest.param(
            {},
            {"firstName": "A.", "lastName": "King", "address": HOME, "customFields": {"plan": "lead", "size": 1}},
            id="the one modified last first",
        ),
        pytest.param(
            {"firstName": "Augusta Ada", "surveyOptOut": False, "customFields": {"plan": "free"}},
            {
                "firstName": "Augusta Ada",
                "lastName": "King",
                "address": HOME,
                "surveyOptOut": False,
                "customFields": {"plan": "free", "size": 1},
            },
            id="what is given wins, also when it is false",
        ),
        pytest.param(
            {"lastName": None, "firstName": "", "address": {"city": "Ockham"}, "unheard": 1},
            {
                "firstName": "A.",
                "lastName": "King",
                "address": {"city": "Ockham"},
                "customFields": {"plan": "lead", "size": 1},
            },
            id="null and empty are gaps, and an address is taken as a whole",
        ),
    ],
)
def test_a_gap_is_filled_from_the_contact_that_was_modified_last(
    override: dict[str, object], fields: dict[str, object]
) -> None:
    assert merge_fields([ADA, KING], override) == merge_fields([KING, ADA], override) == fields


def test_contacts_modified_at_once_fill_gaps_in_the_order_of_their_ids() -> None:
    twins = [contact("b", 0, title="Dr."), contact("a", 0, title="Prof.")]
    assert merge_fields(twins, {}) == {"title": "Prof."}


def test_what_is_shown_of_a_contact_is_its_own_with_the_gaps_filled() -> None:
    assert merge_fields([KING], ADA.fields)["lastName"] == "Byron"


def test_the_head_of_a_merge_is_as_old_as_the_oldest_and_never_expires() -> None:
    oldest = Contact("old", NOON - timedelta(days=9), NOON, NOON, identifiers=(MAIL,))
    head = merged_head("head", [ADA, oldest], {"title": "Countess"}, NOON + timedelta(days=1))
    assert (head.id, head.type, head.expires_date) == ("head", ContactType.CURATED, None)
    assert (head.created_date, head.modified_date) == (NOON - timedelta(days=9), NOON + timedelta(days=1))
    assert (head.fields["title"], head.fields["lastName"], head.identifiers) == ("Countess", "Byron", ())
