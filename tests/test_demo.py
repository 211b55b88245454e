from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from gateway.demo import demo_routes

EXAMPLES = Path(__file__).parents[1] / "examples"


def client_of(directory: Path | None) -> httpx.AsyncClient:
    routes = demo_routes(directory, {"WRITE_KEY": "wk_1", "ADMIN_TOKEN": '<&">'})
    return httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=routes)), base_url="http://test")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A demonstration of two folders, with a secret beside them."""
    (tmp_path / "shop" / "js").mkdir(parents=True)
    (tmp_path / "agent-widget").mkdir()
    (tmp_path / "secret.html").write_text("secret")
    (tmp_path / "shop-secret.html").write_text("secret")
    (tmp_path / "shop" / "index.html").write_text("<p>{{WRITE_KEY}} {{ADMIN_TOKEN}} {{OTHER}} ü", encoding="utf-8")
    (tmp_path / "shop" / "js" / "shop.js").write_text("const key = '{{WRITE_KEY}}'")
    (tmp_path / "shop" / "js" / "shop.test.js").write_text("test")
    (tmp_path / "agent-widget" / "index.html").write_text("live list")
    (tmp_path / "shop" / "link.html").symlink_to(tmp_path / "secret.html")
    return tmp_path


@pytest.fixture
async def client(directory: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(directory) as client:
        yield client


async def test_pages_are_served_with_their_placeholders_filled_in_and_escaped(client: httpx.AsyncClient) -> None:
    page = await client.get("/demo/")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text == "<p>wk_1 &lt;&amp;&quot;&gt; {{OTHER}} ü"
    assert (await client.get("/live/")).text == "live list"


async def test_a_page_that_may_carry_the_token_is_not_stored_and_runs_no_foreign_script(
    client: httpx.AsyncClient,
) -> None:
    headers = (await client.get("/demo/index.html")).headers
    assert headers["cache-control"] == "no-store"
    assert "script-src 'self';" in headers["content-security-policy"]


async def test_scripts_are_served_as_they_are(client: httpx.AsyncClient) -> None:
    script = await client.get("/demo/js/shop.js")
    assert script.text == "const key = '{{WRITE_KEY}}'"
    assert script.headers["content-type"].startswith("text/javascript")


async def test_the_folder_without_a_slash_leads_to_the_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/demo")
    assert (answer.status_code, answer.headers["location"]) == (307, "/demo/")


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/demo/nothing.html", id="no such page"),
        pytest.param("/demo/js", id="a folder without a page"),
        pytest.param("/demo/js/shop.test.js", id="a test"),
        pytest.param("/demo/%2e%2e/secret.html", id="the folder above"),
        pytest.param("/demo/..%2fsecret.html", id="the folder above, its slash encoded"),
        pytest.param("/demo/js/%2e%2e/%2e%2e/secret.html", id="two folders up"),
        pytest.param("/demo/%2e%2e/shop-secret.html", id="a neighbour whose name begins the same"),
        pytest.param("/demo//etc/passwd", id="an absolute path"),
        pytest.param("/demo/link.html", id="a link that leads out"),
        pytest.param("/demo/%00", id="a NUL"),
        pytest.param("/demo/" + "a" * 300, id="a name longer than any file's"),
        pytest.param("/demo/index.html/x", id="below a file"),
    ],
)
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text


async def test_without_a_directory_there_is_no_demonstration() -> None:
    async with client_of(None) as client:
        assert (await client.get("/demo/")).status_code == 404


@pytest.mark.parametrize("path", ["/demo/", "/demo/search.html", "/demo/product.html", "/live/"])
async def test_the_pages_of_the_examples_leave_no_placeholder_open(path: str) -> None:
    async with client_of(EXAMPLES) as client:
        page = await client.get(path)
    assert page.status_code == 200
    assert "{{" not in page.text
