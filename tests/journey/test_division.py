from datetime import UTC, datetime, timedelta

import pytest

from gateway.journey.contact import Contact, meet, open_contact
from gateway.journey.definitions import CONTACT_EXPIRY
from gateway.journey.division import (
    HOME,
    Divisions,
    check_same,
    divisions_told,
    kept_divisions,
    opened_in,
    with_division,
)
from gateway.journey.division_record import MAX_NAME, changed_division, new_division
from gateway.journey.errors import DifferentDivisions, InvalidValue
from gateway.journey.event import Event
from gateway.journey.identity import Cause, Party, Rule, are_divided, link_between
from gateway.journey.merge_fields import merged_head

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
CAUSE = Cause(Rule.AGENT, "Ada", NOON)


def contact(id_: str, *divisions: str, age: float = 0) -> Contact:
    created = NOON - timedelta(hours=age)
    return Contact(id_, created, created, None, division_ids=divisions)


def event(division_id: str | None) -> Event:
    return Event("e", "m", "v", "cookie", "page_viewed", NOON, NOON, division_id=division_id)


@pytest.mark.parametrize(
    ("before", "seen_in", "after"),
    [
        pytest.param((), None, (), id="at home, as ever: nothing to be kept"),
        pytest.param((), "swiss", (HOME, "swiss"), id="at home before, now elsewhere"),
        pytest.param(("swiss",), "swiss", ("swiss",), id="elsewhere again"),
        pytest.param(("swiss",), None, ("swiss", HOME), id="elsewhere before, now at home"),
        pytest.param((HOME, "swiss"), None, (HOME, "swiss"), id="at home again"),
    ],
)
def test_a_contact_is_of_every_division_that_it_was_seen_in(
    before: Divisions, seen_in: str | None, after: Divisions
) -> None:
    assert with_division(before, seen_in) == after
    visitor = contact("c", *before)
    assert meet(visitor, event(seen_in), CONTACT_EXPIRY, new_session=True).division_ids == after


def test_only_a_new_session_brings_a_contact_to_another_division() -> None:
    visitor = contact("c")
    assert meet(visitor, event("swiss"), CONTACT_EXPIRY, new_session=False).division_ids == ()


@pytest.mark.parametrize(("division_id", "divisions"), [(None, ()), ("swiss", ("swiss",))])
def test_a_contact_is_opened_in_the_division_of_its_first_event(division_id: str | None, divisions: Divisions) -> None:
    assert open_contact(event(division_id)).division_ids == divisions == opened_in(division_id)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        pytest.param([HOME], (), id="home alone is kept as nothing"),
        pytest.param(["swiss", HOME, "swiss"], ("swiss", HOME), id="each once, in order"),
    ],
)
def test_divisions_are_kept_in_one_form(told: list[str], kept: Divisions) -> None:
    assert kept_divisions(told) == kept
    assert divisions_told(kept) == set(told)


def test_contacts_of_different_divisions_are_not_the_same() -> None:
    check_same([("a", "b"), ("b", "a")])
    check_same([(), (HOME,)])
    with pytest.raises(DifferentDivisions):
        check_same([(), ("a",)])


@pytest.mark.parametrize(
    ("upper", "lower", "divided"),
    [
        pytest.param((), (), False, id="both at home"),
        pytest.param(("a", "b"), ("a",), False, id="the upper one of more"),
        pytest.param(("a",), ("a", "b"), True, id="the lower one of more"),
        pytest.param(("a",), ("b",), True, id="nothing in common"),
        pytest.param((), ("a",), True, id="home and another"),
    ],
)
def test_two_are_divided_unless_the_one_that_stands_for_both_is_of_all_divisions_of_the_other(
    upper: Divisions, lower: Divisions, divided: bool
) -> None:
    older, younger = contact("older", *upper, age=1), contact("younger", *lower)
    parties = (Party(older, older), Party(younger, younger))
    assert link_between(*parties, CAUSE).parent_id == "older"
    assert are_divided(*parties) is are_divided(*reversed(parties)) is divided


def test_the_head_of_a_merge_is_of_the_divisions_of_all() -> None:
    members = [contact("one"), contact("two", "a")]
    assert merged_head("head", members, {}, NOON).division_ids == (HOME, "a")
    assert merged_head("head", members[:1], {}, NOON).division_ids == ()


def test_a_division_is_kept_by_its_key() -> None:
    division = new_division("swiss-1", {"name": " Swiss ", "description": ""}, NOON)
    assert division == {"id": "swiss-1", "name": "Swiss", "description": "", "createdDate": NOON, "modifiedDate": NOON}
    assert changed_division({"description": None}, NOON) == {"description": None, "modifiedDate": NOON}


@pytest.mark.parametrize("key", ["", "home", "Swiss", "-swiss", "swiss!", "s" * 64, "sw iss", "schweizö"])
def test_a_key_is_a_small_word_and_not_home(key: str) -> None:
    with pytest.raises(InvalidValue, match="`key`"):
        new_division(key, {"name": "Swiss"}, NOON)


@pytest.mark.parametrize("told", [{}, {"name": ""}, {"name": "n" * (MAX_NAME + 1)}])
def test_a_division_has_a_name(told: dict[str, object]) -> None:
    with pytest.raises(InvalidValue, match="`name`"):
        new_division("swiss", told, NOON)
