"""GraphiQL at /graphiql, served from this machine alone: no content delivery network, no inline script."""

from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

HERE = Path(__file__).with_name("graphiql")
PACKAGES = HERE / "node_modules"

# `make graphiql` installs many files; these are all that the page needs, and all that is served.
ASSETS = {
    "react.production.min.js": PACKAGES / "react/umd/react.production.min.js",
    "react-dom.production.min.js": PACKAGES / "react-dom/umd/react-dom.production.min.js",
    "graphiql.min.js": PACKAGES / "graphiql/graphiql.min.js",
    "graphiql.min.css": PACKAGES / "graphiql/graphiql.min.css",
    "graphql-ws.min.js": PACKAGES / "graphql-ws/umd/graphql-ws.min.js",
    "boot.js": HERE / "boot.js",
    "page.css": HERE / "page.css",
}

# Styles: CodeMirror and GraphiQL's pop-ups place themselves by style attributes and <style> elements that they insert.
# Fonts: graphiql.min.css carries them as data URLs. Scripts need neither inline code nor eval.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",  # the page may carry a token
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
ASSET_HEADERS = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}


def graphiql_routes(token: str | None) -> list[Route]:
    """Return the routes of the page and of its files.

    With a token (the demonstration on one's own machine) the page opens with the Authorization header filled in.
    Without the installed files, the page answers 503 and says how to install them.
    """

    async def page(_: Request) -> HTMLResponse:
        if not _installed():
            return HTMLResponse(_read("not_installed.html"), status_code=503, headers=PAGE_HEADERS)
        return HTMLResponse(_read("page.html").replace("{{ADMIN_TOKEN}}", escape(token or "")), headers=PAGE_HEADERS)

    return [Route("/graphiql", page), Route("/graphiql/{name}", _asset)]


async def _asset(request: Request) -> Response:
    path = ASSETS.get(request.path_params["name"])
    if path is None or not path.is_file():
        return Response(status_code=404)
    return FileResponse(path, headers=ASSET_HEADERS)


def _installed() -> bool:
    return all(path.is_file() for path in ASSETS.values())


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
