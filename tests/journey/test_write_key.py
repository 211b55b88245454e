"""What can be set of a write key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.errors import InvalidValue
from gateway.journey.write_key import WRITE_KEY_FIELDS, domain, origin, write_key_settings

FIELD = "field"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        pytest.param("*", "*", id="everywhere"),
        pytest.param(" https://Shop.Example/ ", "https://shop.example", id="in capitals, with a slash and spaces"),
        pytest.param("http://127.0.0.1:8080", "http://127.0.0.1:8080", id="with a port"),
        pytest.param("http://[::1]:8080", "http://[::1]:8080", id="IPv6"),
        pytest.param("app-extension://abc", "app-extension://abc", id="an extension"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(told: str, kept: str) -> None:
    assert origin(FIELD, told) == kept


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("shop.example", id="no scheme"),
        pytest.param("https://shop.example/page", id="a page"),
        pytest.param("https://shop.example?x", id="a query"),
        pytest.param("https://shop.example#x", id="a fragment"),
        pytest.param("https://user@shop.example", id="a user"),
        pytest.param("https://shop.example:port", id="a port that is none"),
        pytest.param("https://[shop", id="half a bracket"),
        pytest.param("https://", id="no host"),
        pytest.param("https://" + "x" * 600, id="endless"),
        pytest.param("null", id="null, as sandboxed pages send it"),
        pytest.param("", id="nothing"),
        pytest.param(7, id="a number"),
    ],
)
def test_what_is_no_origin_is_refused(told: object) -> None:
    with pytest.raises(InvalidValue):
        origin(FIELD, told)


@pytest.mark.parametrize(
    "told", ["https://shop.example", "shop.example/page", "shop example", "*", "*.*", "a" * 300, "", None]
)
def test_what_is_no_domain_is_refused(told: object) -> None:
    with pytest.raises(InvalidValue):
        domain(FIELD, told)


def test_a_domain_may_stand_for_its_subdomains() -> None:
    assert domain(FIELD, "*.Shop.Example") == "*.shop.example"


@given(st.text(max_size=40))
def test_what_is_kept_would_be_kept_so_again(told: str) -> None:
    for check in (origin, domain):
        try:
            kept = check(FIELD, told)
        except InvalidValue:
            continue
        assert check(FIELD, kept) == kept


def test_an_empty_list_stays_a_list() -> None:
    assert write_key_settings({"searchParameters": [], "keepFragment": False}) == {
        "searchParameters": [],
        "keepFragment": False,
    }


@pytest.mark.parametrize("field", sorted(WRITE_KEY_FIELDS))
def test_no_setting_can_be_taken_away(field: str) -> None:
    with pytest.raises(InvalidValue, match=field):
        write_key_settings({field: None})
