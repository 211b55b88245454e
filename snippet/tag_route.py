"""GET /tag.js: the bundled tag, as one small file that browsers and proxies may keep for an hour."""

import gzip
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path

from starlette.types import Receive, Scope, Send

from snippet.cross_origin import Header
from snippet.errors import TagNotBuilt
from snippet.reply import Reply, send_reply
from snippet.security_headers import security_headers

BUNDLE = Path(__file__).parent / "tag" / "dist" / "tag.js"

_HEADERS: list[Header] = [
    (b"cache-control", b"public, max-age=3600, stale-while-revalidate=86400"),
    (b"vary", b"accept-encoding"),
    # Every site may load it, also with crossorigin and under Cross-Origin-Embedder-Policy.
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]


class TagRoute:
    """The ASGI app that serves the bundle, read once and kept ready in every encoding.

    Beside the bundle may lie the same file packed by Brotli, named tag.js.br; gzip needs no file.

    Raises:
        TagNotBuilt: there is no bundle.
    """

    def __init__(self, bundle: Path = BUNDLE) -> None:
        try:
            script = bundle.read_bytes()
        except OSError as error:
            raise TagNotBuilt(f"the tag is not at {bundle}: build it with `make tag`, or install again") from error
        packed = bundle.with_name(bundle.name + ".br")
        self._replies = {"gzip": _reply(gzip.compress(script, mtime=0), "gzip"), "identity": _reply(script, "identity")}
        if packed.exists():
            self._replies = {"br": _reply(packed.read_bytes(), "br"), **self._replies}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - a GET has no body
        """Answer GET and HEAD with the tag, or with 304 if the browser has it."""
        headers = dict(scope["headers"])
        method = scope["method"]
        if method not in {"GET", "HEAD"}:
            reply = Reply(405, b"", ((b"allow", b"GET, HEAD"),))
        else:
            reply = _unless_known(self._best_for(headers.get(b"accept-encoding", b"")), headers)
        all_headers = [*_HEADERS, *security_headers(scope.get("scheme", "http"))]
        await send_reply(send, reply, all_headers, with_body=method != "HEAD")

    def _best_for(self, accepted: bytes) -> Reply:
        names = _accepted_codings(accepted)
        return next((reply for name, reply in self._replies.items() if name in names), self._replies["identity"])


def _reply(body: bytes, coding: str) -> Reply:
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'.encode()
    headers: tuple[Header, ...] = ((b"content-type", b"text/javascript; charset=utf-8"), (b"etag", etag))
    return Reply(200, body, headers if coding == "identity" else (*headers, (b"content-encoding", coding.encode())))


def _unless_known(reply: Reply, headers: Mapping[bytes, bytes]) -> Reply:
    known = {tag.strip().removeprefix(b"W/") for tag in headers.get(b"if-none-match", b"").split(b",")}
    etag = dict(reply.headers)[b"etag"]
    return Reply(304, b"", ((b"etag", etag),)) if etag in known or b"*" in known else reply


def _accepted_codings(accepted: bytes) -> set[str]:
    """Return the codings of an Accept-Encoding header that are not excluded by q=0."""
    choices = (choice.replace(b" ", b"").lower().partition(b";q=") for choice in accepted.split(b","))
    return {name.decode("latin-1") for name, _, weight in choices if weight.strip(b"0.") or not weight}
