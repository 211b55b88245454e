"""The tag works, or at least harms nobody, where a page or a browser forbids what it would like to use."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Page, Playwright, Route

from tests.browser.calls import Calls, Sent
from tests.browser.conftest import CHROMIUM_ARGUMENTS
from tests.browser.site import Site
from tests.running_server import WRITE_KEY, RunningServer

STRICT_POLICY = "script-src 'self'; connect-src 'self'"
FULL_STORAGE = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
STORAGE_ERROR = "(() => { try { return localStorage.length; } catch (error) { return error.name; } })()"
FORBIDDEN_STORAGE = """
Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } });
Object.defineProperty(document, "cookie", { get() { throw new Error("no"); }, set() { throw new Error("no"); } });
"""


async def test_the_console_stays_clean_under_a_strict_content_security_policy(
    page: Page, server: RunningServer, sent: Sent, console: list[str]
) -> None:
    site = Site(f"{server.url}/of-a-strict-site", gateway="")
    calls = Calls(server, site, sent)
    document = f"""<!doctype html><html lang="en"><head><title>Strict</title><link rel="icon" href="data:,">
        <script async src="/tag.js" data-write-key="{WRITE_KEY}"></script></head><body><h1>Strict</h1></body></html>"""

    async def answer(route: Route) -> None:
        headers = {"Content-Security-Policy": STRICT_POLICY, "Content-Type": "text/html"}
        await route.fulfill(body=document, headers=headers)

    await page.route(f"{site.url}/**", answer)
    await page.goto(f"{site.url}/a?q=tea")
    await page.wait_for_function("window.journey?.version")
    await page.evaluate("journey('track', 'Done')")
    await calls.expect(["page_viewed /a?q=tea", "search_performed /a?q=tea", "done /a?q=tea"])
    assert console == []


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(FULL_STORAGE, id="local storage that is full"),
        pytest.param(FORBIDDEN_STORAGE, id="storage and cookies that throw"),
    ],
)
async def test_a_page_whose_storage_is_of_no_use_is_recorded_from_memory(
    page: Page, site: Site, calls: Calls, console: list[str], script: str
) -> None:
    await page.add_init_script(script)
    await page.goto(f"{site.url}/a")
    await page.wait_for_function("window.journey.version")
    await page.evaluate("journey('identify', 'customer-7'); journey('track', 'Done')")
    seen = await calls.expect(["page_viewed /a", "user_identified /a", "done /a"])
    assert len({call.session["customerId"] for call in seen}) == 1
    assert console == []


async def test_a_browser_that_blocks_cookies_sees_no_error(
    playwright: Playwright, chromium: str, tmp_path: Path, server: RunningServer, site: Site
) -> None:
    preferences = tmp_path / "Default" / "Preferences"
    preferences.parent.mkdir()
    preferences.write_text(json.dumps({"profile": {"default_content_setting_values": {"cookies": 2}}}))
    errors: list[str] = []
    context = await playwright.chromium.launch_persistent_context(
        tmp_path, executable_path=chromium, args=CHROMIUM_ARGUMENTS
    )
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.on("console", lambda message: errors.append(message.text))
    sent = Sent()
    sent.record(context)
    page = await context.new_page()
    await page.goto(f"{site.url}/a")
    assert await page.evaluate(STORAGE_ERROR) == "SecurityError"
    await Calls(server, site, sent).expect(["page_viewed /a"])
    await context.close()
    assert errors == []


async def test_nothing_that_a_site_passes_makes_the_tag_throw(
    page: Page, site: Site, calls: Calls, console: list[str]
) -> None:
    await page.goto(f"{site.url}/a")
    await page.wait_for_function("window.journey.version")
    await page.evaluate("""
        const circular = {}; circular.self = circular;
        journey(); journey("nope"); journey("constructor"); journey("__proto__"); journey("track"); journey("identify");
        journey("track", "Circular", circular); journey("track", "Big", 10n); journey("consent", "perhaps");
        journey("track", Symbol("s")); journey.q.push(null); journey.q.push(["track", "Pushed"]);
        journey("page", "Named", { kind: "guide" });
        journey("track", "Last", { when: new Date(0), nothing: undefined });
    """)
    seen = await calls.expect(["page_viewed /a", "pushed /a", "page_viewed /a", "last /a"])
    assert seen[3].event["attributes"]["when"] == "1970-01-01T00:00:00.000Z"
    assert "nothing" not in seen[3].event["attributes"]
    assert console == []


async def test_a_tag_that_is_loaded_twice_counts_once(page: Page, site: Site, calls: Calls) -> None:
    await page.goto(f"{site.url}/a")
    await page.evaluate(
        """([src, key]) => new Promise((loaded) => {
            const script = document.createElement("script");
            Object.assign(script, { src, onload: loaded });
            script.dataset.writeKey = key;
            document.head.append(script);
        })""",
        [f"{calls.server.url}/tag.js", WRITE_KEY],
    )
    await calls.expect(["page_viewed /a"])


async def test_a_robot_is_not_recorded_and_sees_no_error(
    page: Page, site: Site, calls: Calls, console: list[str]
) -> None:
    robot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    await page.add_init_script(f"Object.defineProperty(navigator, 'userAgent', {{ value: {json.dumps(robot)} }})")
    await page.set_extra_http_headers({"User-Agent": robot})
    await page.goto(f"{site.url}/a")
    await page.wait_for_timeout(700)
    assert calls.sent.requests.count("POST /v1/batch") == 1
    assert await calls.stored() == []
    assert console == []
