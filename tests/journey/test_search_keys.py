"""What a contact is found by: every word by its beginning, every identifier as a whole."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.search_keys import (
    EVERYONE,
    KINDS,
    MAX_WORDS,
    Reading,
    Record,
    key_of,
    place_of,
    places_between,
    readings_of,
    search_terms,
    words_of,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TEXTS = st.text(st.sampled_from("abcdé0123456789 -"), max_size=40)
DATES = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - hypothesis adds the zone
    lambda date: date.replace(microsecond=date.microsecond // 1000 * 1000)
)


def person(*identifiers: tuple[str, str], **fields: object) -> Record:
    return Record(fields, identifiers)


def finds(text: str, *records: Record) -> bool:
    """Tell whether a text leads to a contact by one of its readings, as storage applies them."""
    terms = search_terms(records)

    def holds(reading: Reading) -> bool:
        if reading.whole is not None:
            return reading.whole in terms.keys
        return all(
            key_of(word) in terms.keys and any(one.startswith(word) for one in terms.words) for word in reading.words
        )

    return any(map(holds, readings_of(text)))


ZOE = person(
    ("Email", "zoe.king@shop.example"),
    ("Phone", "+41791234567"),
    ("ExternalId", "CUST-000123"),
    ("Cookie", "c00kie"),
    firstName="Zoë",
    lastName="O'Brien-Łukasz",
    title="Head of Größe",
    address={"city": "Zürich", "postalCode": "8001"},
    customFields={"hobbies": ["chess", 42], "vip": True},
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("zoë", id="name as written"),
        pytest.param("ZOE", id="name without accent, in capitals"),
        pytest.param("z", id="one letter"),
        pytest.param("obrien", id="name without its apostrophe"),
        pytest.param("o’brien zo", id="two words in any order, with a typographic apostrophe"),  # noqa: RUF001
        pytest.param("lukasz", id="a letter that Unicode does not take apart"),
        pytest.param("grosse", id="sharp s as two"),
        pytest.param("Zoe.King@Shop.example", id="e-mail address"),
        pytest.param("zoe.king", id="local part"),
        pytest.param("shop.ex", id="beginning of the domain"),
        pytest.param("zoe.king@sh", id="e-mail address while it is typed"),
        pytest.param("+41 79 123 45 67", id="telephone number, international"),
        pytest.param("0041 (79) 123-45-67", id="telephone number, with 00"),
        pytest.param("079 123 45 67", id="telephone number, national"),
        pytest.param("79123", id="beginning of the number without zero"),
        pytest.param("41791234567", id="telephone number with the country's code and nothing else"),
        pytest.param("+41 79 12", id="telephone number while it is typed"),
        pytest.param("cust-000123", id="external id"),
        pytest.param("000123", id="part of an external id that begins with zeros"),
        pytest.param("zurich 8001", id="city and postal code"),
        pytest.param("chess", id="custom field"),
        pytest.param("42", id="short number, whole"),
    ],
)
def test_a_contact_is_found_by(text: str) -> None:
    assert finds(text, ZOE)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(" -.@ ", id="punctuation"),
        pytest.param("oe", id="middle of a word"),
        pytest.param("zoe smith", id="a word that it has not"),
        pytest.param("zoe.kong@shop.example", id="another e-mail address"),
        pytest.param("c00kie", id="cookie"),
        pytest.param("true", id="flag"),
        pytest.param("+41 79 123 45 68", id="another telephone number"),
    ],
)
def test_a_contact_is_not_found_by(text: str) -> None:
    assert not finds(text, ZOE)


def test_a_merge_set_is_found_by_what_each_of_it_is_found_by() -> None:
    other = person(("Email", "z@old.example"), lastName="King")
    assert finds("lukasz king", ZOE, other)
    assert finds("z@old.example", ZOE, other)


def test_everyone_is_found_by_the_empty_key_even_without_a_word() -> None:
    assert search_terms([person()]).keys == (EVERYONE,)


def test_words_are_bounded_and_names_come_first() -> None:
    talkative = person(firstName="Ada", customFields={str(n): f"word{n}" for n in range(1_000)})
    terms = search_terms([talkative])
    assert len(terms.words) == MAX_WORDS
    assert terms.words[0] == "ada"
    assert len(terms.keys) < 1_200


@given(TEXTS, st.data())
def test_every_beginning_of_every_word_finds_it_but_for_short_beginnings_of_numbers(
    text: str, data: st.DataObject
) -> None:
    words = words_of(text)
    if words:
        word = data.draw(st.sampled_from(words))
        length = data.draw(st.integers(min(4, len(word)) if word[0].isdigit() else 1, len(word)))
        terms = search_terms([person(firstName=text)])
        assert key_of(word[:length]) in terms.keys or (word[0].isdigit() and length < 4)


@given(st.sampled_from(KINDS), DATES, st.text(max_size=4), st.sampled_from(KINDS), DATES, st.text(max_size=4))
def test_places_are_ordered_by_kind_then_newest_first(
    kind: str, date: datetime, id_: str, other_kind: str, other_date: datetime, other_id: str
) -> None:
    one, other = place_of(kind, date, id_), place_of(other_kind, other_date, other_id)
    ranks = KINDS.index(kind), KINDS.index(other_kind)
    if ranks[0] != ranks[1]:
        assert (one < other) == (ranks[0] < ranks[1])
    elif date != other_date:
        assert (one < other) == (date > other_date)
    else:
        assert (one == other) == (id_ == other_id)


@given(st.sampled_from(KINDS), DATES, DATES, DATES)
def test_places_between_two_dates_are_those_created_then(
    kind: str, date: datetime, after: datetime, before: datetime
) -> None:
    first, beyond = places_between(kind, after, before)
    assert (first <= place_of(kind, date, "c") < beyond) == (after <= date < before)


def test_places_of_a_kind_without_dates_join_those_of_the_next() -> None:
    bounds = [places_between(kind, None, None) for kind in KINDS]
    assert [first for first, _ in bounds[1:]] == [beyond for _, beyond in bounds[:-1]]
    for kind, (first, beyond) in zip(KINDS, bounds, strict=True):
        assert first <= place_of(kind, NOON - timedelta(days=1), "c") < beyond
