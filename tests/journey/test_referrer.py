"""Referrers and what kind of place they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.referrer import read_referrer, source_of

PAGE = "https://www.shop.example.co.uk/shoes"


@pytest.mark.parametrize(
    ("url", "medium", "name", "keywords"),
    [
        pytest.param("https://shop.example.co.uk/", "internal", None, None, id="own host without www"),
        pytest.param("https://help.example.co.uk/a?q=b", "internal", None, None, id="sister host"),
        pytest.param("https://example.co.uk:8443/", "internal", None, None, id="parent host"),
        pytest.param("https://other.co.uk/", "unknown", None, None, id="only the ending is shared"),
        pytest.param("https://www.google.com/", "search", "Google", None, id="Google without keywords"),
        pytest.param("https://www.google.com.br/search?q=red+shoes", "search", "Google", "red shoes", id="Google"),
        pytest.param("https://google.evil.test/?q=a", "unknown", None, None, id="Google's name below another"),
        pytest.param("https://docs.google.com/document/d/1", "unknown", "Google services", None, id="Google Docs"),
        pytest.param("https://www.bing.com/search?q=boots", "search", "Bing", "boots", id="Bing"),
        pytest.param("https://duckduckgo.com/", "search", "DuckDuckGo", None, id="DuckDuckGo"),
        pytest.param("https://uk.search.yahoo.com/search?p=boots", "search", "Yahoo!", "boots", id="Yahoo!"),
        pytest.param("https://yandex.com.tr/search/?text=bot", "search", "Yandex", "bot", id="Yandex"),
        pytest.param("http://www.baidu.com/s?wd=xie", "search", "Baidu", "xie", id="Baidu"),
        pytest.param("https://www.ecosia.org/search?q=a", "search", "Ecosia", "a", id="Ecosia"),
        pytest.param("https://www.qwant.com/?q=a", "search", "Qwant", "a", id="Qwant"),
        pytest.param("https://www.startpage.com/", "search", "Startpage", None, id="Startpage"),
        pytest.param("https://search.brave.com/search?q=a", "search", "Brave", "a", id="Brave"),
        pytest.param(
            "android-app://com.google.android.googlequicksearchbox/", "search", "Google", None, id="Google's app"
        ),
        pytest.param("https://l.facebook.com/l.php?u=x", "social", "Facebook", None, id="Facebook"),
        pytest.param("https://t.co/abc", "social", "X", None, id="short links of X"),
        pytest.param("https://www.linkedin.com/feed/", "social", "LinkedIn", None, id="LinkedIn"),
        pytest.param("https://mail.google.com/mail/u/0/", "email", "Gmail", None, id="Gmail"),
        pytest.param("https://mail.yahoo.co.jp/", "email", "Yahoo! Mail", None, id="Yahoo! Mail"),
        pytest.param("android-app://com.google.android.gm", "email", "Gmail", None, id="Gmail's app"),
        pytest.param("https://webmail.some-company.test/", "email", None, None, id="webmail of a company"),
        pytest.param("https://blog.other.test/post", "unknown", None, None, id="somebody's page"),
    ],
)
def test_a_referrer_is_of_this_kind(url: str, medium: str, name: str | None, keywords: str | None) -> None:
    referrer = read_referrer(url, PAGE) or {}
    assert (referrer["medium"], referrer.get("name"), referrer.get("keywords")) == (medium, name, keywords)


@pytest.mark.parametrize(
    ("url", "campaign", "medium"),
    [
        pytest.param("https://www.google.com/", {"network": "Google Ads"}, "paid", id="a paid search"),
        pytest.param("https://l.facebook.com/", {"network": "Facebook"}, "social", id="fbclid alone is not paid"),
        pytest.param("https://l.facebook.com/", {"medium": "paid_social"}, "paid", id="a paid post"),
        pytest.param("https://news.other.test/", {"medium": "email"}, "email", id="a newsletter's archive"),
        pytest.param("https://news.other.test/", {"source": "partner"}, "unknown", id="a campaign that proves nothing"),
        pytest.param("https://click.example.co.uk/", {"medium": "cpc"}, "paid", id="clicks counted on a sister host"),
        pytest.param("https://shop.example.co.uk/", {"medium": "banner"}, "internal", id="a banner within the site"),
        pytest.param("", {"medium": "email"}, "email", id="mail programs send no referrer"),
    ],
)
def test_the_campaign_has_its_say(url: str, campaign: dict[str, object], medium: str) -> None:
    assert (read_referrer(url, PAGE, campaign) or {})["medium"] == medium


def test_a_referrer_is_taken_apart() -> None:
    assert read_referrer("https://www.google.de/search?q=red#top", PAGE) == {
        "url": "https://www.google.de/search?q=red#top",
        "domain": "google.de",
        "hostname": "www.google.de",
        "pathname": "/search",
        "queryString": "q=red",
        "fragment": "top",
        "keywords": "red",
        "name": "Google",
        "medium": "search",
    }


@pytest.mark.parametrize("url", [None, "", "about:blank", "-", "/shoes"])
def test_without_a_host_or_a_telling_campaign_there_is_no_referrer(url: str | None) -> None:
    assert read_referrer(url, PAGE, {"source": "partner"}) is None


def test_the_campaign_alone_makes_a_referrer_without_url() -> None:
    assert read_referrer(None, PAGE, {"medium": "cpc"}) == {"medium": "paid"}


def test_without_a_page_no_referrer_is_internal() -> None:
    assert (read_referrer("https://shop.example/", None) or {})["medium"] == "unknown"


def test_a_host_longer_than_any_is_unknown() -> None:
    assert source_of("google." * 100 + "google.com").medium == "unknown"


@given(st.one_of(st.text(), st.text().map("https://{}".format)), st.one_of(st.none(), st.text()))
def test_whatever_the_urls_nothing_is_raised(url: str, page_url: str | None) -> None:
    read_referrer(url, page_url)
