"""A server that answers 204 and does nothing: `python -m benchmarks.bare_http PORT`."""

import sys

import uvloop
from starlette.types import Receive, Scope, Send

from benchmarks.server import serve_as_the_product


async def nothing(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer 204, without a look at the request."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    uvloop.run(serve_as_the_product(nothing, int(sys.argv[1])))
