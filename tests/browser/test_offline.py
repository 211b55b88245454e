"""Without a network the tag keeps what happens, over a reload too; with it back, each call arrives once."""

from playwright.async_api import BrowserContext, Page

from tests.browser.cable import Cable
from tests.browser.calls import Calls
from tests.browser.site import Site

QUEUED = "Object.keys(localStorage).filter((key) => key.startsWith('_journey_queue')).length"


async def test_calls_of_an_offline_minute_arrive_once_each_in_their_order(
    context: BrowserContext, page: Page, site: Site, calls: Calls
) -> None:
    await page.goto(f"{site.url}/a")
    await calls.expect(["page_viewed /a"])
    await context.set_offline(offline=True)
    await page.evaluate("for (const step of [1, 2, 3]) journey('track', `Step ${step}`)")
    await page.wait_for_timeout(1500)  # the first attempt fails, and perhaps the second
    await page.evaluate("history.pushState({}, '', '/b?q=lamp')")
    await page.wait_for_timeout(300)
    assert [str(call) for call in await calls.stored()] == ["page_viewed /a"]
    assert await page.evaluate(QUEUED) == 1
    await context.set_offline(offline=False)
    seen = await calls.expect(
        expected=[
            "page_viewed /a",
            "step_1 /a",
            "step_2 /a",
            "step_3 /a",
            "page_viewed /b?q=lamp",
            "search_performed /b?q=lamp",
        ]
    )
    assert len({call.session["id"] for call in seen}) == 1
    assert await page.evaluate(QUEUED) == 0


async def test_calls_survive_a_reload_without_a_network(
    context: BrowserContext, page: Page, site: Site, calls: Calls
) -> None:
    # The browser's own way to be offline lets what a page sends while it is left through: here a real cable is cut.
    async with Cable(calls.server.url) as cable:
        site.gateway = cable.url
        tag = (await calls.server.client.get("/tag.js")).text
        await context.route("**/tag.js", lambda route: route.fulfill(body=tag, content_type="text/javascript"))
        await page.goto(f"{site.url}/a")
        await calls.expect(["page_viewed /a"])
        await cable.cut()
        await page.evaluate("journey('track', 'Before')")
        await page.wait_for_timeout(300)
        await page.reload()
        await page.wait_for_timeout(300)
        await page.evaluate("journey('track', 'After')")
        await page.wait_for_timeout(300)
        assert [str(call) for call in await calls.stored()] == ["page_viewed /a"]
        await cable.mend()
        await page.evaluate("window.dispatchEvent(new Event('online'))")
        await calls.expect(["page_viewed /a", "before /a", "page_viewed /a", "after /a"])
        assert await page.evaluate(QUEUED) == 0
