"""Names of events."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.event_name import MAX_NAME_LENGTH, event_name


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("page", "page_viewed"),
        ("screen", "screen_viewed"),
        ("identify", "user_identified"),
        ("group", "group_joined"),
        ("alias", "user_aliased"),
    ],
)
def test_a_call_other_than_track_is_an_event_by_itself(call: str, expected: str) -> None:
    assert event_name(call, "Checkout") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("Order Completed", "order_completed", id="words"),
        pytest.param("Product Added", "product_added", id="words of a shop"),
        pytest.param("order_completed", "order_completed", id="already in form"),
        pytest.param("orderCompleted", "order_completed", id="camel case"),
        pytest.param("HTTPErrorSeen", "http_error_seen", id="an abbreviation in camel case"),
        pytest.param("  Form -- (Contact): submitted! ", "form_contact_submitted", id="punctuation"),
        pytest.param("Café geöffnet", "cafe_geoffnet", id="accents"),
        pytest.param("Straße", "strasse", id="sharp s"),
        pytest.param("注文", "u6ce8u6587", id="letters without an ASCII form"),
        pytest.param("Products Searched", "search_performed", id="search of the e-commerce specification"),
        pytest.param("Search Performed", "search_performed", id="search in words"),
        pytest.param("search", "search_performed", id="search in a word"),
        pytest.param("🎉", "event", id="nothing that can be spelled"),
        pytest.param("", "event", id="empty"),
        pytest.param(None, "event", id="none"),
    ],
)
def test_a_track_call_is_the_event_that_it_names(name: str | None, expected: str) -> None:
    assert event_name("track", name) == expected


@given(st.text(max_size=300))
def test_every_name_is_short_plain_and_stays_itself(name: str) -> None:
    named = event_name("track", name)
    assert re.fullmatch(r"[a-z0-9_]+", named)
    assert len(named) <= MAX_NAME_LENGTH
    assert event_name("track", named) == named
