from playwright.async_api import BrowserContext, Page

from tests.browser.calls import Calls
from tests.browser.site import Site


async def test_identify_names_the_visitor_on_this_page_and_the_next(page: Page, site: Site, calls: Calls) -> None:
    await page.goto(f"{site.url}/a")
    await page.wait_for_timeout(200)
    await page.evaluate("journey('identify', 'customer-7', { email: 'ada@shop.example', firstName: 'Ada' })")
    await page.wait_for_timeout(200)
    await page.goto(f"{site.url}/b")
    seen = await calls.expect(
        expected=["page_viewed /a", "user_identified /a", "page_viewed /b"],
        refuted=["user_identified /b"],
    )
    session = seen[0].session
    assert session["contact"]["type"] == "IDENTIFIED"
    assert session["contact"]["displayName"] == "Ada"
    named = {found["type"]: found["value"] for found in session["contact"]["identifiers"]}
    assert named["EMAIL"] == "ada@shop.example"
    assert named["EXTERNAL_ID"] == "customer-7"
    assert len({call.session["id"] for call in seen}) == 1


async def test_reset_makes_a_new_visitor_whom_nobody_knows(page: Page, site: Site, calls: Calls) -> None:
    await page.goto(f"{site.url}/a")
    await page.wait_for_timeout(200)
    await page.evaluate("journey('identify', 'customer-7')")
    await page.wait_for_timeout(200)
    await page.evaluate("journey('reset'); journey('track', 'Afterwards')")
    await page.wait_for_timeout(200)
    await page.goto(f"{site.url}/b")
    seen = await calls.expect(
        expected=["page_viewed /a", "user_identified /a", "afterwards /a", "page_viewed /b"], refuted=["reset"]
    )
    visitors = [call.session["customerId"] for call in seen]
    assert visitors[0] == visitors[1] != visitors[2] == visitors[3]
    assert seen[2].session["contact"]["id"] != seen[0].session["contact"]["id"]


async def test_cookie_and_local_storage_restore_one_another(
    context: BrowserContext, page: Page, site: Site, calls: Calls
) -> None:
    await page.goto(f"{site.url}/a")
    await calls.expect(["page_viewed /a"])
    await page.evaluate("localStorage.clear()")
    await page.goto(f"{site.url}/b")
    await calls.expect(["page_viewed /a", "page_viewed /b"])
    await context.clear_cookies()
    await page.goto(f"{site.url}/c")
    seen = await calls.expect(["page_viewed /a", "page_viewed /b", "page_viewed /c"])
    assert len({call.session["customerId"] for call in seen}) == 1
    assert [cookie.get("name") for cookie in await context.cookies(site.url)] == ["_journey_id"]
