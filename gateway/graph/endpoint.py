"""The door: /graphql over HTTP and graphql-transport-ws, open to whoever holds a token."""

from collections.abc import Callable
from datetime import datetime, timedelta

import strawberry
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UnsetType

from gateway.access.tokens import viewer_of
from gateway.graph.context import Context
from gateway.live.hub import Hub
from gateway.storage.database import Database

INIT_TIMEOUT = timedelta(seconds=10)
UNAUTHENTICATED = (
    "A bearer token is needed: send the header `Authorization: Bearer TOKEN`, or the same as `Authorization` in the"
    " payload of connection_init."
)


class GraphQLEndpoint(GraphQL[Context, None]):
    """Answers operations for viewers that we know, and nothing to anybody else."""

    def __init__(
        self,
        schema: strawberry.Schema,
        database: Database,
        hub: Hub,
        clock: Callable[[], datetime],
        session_timeout: timedelta,
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INIT_TIMEOUT,
        )
        self._context = lambda: Context(database, hub, clock, session_timeout)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it before anything of it is read."""
        if scope["type"] == "http":
            context = self._context()
            context.viewer = await viewer_of(context.database, Request(scope).headers.get("authorization"))
            if context.viewer is None:
                await _refusal()(scope, receive, send)
                return
            scope["journey.context"] = context
        await super().__call__(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:  # noqa: ARG002 - Strawberry's signature
        """Return what the resolvers of this request share."""
        return request.scope.get("journey.context") or self._context()

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        """Let a socket in by the token of its connection_init.

        Raises:
            ConnectionRejectionError: no token, or none that we know; the socket is closed with 4403.
        """
        named = {name.lower(): value for name, value in context.connection_params.items()}
        context.viewer = await viewer_of(context.database, str(named.get("authorization", "")))
        if context.viewer is None:
            raise ConnectionRejectionError({"message": UNAUTHENTICATED, "code": "UNAUTHENTICATED"})
        return await super().on_ws_connect(context)


def _refusal() -> JSONResponse:
    error = {"message": UNAUTHENTICATED, "extensions": {"code": "UNAUTHENTICATED"}}
    return JSONResponse({"errors": [error]}, status_code=401, headers={"WWW-Authenticate": "Bearer"})
