"""An answer to a request, and how it is written: by hand, because this is the hot path."""

from typing import NamedTuple

import msgspec
from starlette.types import Send

from snippet.cross_origin import Header
from snippet.errors import RefusedRequest
from snippet.refusal import STATUS_OF_REFUSED_REQUEST

_JSON: Header = (b"content-type", b"application/json")
_WITHOUT_CONTENT = frozenset({204, 304})
_NEVER_STORED: Header = (b"cache-control", b"no-store")


class Reply(NamedTuple):
    """A status, a body and the headers that belong to it; Content-Length is added when it is sent."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = ()


def json_reply(document: object, status: int = 200) -> Reply:
    """Return a reply that carries the document and that no cache keeps."""
    return Reply(status, msgspec.json.encode(document), (_JSON, _NEVER_STORED))


def refused_reply(refused: RefusedRequest, *headers: Header) -> Reply:
    """Return the reply to a request that is refused: the reason stands in the body and in X-Journey-Refused."""
    document = {"success": False, "reason": str(refused.reason), "message": refused.message}
    reply = json_reply(document, STATUS_OF_REFUSED_REQUEST[refused.reason])
    named = (b"x-journey-refused", refused.reason.encode())
    return Reply(reply.status, reply.body, (*reply.headers, named, *headers))


async def send_reply(send: Send, reply: Reply, headers: list[Header], *, with_body: bool = True) -> None:
    """Send the reply with these headers as well; HEAD gets the headers alone."""
    all_headers = [*reply.headers, *headers]
    if reply.status not in _WITHOUT_CONTENT:
        all_headers.append((b"content-length", b"%d" % len(reply.body)))
    await send({"type": "http.response.start", "status": reply.status, "headers": all_headers})
    await send({"type": "http.response.body", "body": reply.body if with_body else b""})
