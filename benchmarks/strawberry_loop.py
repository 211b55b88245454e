"""Strawberry's own subscription loop over our schema and hub: `... strawberry_loop PORT MONGODB_URL DATABASE`.

The same `make_schema()`, the same feed, the same uvicorn; only the conversation over the socket is Strawberry's: each
subscriber's messages are executed and written for itself.
"""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import uvloop
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from benchmarks.server import serve_as_the_product
from gateway.access.audit_trail import AuditTrail
from gateway.access.authentication import Authenticator
from gateway.access.permissions import ROLES
from gateway.access.viewer import Viewer
from gateway.clock import now
from gateway.graph.context import Context, Services
from gateway.graph.schema import make_schema
from gateway.live.hub import Hub
from gateway.prediction.preview import Previews
from gateway.storage.connection import connect


class _Loop(GraphQL[Context, None]):
    """Strawberry's ASGI app, with the context that our resolvers read."""

    def __init__(self, services: Services) -> None:
        super().__init__(make_schema(), subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,))
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer sockets; over HTTP only say that it is there."""
        if scope["type"] == "http":
            await PlainTextResponse("ready\n")(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:  # noqa: ARG002 - Strawberry's signature
        """Return what the resolvers of one socket share."""
        return Context(self._services, Viewer("benchmark", "admin", ROLES["admin"]))


@asynccontextmanager
async def opened(mongodb_url: str, name: str) -> AsyncIterator[ASGIApp]:
    """Yield the app over this database."""
    async with await connect(mongodb_url, name) as connection:
        database = connection.database
        hub = Hub(database, now)
        try:
            trail, authenticator = AuditTrail(database), Authenticator(database, now)
            previews = Previews(mongodb_url, name, timedelta(minutes=20))
            yield _Loop(Services(database, hub, now, timedelta(minutes=20), _no_replay, trail, authenticator, previews))
        finally:
            await hub.close()


async def _no_replay(_ids: Sequence[str]) -> list[str]:
    return []


async def main() -> None:
    """Serve until told to stop."""
    port, mongodb_url, database = sys.argv[1:]
    async with opened(mongodb_url, database) as app:
        await serve_as_the_product(app, int(port))


if __name__ == "__main__":
    uvloop.run(main())
