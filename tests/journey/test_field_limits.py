from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.address import ADDRESS_LIMITS, address
from gateway.journey.errors import InvalidValue
from gateway.journey.field_limits import (
    MAX_CUSTOM_FIELDS,
    MAX_CUSTOM_TEXT,
    MAX_NUMBER,
    MAX_URL,
    Check,
    amount,
    count,
    custom_fields,
    list_of,
    record_of,
    text,
    web_address,
)

TICKER = record_of({"symbol": text(5)}, {"exchange": text(5)})


@pytest.mark.parametrize(
    ("check", "value", "kept"),
    [
        pytest.param(text(3), " abc ", "abc", id="a text is trimmed before it is measured"),
        pytest.param(web_address, "http://shop.example", "http://shop.example", id="an address"),
        pytest.param(count, 0, 0, id="no people"),
        pytest.param(amount, 12.5, 12.5, id="an amount"),
        pytest.param(list_of(text(3), 2), ["a", " a"], ["a"], id="an entry is kept once"),
        pytest.param(TICKER, {"symbol": "ACME", "exchange": None}, {"symbol": "ACME"}, id="what is null is left out"),
        pytest.param(address, {"city": "Zürich"}, {"city": "Zürich"}, id="an address in part"),
        pytest.param(custom_fields, {"a": 1, "b": None, "c": False}, {"a": 1, "c": False}, id="custom fields"),
    ],
)
def test_what_is_within_the_limits_is_kept(check: Check, value: object, kept: object) -> None:
    assert check("field", value) == kept


@pytest.mark.parametrize(
    ("check", "value", "field"),
    [
        pytest.param(text(3), "abcd", "f", id="a text too long"),
        pytest.param(text(3), "  ", "f", id="nothing but spaces"),
        pytest.param(text(3), 7, "f", id="no text"),
        pytest.param(text(3), None, "f", id="null"),
        pytest.param(text(3), "\ud800", "f", id="half a character"),
        pytest.param(web_address, "javascript:alert(1)", "f", id="a script"),
        pytest.param(web_address, "https://", "f", id="no host"),
        pytest.param(web_address, "https://a b.example/", "f", id="a space in an address"),
        pytest.param(web_address, "https://[a/", "f", id="half an IPv6 address"),
        pytest.param(web_address, "https://a.example/" + "x" * MAX_URL, "f", id="an address too long"),
        pytest.param(count, -1, "f", id="fewer than none"),
        pytest.param(count, True, "f", id="a truth value as number"),
        pytest.param(amount, float("nan"), "f", id="no number"),
        pytest.param(amount, float("inf"), "f", id="infinity"),
        pytest.param(amount, MAX_NUMBER * 2, "f", id="a number that JavaScript cannot read"),
        pytest.param(list_of(text(3), 1), ["a", "b"], "f", id="a list too long"),
        pytest.param(list_of(text(3), 1), "a", "f", id="no list"),
        pytest.param(TICKER, {"exchange": "NYSE"}, "f.symbol", id="a part that is missing"),
        pytest.param(TICKER, {"symbol": "ACME", "more": 1}, "f", id="a part that nobody knows"),
        pytest.param(address, {"state": "x" * 51}, "f.state", id="a state too long"),
        pytest.param(custom_fields, {"a.b": 1}, "f", id="a dot in a name"),
        pytest.param(custom_fields, {"$a": 1}, "f", id="a dollar sign before a name"),
        pytest.param(custom_fields, {"a\0": 1}, "f", id="a NUL in a name"),
        pytest.param(custom_fields, {"": 1}, "f", id="no name"),
        pytest.param(custom_fields, {"a": [1]}, "f.a", id="a list as custom value"),
        pytest.param(custom_fields, {"a": 2**64}, "f.a", id="a number that no database takes"),
        pytest.param(custom_fields, {"a": "x" * (MAX_CUSTOM_TEXT + 1)}, "f.a", id="a custom text too long"),
        pytest.param(custom_fields, dict.fromkeys(map(str, range(MAX_CUSTOM_FIELDS + 1)), 1), "f", id="too many"),
    ],
)
def test_what_is_beyond_the_limits_is_refused_by_the_name_of_its_field(check: Check, value: object, field: str) -> None:
    with pytest.raises(InvalidValue, match="but must be") as refused:
        check("f", value)
    assert refused.value.field == field
    assert str(refused.value).startswith(f"`{field}` is ")


def test_an_error_shows_the_beginning_of_a_long_value_only() -> None:
    with pytest.raises(InvalidValue) as refused:
        text(3)("name", "x" * 100_000)
    assert "(100,000 characters)" in str(refused.value)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("part", ADDRESS_LIMITS)
def test_each_part_of_an_address_has_its_limit(part: str) -> None:
    longest = "x" * ADDRESS_LIMITS[part]
    assert address("address", {part: longest}) == {part: longest}
    with pytest.raises(InvalidValue, match=f"`address.{part}`"):
        address("address", {part: longest + "x"})


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
CHECKS: list[Callable[[str, object], object]] = [
    text(5), web_address, count, amount, list_of(text(3), 2), TICKER, address, custom_fields,
]  # fmt: skip


@given(value=json, check=st.sampled_from(CHECKS))
def test_a_check_keeps_or_refuses_whatever_json_brings(value: object, check: Check) -> None:
    try:
        kept = check("field", value)
    except InvalidValue:
        return
    assert check("field", kept) == kept
