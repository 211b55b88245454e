"""The demonstration as `make up` serves it: who looks around in the shop is seen in the live list."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from gateway.journey.presence import AWAY_AFTER, IDLE_AFTER
from tests.running_server import RunningServer

PATIENCE_MILLISECONDS = 20_000
PAGES = (
    *("/demo/", "/demo/search.html?q=lamp", "/demo/product.html?id=reading-lamp", "/demo/cart.html"),
    *("/demo/order.html", "/demo/account.html", "/live/", "/graphiql"),
)


@pytest.fixture
async def live_list(context: BrowserContext, server: RunningServer) -> Page:
    live_list = await context.new_page()
    live_list.set_default_timeout(PATIENCE_MILLISECONDS)
    await live_list.goto(f"{server.url}/live/")
    await expect(live_list.locator("#connection")).to_have_text("Connected")
    return live_list


def row_of(live_list: Page, text: str) -> Locator:
    return live_list.locator("#rows > tr", has_text=text)


def cell(row: Locator, name: str) -> Locator:
    return row.locator(f"[data-cell={name}]")


async def test_a_visitor_of_the_shop_is_seen_at_once(page: Page, server: RunningServer, live_list: Page) -> None:
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    name = f"Ada {uuid4().hex[:8]}"
    await page.goto(f"{server.url}/demo/account.html")
    await page.get_by_label("First name").fill(name)
    await page.get_by_label("E-mail address").fill(f"{uuid4().hex}@shop.example")
    await page.get_by_role("button", name="Sign in").click()

    row = row_of(live_list, name)
    await expect(cell(row, "status")).to_have_text("Live")
    await expect(cell(row, "page")).to_contain_text("Account · Hazel & Harbour")
    await expect(cell(row, "event")).to_contain_text("User identified")

    await page.get_by_label("Search the shop").fill("lamp")
    await page.get_by_role("button", name="Search").click()
    await expect(cell(row, "searches")).to_have_text("lamp")
    await expect(cell(row, "page")).to_contain_text("Search: lamp")
    await expect(cell(row, "pages")).to_have_text("2")

    await page.get_by_role("link", name="Reading lamp").first.click()
    await page.get_by_role("button", name="Add to cart").click()
    await expect(cell(row, "event")).to_contain_text("Product added")
    await page.get_by_role("link", name="Go to the cart").click()
    await page.get_by_role("button", name="Place order").click()
    await expect(cell(row, "event")).to_contain_text("Order completed")

    await row.get_by_role("button", name=name).click()
    panel = live_list.locator("#panel")
    await expect(panel.get_by_role("heading", name=name)).to_be_focused()
    await expect(panel.locator("#panel-events > li")).to_have_count(9)
    await expect(panel.locator("#panel-events")).to_contain_text("“lamp”")
    await live_list.keyboard.press("Escape")
    await expect(panel).to_be_hidden()


async def test_a_visitor_who_falls_silent_is_away_and_then_inactive(server: RunningServer, live_list: Page) -> None:
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    soon_away, soon_inactive = (f"visitor-{uuid4().hex}" for _ in range(2))
    soon = timedelta(seconds=6)
    await server.send(
        view_of(soon_away, "Soon away", AWAY_AFTER - soon), view_of(soon_inactive, "Soon inactive", IDLE_AFTER - soon)
    )
    first, second = row_of(live_list, "Soon away"), row_of(live_list, "Soon inactive")
    await expect(cell(first, "status")).to_have_text("Live")
    await expect(cell(second, "status")).to_have_text("Away")
    await expect(cell(first, "status")).to_have_text("Away")
    await expect(second).to_have_attribute("data-presence", "INACTIVE")
    await server.send(view_of(soon_inactive, "Back again", timedelta(0)))
    await expect(cell(row_of(live_list, "Back again"), "status")).to_have_text("Live")


def view_of(visitor: str, title: str, ago: timedelta) -> Mapping[str, object]:
    now = datetime.now(UTC)
    page = {"url": "https://shop.example/a", "title": title}
    return {
        "type": "page",
        "anonymousId": visitor,
        "messageId": uuid4().hex,
        "timestamp": (now - ago).isoformat(),
        "sentAt": now.isoformat(),
        "context": {"page": page},
    }


async def test_graphiql_opens_with_the_token_and_runs_its_first_query(
    page: Page, server: RunningServer, console: list[str]
) -> None:
    await server.send(view_of(uuid4().hex, "Somewhere", timedelta(0)))
    await page.goto(f"{server.url}/graphiql")
    await expect(page.locator(".graphiql-editor-tool")).to_contain_text("Bearer jg_of-the-tests")
    await page.get_by_role("button", name="Execute query").click()
    await expect(page.locator(".result-window")).to_contain_text('"shortId"')
    await expect(page.locator(".result-window")).not_to_contain_text('"errors"')
    assert console == []


@pytest.mark.parametrize("path", PAGES)
async def test_each_page_of_the_demonstration_can_be_used_by_everyone(
    page: Page, server: RunningServer, console: list[str], path: str
) -> None:
    """A smoke test: language, one heading of the first rank, titles, names of fields, buttons and pictures."""
    await page.goto(server.url + path)
    await page.wait_for_load_state("networkidle")
    assert await page.get_attribute("html", "lang") == "en"
    assert await page.title()
    if path != "/graphiql":  # its page is the work of others; ours is the frame around it
        assert await page.get_by_role("heading", level=1).count() == 1
        assert await page.evaluate(NAMELESS) == []
        assert await page.locator("main").count() == 1
    assert console == []


NAMELESS = """
[...document.querySelectorAll("input, select, textarea, button, a, img")].filter((element) => {
  if (element.matches("img")) return !element.hasAttribute("alt");
  const labels = [...(element.labels ?? []), ...(element.matches("button, a") ? [element] : [])];
  return !element.getAttribute("aria-label") && !labels.some((label) => label.textContent.trim());
}).map((element) => element.outerHTML)
"""
