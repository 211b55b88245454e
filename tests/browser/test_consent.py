"""Who has not agreed leaves no trace: nothing stored in the browser, nothing asked of the server."""

from collections.abc import Sequence

import pytest
from playwright.async_api import BrowserContext, Page

from tests.browser.calls import Calls
from tests.browser.site import Site

PRIVACY_SIGNAL = "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true });"


async def stored_in_browser(context: BrowserContext, page: Page) -> list[str]:
    """Return the names of what the browser keeps for the page: cookies, local and session storage."""
    kept: list[str] = await page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    return kept + [cookie.get("name", "") for cookie in await context.cookies()]


async def track_and_leave(page: Page, site: Site) -> None:
    await page.wait_for_function("window.journey.version")
    await page.evaluate("journey('track', 'Seen'); history.pushState({}, '', '/b?q=lamp')")
    await page.wait_for_timeout(200)
    await page.goto(f"{site.url}/c")


@pytest.mark.parametrize(
    ("signal", "attributes", "early_calls"),
    [
        pytest.param("", "", "journey('consent', 'denied');", id="denied"),
        pytest.param(PRIVACY_SIGNAL, "", "", id="Global Privacy Control"),
        pytest.param("", 'data-consent="required"', "", id="required and not given"),
        pytest.param("", 'data-consent="required"', "journey('consent', 'denied');", id="required and denied"),
        pytest.param(
            PRIVACY_SIGNAL, 'data-consent="required"', "", id="required and not given, with Global Privacy Control"
        ),
    ],
)
async def test_without_consent_nothing_is_stored_and_nothing_is_sent(
    context: BrowserContext, page: Page, site: Site, calls: Calls, signal: str, attributes: str, early_calls: str
) -> None:
    site.attributes, site.early_calls = attributes, early_calls
    await page.add_init_script(signal)
    await page.goto(f"{site.url}/a")
    await track_and_leave(page, site)
    await calls.expect_silence()
    assert await stored_in_browser(context, page) == []


async def test_calls_wait_for_the_consent_that_a_site_requires(
    context: BrowserContext, page: Page, site: Site, calls: Calls
) -> None:
    site.attributes = 'data-consent="required"'
    await page.goto(f"{site.url}/a")
    await page.wait_for_function("window.journey.version")
    await page.evaluate("journey('track', 'Waiting')")
    await calls.expect_silence()
    assert await stored_in_browser(context, page) == []
    await page.evaluate("journey('consent', 'granted')")
    await calls.expect(["page_viewed /a", "waiting /a"])


async def test_consent_for_this_site_outweighs_the_general_signal(page: Page, site: Site, calls: Calls) -> None:
    site.early_calls = "journey('track', 'Early'); journey('consent', 'granted');"
    await page.add_init_script(PRIVACY_SIGNAL)
    await page.goto(f"{site.url}/a")
    await calls.expect(["page_viewed /a", "early /a"])


@pytest.mark.parametrize(
    ("afterwards", "expected"),
    [
        pytest.param("", [], id="for good"),
        pytest.param("journey('consent', 'granted'); journey('track', 'Back');", ["back /a"], id="until given again"),
    ],
)
async def test_consent_that_is_withdrawn_erases_what_was_stored(
    context: BrowserContext, page: Page, site: Site, calls: Calls, afterwards: str, expected: Sequence[str]
) -> None:
    await page.goto(f"{site.url}/a")
    await calls.expect(["page_viewed /a"])
    assert await stored_in_browser(context, page)
    await page.evaluate("journey('consent', 'denied'); journey('track', 'Hidden')")
    await calls.expect(["page_viewed /a"])
    assert await stored_in_browser(context, page) == []
    await page.evaluate(afterwards)
    seen = await calls.expect(["page_viewed /a", *expected], refuted=["hidden"])
    assert len({call.session["customerId"] for call in seen}) == 1 + len(expected)
