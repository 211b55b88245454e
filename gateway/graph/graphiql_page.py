"""GraphiQL at /graphiql, served from this machine alone: no content delivery network, no inline script."""

from base64 import b64decode
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateway.access.authentication import Authenticator
from gateway.access.budget import Budgets
from gateway.access.permissions import Permission
from gateway.graph.errors import CODES, RefusedError, Unauthenticated
from gateway.graph.forbidden import demand
from gateway.graph.http import STATUS, viewer_behind

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
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",  # the page may carry a token
}
ASK = "GraphiQL needs a token: give it as the password, with any user name."
ASSET_HEADERS = {"Cache-Control": "public, max-age=3600"}


def graphiql_routes(token: str | None, authenticator: Authenticator, budgets: Budgets) -> list[Route]:
    """Return the routes of the page and of its files.

    With a token (the demonstration on one's own machine) the page opens with the Authorization header filled in; it is
    empty where the demonstration does not know it. With None the browser asks for one, as the password of any user, and
    shows the page to who may use it.
    Without the installed files, the page answers 503 and says how to install them.
    """

    async def page(request: Request) -> Response:
        if not _installed():
            return HTMLResponse(_read("not_installed.html"), status_code=503, headers=PAGE_HEADERS)
        try:
            used = await _token_of_user(request, authenticator, budgets) if token is None else token
        except RefusedError as refused:
            return _refusal(refused)
        return HTMLResponse(_read("page.html").replace("{{ADMIN_TOKEN}}", escape(used)), headers=PAGE_HEADERS)

    return [Route("/graphiql", page), Route("/graphiql/{name}", _asset)]


async def _token_of_user(request: Request, authenticator: Authenticator, budgets: Budgets) -> str:
    """Return the token with which somebody opens the page, who may."""
    token = _password_in(request.headers.get("authorization", ""))
    if not token:
        raise Unauthenticated(ASK)
    viewer = await viewer_behind(authenticator, budgets, f"Bearer {token}", request.client and request.client.host)
    demand(viewer, Permission.GRAPHIQL_USE, "/graphiql")
    return token


def _password_in(authorization: str) -> str:
    scheme, _, credentials = authorization.partition(" ")
    try:
        user_and_password = b64decode(credentials, validate=True).decode() if scheme.lower() == "basic" else ""
    except ValueError:
        return ""
    return user_and_password.partition(":")[2]


def _refusal(refused: RefusedError) -> Response:
    code = CODES[type(refused)]
    headers = {"WWW-Authenticate": 'Basic realm="GraphiQL", charset="UTF-8"'} if code == "UNAUTHENTICATED" else {}
    return PlainTextResponse(f"{refused}\n", status_code=STATUS[code], headers={**PAGE_HEADERS, **headers})


async def _asset(request: Request) -> Response:
    path = ASSETS.get(request.path_params["name"])
    if path is None or not path.is_file():
        return Response(status_code=404)
    return FileResponse(path, headers=ASSET_HEADERS)


def _installed() -> bool:
    return all(path.is_file() for path in ASSETS.values())


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
