"""The report of an outcome in a real browser, from a file as people open it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page

from gateway.cli.report_page.page import report_page
from gateway.prediction.report import ModelReport
from tests.cli.report_page.reports import EVIL, HOSTILE, NEW, REPORT, SHARED

WIDTHS = (400, 1200)


@pytest.fixture
async def narrow(context: BrowserContext) -> AsyncIterator[Page]:
    page = await context.new_page()
    await page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    yield page
    await page.close()


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(REPORT, id="of a learned model"),
        pytest.param(SHARED, id="of shares"),
        pytest.param(NEW, id="of nothing"),
        pytest.param(HOSTILE, id="of names that are markup"),
    ],
)
async def test_the_page_fits_and_the_browser_has_nothing_to_complain_of(
    narrow: Page, console: list[str], tmp_path: Path, report: ModelReport
) -> None:
    file = tmp_path / "report.html"
    file.write_text(report_page(report), encoding="utf-8")
    asked: list[str] = []
    narrow.on("request", lambda request: asked.append(request.url))
    for scheme in ("light", "dark"):
        for width in WIDTHS:
            await narrow.set_viewport_size({"width": width, "height": 800})
            await narrow.emulate_media(color_scheme=scheme)
            await narrow.goto(file.as_uri())
            assert await narrow.evaluate("document.documentElement.scrollWidth") == width
            assert await narrow.evaluate(UNREADABLE) == []
    for summary in await narrow.locator("summary").all():
        await summary.click()
    assert await narrow.get_by_role("heading", level=1).count() == 1
    assert await narrow.locator("script, img").count() == 0
    assert console == []
    assert all(url.startswith(("file:", "data:")) for url in asked)


async def test_markup_in_a_name_is_shown_as_it_is_written(narrow: Page, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report_page(HOSTILE), encoding="utf-8")
    await narrow.goto(file.as_uri())
    shown = await narrow.get_by_role("heading", level=1).text_content()
    assert shown == EVIL


UNREADABLE = """
(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const paint = (layers) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const layer of layers) { canvas.fillStyle = layer; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => rgb
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.unshift(getComputedStyle(at).backgroundColor);
    return ["Canvas", ...layers];
  };
  return [...document.querySelectorAll("h1, h2, h3, p, b, td, th, dt, dd, small, summary, code, span, text, li")]
    .filter((element) => element.textContent.trim() && element.checkVisibility())
    .filter((element) => {
      const style = getComputedStyle(element);
      const behind = ground(element);
      const ink = element.matches("text") ? style.fill : style.color;
      const [a, b] = [luminance(paint([...behind, ink])), luminance(paint(behind))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
    })
    .map((element) => element.textContent.slice(0, 60));
})()
"""
"""Texts whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3)."""
