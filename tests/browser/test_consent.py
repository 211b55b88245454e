"""Who has not agreed leaves no trace: nothing stored in the browser, nothing asked of the server."""

import asyncio
from collections.abc import Sequence

import pytest
from playwright.async_api import BrowserContext, Page, Response

from tests.browser.calls import Calls
from tests.browser.site import Site
from tests.running_server import until

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


async def test_what_a_browser_with_the_privacy_signal_sends_all_the_same_is_not_stored(
    context: BrowserContext, page: Page, site: Site, calls: Calls
) -> None:
    """The header alone: as of a browser whose pages are not told, or of another sender than our tag."""
    receipts: list[dict[str, str]] = []

    async def note(response: Response) -> None:
        if response.url.endswith("/v1/batch"):
            receipts.extend((await response.json())["receipts"])

    async def answered() -> bool:
        return len(receipts) == 2

    page.on("response", note)
    await context.set_extra_http_headers({"Sec-GPC": "1"})
    await page.goto(f"{site.url}/a")
    await page.wait_for_function("window.journey.version")
    await page.evaluate("journey('track', 'Seen')")
    await until(answered)
    assert {(receipt["status"], receipt["reason"]) for receipt in receipts} == {("rejected", "privacy_signal")}
    assert [name for name in await stored_in_browser(context, page) if "queue" in name] == []
    await asyncio.sleep(0.5)
    assert await calls.stored() == []


async def test_an_opt_in_is_told_with_every_call_so_that_the_collector_takes_them_despite_the_privacy_signal(
    context: BrowserContext, page: Page, site: Site, calls: Calls
) -> None:
    site.early_calls = "journey('consent', 'granted');"
    await context.set_extra_http_headers({"Sec-GPC": "1"})
    await page.add_init_script(PRIVACY_SIGNAL)
    await page.goto(f"{site.url}/a")
    await calls.expect(["page_viewed /a"])
    since = await page.evaluate("localStorage._journey_consent")
    await page.goto(f"{site.url}/b")
    first, second = await calls.expect(["page_viewed /a", "page_viewed /b"])
    assert await page.evaluate("localStorage._journey_consent") == since
    assert first.session["customerId"] == second.session["customerId"]


async def test_a_site_that_wants_nothing_stored_has_another_visitor_on_every_page(
    context: BrowserContext, page: Page, site: Site, calls: Calls
) -> None:
    site.attributes = 'data-storage="none"'
    await page.goto(f"{site.url}/a")
    await page.wait_for_function("window.journey.version")
    await page.evaluate("journey('identify', 'u-1'); journey('track', 'Seen'); history.pushState({}, '', '/b')")
    await calls.expect(["page_viewed /a", "user_identified /a", "seen /a", "page_viewed /b"])
    assert await stored_in_browser(context, page) == []
    await page.goto(f"{site.url}/c")
    *earlier, last = await calls.expect(
        ["page_viewed /a", "user_identified /a", "seen /a", "page_viewed /b", "page_viewed /c"]
    )
    assert len({call.session["customerId"] for call in earlier}) == 1
    assert last.session["customerId"] != earlier[0].session["customerId"]
    assert await stored_in_browser(context, page) == []
