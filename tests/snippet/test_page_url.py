import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippet.event import WireEvent
from snippet.page_url import clean_address, clean_addresses, is_within, page_address
from snippet.write_key import WriteKey


@pytest.mark.parametrize(
    ("address", "excluded", "keep_fragment", "expected"),
    [
        pytest.param("https://a.example/p?x=1", (), False, "https://a.example/p?x=1", id="nothing to cut"),
        pytest.param("https://a.example/p#top", (), False, "https://a.example/p", id="fragment"),
        pytest.param("https://a.example/p#top", (), True, "https://a.example/p#top", id="fragment kept"),
        pytest.param("https://a.example/p?email=a@b&x=1", ("email",), False, "https://a.example/p?x=1", id="first"),
        pytest.param("https://a.example/p?x=1&email=a@b", ("email",), False, "https://a.example/p?x=1", id="last"),
        pytest.param("https://a.example/p?email=a@b", ("email",), False, "https://a.example/p", id="the only one"),
        pytest.param("https://a.example/p?email", ("email",), False, "https://a.example/p", id="without a value"),
        pytest.param("/p?EMail=a&x", ("email",), False, "/p?x", id="another case"),
        pytest.param("/p?%65mail=a&x", ("email",), False, "/p?x", id="encoded"),
        pytest.param("/p?email=1&email=2&e=3", ("email",), False, "/p?e=3", id="twice"),
        pytest.param("/p?q=a+b%20c", ("email",), False, "/p?q=a+b%20c", id="the rest keeps its spelling"),
        pytest.param("#/route?email=a&x=1", ("email",), True, "#/route?x=1", id="inside a kept fragment"),
        pytest.param("http://[", ("email",), False, "http://[", id="no address at all"),
    ],
)
def test_cuts_what_must_not_be_stored(
    address: str, excluded: tuple[str, ...], *, keep_fragment: bool, expected: str
) -> None:
    assert clean_address(address, excluded, keep_fragment=keep_fragment) == expected


@given(st.text(), st.text(min_size=1), st.booleans())
def test_cleaning_twice_changes_nothing(address: str, excluded: str, keep_fragment: bool) -> None:
    once = clean_address(address, (excluded,), keep_fragment=keep_fragment)
    assert clean_address(once, (excluded,), keep_fragment=keep_fragment) == once


def test_every_address_of_an_event_is_cleaned() -> None:
    dirty = "https://a.example/?email=a@b.example&x=1#top"
    event = WireEvent(
        properties={"url": dirty, "referrer": dirty, "search": "?email=a@b.example", "title": dirty},
        context={"page": {"url": dirty, "referrer": dirty, "search": "?x=1&email=a"}, "referrer": {"url": dirty}},
    )
    clean_addresses(event, WriteKey("demo", "demo-key", "Demo", excluded_query_parameters=("email",)))
    clean = "https://a.example/?x=1"
    assert event.properties == {"url": clean, "referrer": clean, "search": "", "title": dirty}
    assert event.context == {"page": {"url": clean, "referrer": clean, "search": "?x=1"}, "referrer": {"url": clean}}


def test_the_words_of_a_site_search_are_no_address() -> None:
    event = WireEvent(properties={"search": "c# course"})
    clean_addresses(event, WriteKey("demo", "demo-key", "Demo"))
    assert event.properties == {"search": "c# course"}


@pytest.mark.parametrize(
    ("address", "domains", "expected"),
    [
        pytest.param("https://shop.example/p", ("shop.example",), True, id="the domain"),
        pytest.param("https://www.shop.example:8443/p", ("shop.example",), True, id="a subdomain, another port"),
        pytest.param("https://WWW.Shop.Example./p", ("*.shop.EXAMPLE",), True, id="other spellings"),
        pytest.param("https://bücher.example/p", ("xn--bcher-kva.example",), True, id="umlaut in the address"),
        pytest.param("https://xn--bcher-kva.example/p", ("bücher.example",), True, id="umlaut in the domain"),
        pytest.param("https://myshop.example/p", ("shop.example",), False, id="only ends like it"),
        pytest.param("https://shop.example.evil.example/", ("shop.example",), False, id="only begins like it"),
        pytest.param("https://shop.example@evil.example/", ("shop.example",), False, id="as user name"),
        pytest.param("/p", ("shop.example",), False, id="no host"),
        pytest.param("http://[", ("shop.example",), False, id="no address"),
        pytest.param("https://evil.example/", ("",), False, id="an empty domain allows nothing"),
    ],
)
def test_knows_the_pages_of_a_domain(address: str, domains: tuple[str, ...], *, expected: bool) -> None:
    assert is_within(address, domains) is expected


@given(st.text())
def test_any_text_can_be_asked_for_its_domain(address: str) -> None:
    assert not is_within(address, ())


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(WireEvent(context={"page": {"url": "a"}}, properties={"url": "b"}), "a", id="the context first"),
        pytest.param(WireEvent(type="page", properties={"url": "b"}), "b", id="a page's own url"),
        pytest.param(WireEvent(type="track", properties={"url": "b"}), None, id="the url of something else"),
        pytest.param(WireEvent(context={"page": "a"}), None, id="a page that is no object"),
        pytest.param(WireEvent(type="page", properties={"url": 5}), None, id="a number"),
    ],
)
def test_finds_the_address_of_the_page(event: WireEvent, expected: str | None) -> None:
    assert page_address(event) == expected
