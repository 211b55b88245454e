from playwright.async_api import Page

from tests.browser.calls import Calls
from tests.browser.site import Site


async def test_a_search_is_read_from_the_address_of_a_page(page: Page, site: Site, calls: Calls) -> None:
    await page.goto(f"{site.url}/results?page=2&q=%20walnut+stool%20")
    seen = await calls.expect(
        ["page_viewed /results?page=2&q=%20walnut+stool%20", "search_performed /results?page=2&q=%20walnut+stool%20"]
    )
    assert seen[1].event["searchQuery"] == "walnut stool"


async def test_an_application_searches_without_a_new_document(page: Page, site: Site, calls: Calls) -> None:
    await page.goto(f"{site.url}/results")
    await page.wait_for_timeout(200)
    for query in ("?q=lamp", "?q=lamp&page=2", "?q=", "?q=lamp", "?color=red"):
        await page.evaluate("query => history.pushState({}, '', query)", query)
        await page.wait_for_timeout(200)
    await calls.expect(
        expected=[
            "page_viewed /results",
            "page_viewed /results?q=lamp",
            "search_performed /results?q=lamp",
            "page_viewed /results?q=lamp&page=2",  # turning the page is no new search
            "page_viewed /results?q=",
            "page_viewed /results?q=lamp",
            "search_performed /results?q=lamp",
            "page_viewed /results?color=red",
        ],
        refuted=["search_performed /results?q=lamp&page=2", "search_performed /results?color"],
    )
