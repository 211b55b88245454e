"""Parts of a page's address."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.journey.page import page_parts, query_parameters


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        pytest.param(
            "https://www.Shop.example:8443/shoes/red%20ones/?size=42&c=d#reviews",
            {
                "domain": "shop.example",
                "hostname": "www.shop.example",
                "pathname": "/shoes/red%20ones/",
                "queryString": "size=42&c=d",
                "fragment": "reviews",
                "breadcrumb": ["shoes", "red ones"],
            },
            id="every part",
        ),
        pytest.param(
            "https://shop.example",
            {"domain": "shop.example", "hostname": "shop.example", "pathname": "/"},
            id="no path is the root",
        ),
        pytest.param(
            "https://user:secret@shop.example./",
            {"domain": "shop.example", "hostname": "shop.example", "pathname": "/"},
            id="neither user nor the root's dot",
        ),
        pytest.param("/shoes?q=1", {"pathname": "/shoes", "queryString": "q=1", "breadcrumb": ["shoes"]}, id="no host"),
        pytest.param(
            "android-app://com.google.android.gm/",
            {"domain": "com.google.android.gm", "hostname": "com.google.android.gm", "pathname": "/"},
            id="an Android app",
        ),
        pytest.param("", {}, id="empty"),
        pytest.param("https://[::1/", {}, id="unbalanced bracket"),
        pytest.param("https://a\u2100b.example/", {}, id="a letter that turns into a/c"),
    ],
)
def test_a_url_has_these_parts(url: str, parts: dict[str, object]) -> None:
    assert page_parts(url) == parts


@given(st.one_of(st.text(), st.text().map("https://{}".format), st.text("[]:/@?#%.\u2100a1", max_size=30)))
@example("https://[v1.x]/")
@example("//[")
def test_whatever_the_url_nothing_is_raised(url: str) -> None:
    parts = page_parts(url)
    assert all(parts.values())
    query_parameters(str(parts.get("queryString", "")))


def test_of_a_repeated_parameter_the_first_counts_and_empty_ones_do_not() -> None:
    assert query_parameters("a=1&b=&a=2&c&d=x+y%20z") == {"a": "1", "d": "x y z"}
