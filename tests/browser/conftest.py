"""A real Chromium, a real server, and a site of the test's own on another origin."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright

from tests.browser.calls import Calls, Sent
from tests.browser.site import Site, running_site
from tests.running_server import RunningServer, running_server

EXAMPLES = Path(__file__).parents[2] / "examples"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36"
CHROMIUM_ARGUMENTS = (
    # Headless Chromium names itself so, and counts as a robot. Playwright's own way to say another name ends to work
    # in a document that is being left, where the tag still sends.
    f"--user-agent={USER_AGENT}",
    "--no-sandbox",  # containers lack the privileges for it
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--enable-features=BackForwardCache",
    "--disable-features=LocalNetworkAccessChecks",  # a page that a test answers itself counts as one of the internet
)


@pytest.fixture(scope="session")
async def server(mongodb_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    """A server with the demonstration, for all browser tests."""
    settings = {
        "JOURNEY_MONGODB_URL": mongodb_url,
        "JOURNEY_DATABASE": f"test_{uuid4().hex}",
        "JOURNEY_DEMO_DIR": EXAMPLES,
    }
    async with running_server(tmp_path_factory.mktemp("browser"), settings) as server:
        yield server


@pytest.fixture(scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> str:
    """The program: one that is installed, else Playwright's own."""
    installed = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    program = installed or playwright.chromium.executable_path
    if not Path(program).exists():
        pytest.fail("The browser tests need Chromium and found none: run `make chromium`, which finds or installs one.")
    return program


@pytest.fixture(scope="session")
async def browser(playwright: Playwright, chromium: str) -> AsyncIterator[Browser]:
    browser = await playwright.chromium.launch(
        executable_path=chromium,
        args=CHROMIUM_ARGUMENTS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield browser
    await browser.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """The browser of a new visitor; no exception may reach a page that it shows."""
    context = await browser.new_context(locale="de-CH")
    exceptions: list[str] = []
    context.on("weberror", lambda error: exceptions.append(f"{error.page and error.page.url}: {error.error}"))
    yield context
    await context.close()
    assert exceptions == []


@pytest.fixture
def console(context: BrowserContext) -> list[str]:
    """The errors and warnings that the browser's console shows during the test."""
    messages: list[str] = []

    def note(message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind in ("error", "warning"):
            messages.append(text)

    context.on("console", note)
    return messages


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    return await context.new_page()


@pytest.fixture
def site(server: RunningServer) -> Iterator[Site]:
    with running_site(server.url) as site:
        yield site


@pytest.fixture
def sent(context: BrowserContext) -> Sent:
    sent = Sent()
    sent.record(context)
    return sent


@pytest.fixture
def calls(server: RunningServer, site: Site, sent: Sent) -> Calls:
    return Calls(server, site, sent)
