from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.errors import InvalidValue
from gateway.journey.organization import (
    MAX_EXTERNAL_IDS,
    MAX_NAME,
    MAX_SEARCHED_CHARACTERS,
    MAX_SEARCHED_WORDS,
    changed_organization,
    new_organization,
    searched_words,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def keys_of(name: str) -> set[str]:
    keys = new_organization({"name": name}, "n", NOON)["searchKeys"]
    assert isinstance(keys, list)
    return set(keys)


def test_a_new_organization_has_what_was_told_and_its_dates() -> None:
    told: dict[str, object] = {"name": " Acme ", "tags": [], "industry": None, "address": {"city": "Bern"}}
    organization = new_organization(told, "n", NOON)
    assert organization | {"searchKeys": ..., "id": ...} == {
        "id": ...,
        "name": "Acme",
        "address": {"city": "Bern"},
        "sortName": "acme",
        "searchKeys": ...,
        "createdDate": NOON,
        "modifiedDate": NOON,
    }


def test_two_organizations_of_one_name_are_two() -> None:
    first, second = (new_organization({"name": "Acme"}, nonce, NOON) for nonce in "ab")
    assert first["id"] != second["id"]


def test_a_change_touches_what_is_told_only_and_takes_away_what_is_empty() -> None:
    later = NOON + timedelta(days=1)
    assert changed_organization({"industry": None, "tags": [], "employeeCount": 0}, later) == {
        "industry": None,
        "tags": None,
        "employeeCount": 0,
        "modifiedDate": later,
    }
    assert changed_organization({"name": "Übung"}, later)["sortName"] == "ubung"


@pytest.mark.parametrize(
    ("told", "field"),
    [
        pytest.param({}, "name", id="no name"),
        pytest.param({"name": " "}, "name", id="an empty name"),
        pytest.param({"name": "x" * (MAX_NAME + 1)}, "name", id="a name too long"),
        pytest.param({"name": "x", "employeeCount": -1}, "employeeCount", id="fewer people than none"),
        pytest.param({"name": "x", "websites": ["shop"]}, "websites", id="a web site without an address"),
        pytest.param(
            {"name": "x", "externalIds": [{"externalSourceId": "s", "value": str(n)} for n in range(11)]},
            "externalIds",
            id=f"more than {MAX_EXTERNAL_IDS} external ids",
        ),
        pytest.param(
            {"name": "x", "externalIds": [{"externalSourceId": "s", "value": "v" * 256}]},
            "externalIds.value",
            id="an external id too long",
        ),
    ],
)
def test_what_an_organization_cannot_be_is_refused(told: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        new_organization(told, "n", NOON)
    assert refused.value.field == field


def test_the_name_cannot_be_taken_away() -> None:
    with pytest.raises(InvalidValue, match="`name` is null"):
        changed_organization({"name": None}, NOON)


def test_the_beginnings_of_every_word_are_keys_without_case_and_accents() -> None:
    assert keys_of("Zürich AG") == {"z", "zu", "zur", "zuri", "zuric", "zurich", "a", "ag"}


def test_the_words_looked_for_are_folded_as_the_keys_are_the_longest_first() -> None:
    assert searched_words("  AG, ZÜRI! ") == ["zuri", "ag"]
    assert searched_words("!?") == []


@given(name=st.text(min_size=1, max_size=MAX_NAME).filter(lambda name: bool(name.strip())))
def test_an_organization_is_found_by_its_own_name_and_has_few_keys(name: str) -> None:
    keys = keys_of(name.encode("utf-8", "ignore").decode() + " x")
    assert len(keys) <= MAX_SEARCHED_WORDS * MAX_SEARCHED_CHARACTERS


@given(words=st.lists(st.text("abcäöüßÉ", min_size=1, max_size=30), min_size=1, max_size=5))
def test_what_is_looked_for_by_its_name_is_found(words: list[str]) -> None:
    assert set(searched_words(" ".join(words).upper())) <= keys_of(" ".join(words))
