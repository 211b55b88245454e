"""Every answer, of every route and none, says what a browser may make of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.access.first_keys import ensure_first_keys
from gateway.app import open_app
from gateway.clock import now
from gateway.security_headers import SecurityHeaders
from gateway.settings import Settings
from gateway.storage.connection import connect
from gateway.storage.preparation import prepare
from snippet.collector import _CALLS

EXAMPLES = Path(__file__).parents[1] / "examples"
TOKEN = {"Authorization": "Bearer token"}

PAGES = {
    "/demo/": "the shop",
    "/demo/search.html": "its search",
    "/live/": "the live list",
    "/graphiql": "GraphiQL",
}
"""What a browser shows as a page."""
ROUTES = {
    "/healthz": "/healthz",
    "/readyz": "/readyz",
    "/metrics": "/metrics",
    "/graphiql": "/graphiql",
    "/graphiql/{name}": "/graphiql/boot.js",
    "/demo": "/demo",
    "/demo/{name:path}": "/demo/js/home.js",
    "/live": "/live",
    "/live/{name:path}": "/live/live.css",
}
"""The routes of the pages, each with a path that it answers."""
REQUESTS = [
    *(pytest.param("GET", path, {}, id=name) for path, name in PAGES.items()),
    *(pytest.param("GET", path, {}, id=f"route {route}") for route, path in ROUTES.items()),
    *(pytest.param(method, path, {}, id=f"{method} {path}") for path in _CALLS for method in ("POST", "GET")),
    pytest.param("OPTIONS", "/v1/batch", {"Origin": "https://shop.example"}, id="a preflight"),
    pytest.param("GET", "/v1/projects/wk_1/settings", {}, id="the settings of a tag"),
    pytest.param("GET", "/v1/nothing", {}, id="nothing below /v1"),
    pytest.param("GET", "/tag.js", {}, id="the tag"),
    pytest.param("GET", "/tag.js", {"If-None-Match": "*"}, id="the tag, known already"),
    pytest.param("POST", "/tag.js", {}, id="the tag, written to"),
    pytest.param("POST", "/graphql", {}, id="GraphQL without a token"),
    pytest.param("POST", "/graphql", TOKEN, id="GraphQL without a document"),
    pytest.param("GET", "/graphql", TOKEN, id="GraphQL by GET"),
    pytest.param("OPTIONS", "/graphql", {"Origin": "https://shop.example"}, id="GraphQL's preflight"),
    pytest.param("GET", "/", {}, id="the root"),
    pytest.param("GET", "/graphiql/package.json", {}, id="a file that is not served"),
    pytest.param("GET", "/demo/nothing.html", {}, id="a page that is not there"),
    pytest.param("POST", "/healthz", {}, id="a wrong method"),
]


@pytest.fixture(scope="module")
async def app(mongodb_url: str) -> AsyncIterator[ASGIApp]:
    """The app with its demonstration, over an empty database."""
    name = f"test_{uuid4().hex}"
    settings = Settings.read({"JOURNEY_DATABASE": name, "JOURNEY_DEMO_DIR": str(EXAMPLES)})
    async with await connect(mongodb_url, name) as connection:
        await prepare(connection)
        await ensure_first_keys(connection.database, "wk_1", "token", lambda: "drawn", now())
        async with open_app(settings, mongodb_url) as app:
            yield app
        await connection.client.drop_database(name)


async def ask(app: ASGIApp, method: str, path: str, headers: dict[str, str], scheme: str = "http") -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"{scheme}://test") as client:
        return await client.request(method, path, headers=headers)


def policy_of(answer: httpx.Response) -> dict[str, str]:
    """Return the content security policy by directive."""
    parts = (part.strip().partition(" ") for part in answer.headers["content-security-policy"].split(";"))
    return {directive: sources for directive, _, sources in parts}


@pytest.mark.parametrize(("method", "path", "headers"), REQUESTS)
async def test_every_answer_is_taken_for_what_it_is_and_shown_in_no_frame(
    app: ASGIApp, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = await ask(app, method, path, headers)
    assert answer.status_code < 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] in {"no-referrer", "same-origin"}
    policy = policy_of(answer)
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers


@pytest.mark.parametrize(("method", "path", "headers"), REQUESTS)
async def test_over_tls_every_answer_asks_browsers_to_stay_with_it(
    app: ASGIApp, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = await ask(app, method, path, headers, scheme="https")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("path", [pytest.param(path, id=name) for path, name in PAGES.items()])
async def test_a_page_runs_scripts_of_its_own_host_only_and_uses_no_device(app: ASGIApp, path: str) -> None:
    answer = await ask(app, "GET", path, {})
    assert answer.status_code == 200, "GraphiQL needs `make graphiql`"
    policy = policy_of(answer)
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    denied = answer.headers["permissions-policy"].split(", ")
    assert {"camera=()", "geolocation=()", "microphone=()", "payment=()"} <= set(denied)


def test_the_list_of_routes_is_complete(app: ASGIApp) -> None:
    """A new route is refused until it is looked at here."""
    pages = getattr(app, "_pages")._app  # noqa: B009 - an ASGIApp to its users
    assert isinstance(pages, Starlette)
    assert {route.path for route in pages.routes if isinstance(route, Route)} == ROUTES.keys()


async def test_what_an_answer_says_itself_stands() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"referrer-policy", b"origin"), (b"vary", b"origin")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    answer = await ask(SecurityHeaders(app), "GET", "/", {})
    assert answer.headers.get_list("referrer-policy") == ["origin"]
    assert answer.headers["vary"] == "origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
