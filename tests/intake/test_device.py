"""Browsers and devices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.device import declared_device, read_user_agent

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "family", "category", "system"),
    [
        pytest.param(
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/120.0.0.0 Safari/537.36",
            "Chrome",
            "desktop",
            "Windows",
            id="Chrome on Windows",
        ),
        pytest.param(
            "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0; Tablet PC 2.0)",
            "IE",
            "desktop",
            "Windows",
            id="Tablet PC is no tablet",
        ),
        pytest.param(
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0",
            "Firefox",
            "desktop",
            "Ubuntu",
            id="Firefox on Ubuntu",
        ),
        pytest.param(
            f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/120.0.0.0 Safari/537.36",
            "Chrome",
            "desktop",
            "Chrome OS",
            id="Chromebook",
        ),
        pytest.param(
            f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/120.0.0.0 Mobile Safari/537.36",
            "Chrome Mobile",
            "mobile",
            "Android",
            id="phone with Android",
        ),
        pytest.param(
            f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/120.0.0.0 Safari/537.36",
            "Chrome",
            "tablet",
            "Android",
            id="tablet with Android",
        ),
        pytest.param(
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) {WEBKIT} Version/17.1 Mobile/15E148 Safari/604.1",
            "Mobile Safari",
            "mobile",
            "iOS",
            id="iPhone",
        ),
        pytest.param(
            f"Mozilla/5.0 (iPad; CPU OS 17_1 like Mac OS X) {WEBKIT} Version/17.1 Mobile/15E148 Safari/604.1",
            "Mobile Safari",
            "tablet",
            "iOS",
            id="iPad",
        ),
        pytest.param(
            f"Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) {WEBKIT} SamsungBrowser/3.0 Chrome/76.0 TV Safari/537.36",
            "Samsung Internet",
            "other",
            "Tizen",
            id="television",
        ),
        pytest.param(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 6_0 like Mac OS X) AppleWebKit/536.26 (KHTML, like Gecko) Version/6.0 "
            "Mobile/10A5376e Safari/8536.25 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Googlebot",
            "other",
            "iOS",
            id="a robot that calls itself an iPhone",
        ),
        pytest.param("Dalvik/2.1.0 (Linux; U; Android 13; SM-G991B)", None, "mobile", "Android", id="an Android app"),
        pytest.param("segment-analytics-python/2.3.2", None, "other", None, id="a library of a back end"),
    ],
)
def test_a_user_agent_tells_browser_and_device(
    user_agent: str, family: str | None, category: str, system: str | None
) -> None:
    browser, device = read_user_agent(user_agent)
    assert device is not None
    assert device["category"] == category
    assert device["isMobile"] is (category in {"mobile", "tablet"})
    assert device.get("osFamily") == system
    assert family is None or (browser or {})["family"] == family


def test_versions_model_and_maker_are_told() -> None:
    browser, device = read_user_agent(
        f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/17.1 Safari/605.1.15"
    )
    assert browser == {"family": "Safari", "version": "17.1"}
    assert device == {
        "category": "desktop",
        "isMobile": False,
        "osFamily": "Mac OS X",
        "osVersion": "10.15.7",
        "manufacturer": "Apple",
        "type": "Mac",
    }


@pytest.mark.parametrize("user_agent", ["", "  ", "-"])
def test_who_says_nothing_is_nothing(user_agent: str) -> None:
    assert read_user_agent(user_agent) == (None, None)


@given(st.text(max_size=2000))
def test_whatever_the_user_agent_nothing_is_raised(user_agent: str) -> None:
    read_user_agent(user_agent)


@pytest.mark.parametrize(
    ("device", "system", "expected"),
    [
        pytest.param(
            {"type": "ios", "manufacturer": "Apple", "model": "iPhone15,2"},
            {"name": "iOS", "version": "17.1"},
            {
                "osFamily": "iOS",
                "osVersion": "17.1",
                "manufacturer": "Apple",
                "type": "iPhone15,2",
                "category": "mobile",
                "isMobile": True,
            },
            id="a phone",
        ),
        pytest.param(
            {"type": "ios", "model": "iPad13,1"},
            {},
            {"type": "iPad13,1", "category": "tablet", "isMobile": True},
            id="a tablet",
        ),
        pytest.param({"type": 7, "model": []}, {"name": None}, {}, id="nothing readable"),
    ],
)
def test_an_app_declares_its_device(
    device: dict[str, object], system: dict[str, object], expected: dict[str, object]
) -> None:
    assert declared_device(device, system) == expected
