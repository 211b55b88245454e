import time
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page

from tests.browser.calls import Calls
from tests.browser.site import Site
from tests.running_server import until

WITHOUT_NAVIGATION_API = "Object.defineProperty(window, 'navigation', { value: undefined });"
SESSION_OF_PAGE = """{
  sessions(first: 20) { nodes {
    presence pageviewCount eventCount customerIdType lastPage { url title } browser { family lang }
    device { category osFamily } mktCampaign { source medium name } contact { type }
  } }
}"""


async def test_a_page_that_was_opened_is_a_session_in_graphql_within_a_second(
    page: Page, site: Site, calls: Calls
) -> None:
    async def session() -> Mapping[str, Any] | None:
        sessions = (await calls.server.query(SESSION_OF_PAGE))["sessions"]["nodes"]
        return next((found for found in sessions if found["lastPage"]["url"].startswith(site.url)), None)

    begun = time.monotonic()
    await page.goto(f"{site.url}/a?utm_source=letter&utm_medium=email&utm_campaign=spring")
    found = await until(session)
    milliseconds = round((time.monotonic() - begun) * 1000)
    print(f"\npage -> GraphQL session: {milliseconds} ms after the address was entered")  # noqa: T201 - the figure shown

    assert found == {
        "presence": "LIVE",
        "pageviewCount": 1,
        "eventCount": 1,
        "customerIdType": "cookie",
        "lastPage": {"url": f"{site.url}/a?utm_source=letter&utm_medium=email&utm_campaign=spring", "title": "Page /a"},
        "browser": {"family": "Chrome", "lang": "de-CH"},
        "device": {"category": "desktop", "osFamily": "Linux"},
        "mktCampaign": {"source": "letter", "medium": "email", "name": "spring"},
        "contact": {"type": "EPHEMERAL"},
    }


@pytest.mark.parametrize(
    "script",
    [pytest.param("", id="navigation API"), pytest.param(WITHOUT_NAVIGATION_API, id="wrapped history")],
)
async def test_each_view_of_an_application_is_a_page_view_and_nothing_else_is(
    page: Page, site: Site, calls: Calls, script: str
) -> None:
    await page.add_init_script(script)
    await page.goto(f"{site.url}/a")
    await calls.expect(["page_viewed /a"])
    await page.evaluate("history.pushState({}, '', '/b'); setTimeout(() => { document.title = 'B'; }, 0)")
    await calls.expect(["page_viewed /a", "page_viewed /b"])
    await page.evaluate("history.replaceState({ scroll: 1 }, '', '/b'); location.hash = 'part'")
    await page.evaluate("history.pushState({}, '', '/c')")
    await calls.expect(["page_viewed /a", "page_viewed /b", "page_viewed /c"])
    await page.evaluate("history.go(-3)")
    seen = await calls.expect(
        expected=["page_viewed /a", "page_viewed /b", "page_viewed /c", "page_viewed /a"],
        refuted=["page_viewed /b#part", "search_performed"],
    )
    assert [call.event["page"]["title"] for call in seen] == ["Page /a", "B", "B", "B"]
    assert [call.event["referrerUrl"] for call in seen[1:]] == [f"{site.url}/{view}" for view in "abc"]
    assert len({call.session["id"] for call in seen}) == 1


async def test_a_page_that_returns_from_the_back_forward_cache_is_viewed_again(
    page: Page, site: Site, calls: Calls
) -> None:
    await page.goto(f"{site.url}/a?q=tea")
    await calls.expect(["page_viewed /a?q=tea", "search_performed /a?q=tea"])
    await page.evaluate("window.mark = 'the same document'")
    await page.click("#next")
    await calls.expect(["page_viewed /a?q=tea", "search_performed /a?q=tea", "page_viewed /next"])
    await page.evaluate("history.back()")
    seen = await calls.expect(
        ["page_viewed /a?q=tea", "search_performed /a?q=tea", "page_viewed /next", "page_viewed /a?q=tea"]
    )
    assert await page.evaluate("window.mark") == "the same document"
    assert len({call.session["id"] for call in seen}) == 1


async def test_calls_made_before_the_tag_has_loaded_come_after_the_view_of_their_page(
    page: Page, site: Site, calls: Calls
) -> None:
    site.early_calls = "journey('track', 'Video Started', { seconds: 5 }); journey('page', 'Second');"
    await page.goto(f"{site.url}/a")
    seen = await calls.expect(["page_viewed /a", "video_started /a", "page_viewed /a"])
    assert seen[1].event["attributes"]["seconds"] == 5


@pytest.mark.parametrize(
    ("auto", "expected"),
    [
        pytest.param("all", ["page_viewed /a", "page_viewed /b"], id="all: every view"),
        pytest.param("once", ["page_viewed /a"], id="once: the first view"),
        pytest.param("off", [], id="off: none"),
    ],
)
async def test_a_site_chooses_which_views_are_sent_by_themselves(
    page: Page, site: Site, calls: Calls, auto: str, expected: list[str]
) -> None:
    site.attributes = f'data-auto="{auto}"'
    await page.goto(f"{site.url}/a")
    await page.wait_for_function("window.journey.version")
    await page.wait_for_timeout(200)
    await page.evaluate("history.pushState({}, '', '/b')")
    await page.wait_for_timeout(200)
    await page.evaluate("journey('track', 'Done')")
    await calls.expect([*expected, "done /b"])


async def test_a_call_at_the_last_moment_of_a_page_arrives(page: Page, site: Site, calls: Calls) -> None:
    await page.goto(f"{site.url}/a")
    await calls.expect(["page_viewed /a"])
    await page.evaluate("journey('track', 'Left'); location.href = '/next'")
    await calls.expect(["page_viewed /a", "left /a", "page_viewed /next"])


async def test_two_tabs_are_one_visitor(context: BrowserContext, site: Site, calls: Calls) -> None:
    for path in ("/a", "/b"):
        await (await context.new_page()).goto(site.url + path)
        await calls.expect(["page_viewed /a", "page_viewed /b"][: 1 if path == "/a" else 2])
    assert len({call.session["id"] for call in await calls.stored()}) == 1
