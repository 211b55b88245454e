"""The demonstration on one's own machine: the shop that carries the tag, and the live list of who is in it."""

import mimetypes
from collections.abc import Mapping
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

PAGES = {"/demo": "shop", "/live": "agent-widget"}
"""Where each folder of the demo directory is served."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Referrer-Policy": "same-origin",  # the pages of the shop are each other's referrers
    "Cache-Control": "no-store",  # a page may carry the token
}


def demo_routes(directory: Path | None, placeholders: Mapping[str, str]) -> list[BaseRoute]:
    """Return the routes of the demonstration, none without a directory.

    In every .html file `{{NAME}}` is replaced by the placeholder of that name.
    """
    if directory is None:
        return []
    return [route for path, folder in PAGES.items() for route in _folder_routes(path, directory / folder, placeholders)]


def _folder_routes(path: str, folder: Path, placeholders: Mapping[str, str]) -> list[BaseRoute]:
    root = folder.resolve()

    async def serve(request: Request) -> Response:
        wanted = _file_of(root, request.path_params["name"])
        if wanted is None:
            return Response("There is no such page.", status_code=404, media_type="text/plain")
        if wanted.suffix != ".html":
            return FileResponse(wanted, headers=HEADERS)
        return Response(
            _filled(wanted.read_text(encoding="utf-8"), placeholders), media_type="text/html", headers=HEADERS
        )

    async def to_folder(_: Request) -> Response:
        return RedirectResponse(f"{path}/")

    return [Route(path, to_folder), Route(path + "/{name:path}", serve)]


def _file_of(root: Path, name: str) -> Path | None:
    try:
        wanted = (root / name).resolve()
        wanted = wanted / "index.html" if wanted.is_dir() else wanted
        is_served = wanted.is_relative_to(root) and wanted.is_file() and not wanted.name.endswith(".test.js")
    except (OSError, ValueError):  # a name that no file can have: too long, or with a NUL
        return None
    return wanted if is_served else None


def _filled(page: str, placeholders: Mapping[str, str]) -> str:
    for name, value in placeholders.items():
        page = page.replace("{{" + name + "}}", escape(value))
    return page


mimetypes.add_type("text/javascript", ".js")  # some systems' tables say text/plain, and nosniff then blocks modules
