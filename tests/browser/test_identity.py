from playwright.async_api import BrowserContext, Page, Route

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


async def test_what_vouches_for_an_identity_is_sent_with_its_call_and_never_stored(page: Page, site: Site) -> None:
    bodies: list[str] = []

    async def refuse(route: Route) -> None:
        bodies.append(route.request.post_data or "")
        await route.abort()

    site.early_calls = (
        "journey('identify', 'customer-7', { email: 'ada@shop.example' },"
        " { signatures: { userId: 'signed-by-the-site' }, token: 'a.b.c' });"
    )
    await page.route("**/v1/batch", refuse)
    await page.goto(f"{site.url}/a")
    await page.wait_for_timeout(500)
    assert any(
        '"verification":{"signatures":{"userId":"signed-by-the-site"},"token":"a.b.c"}' in body for body in bodies
    )
    stored = await page.evaluate("JSON.stringify(localStorage) + document.cookie")
    assert "ada@shop.example" in stored
    assert "signed-by-the-site" not in stored
    assert "a.b.c" not in stored
