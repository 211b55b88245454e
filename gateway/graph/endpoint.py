"""The door: /graphql over HTTP and graphql-transport-ws, open to whoever holds a token."""

from json import JSONDecodeError

import orjson
import strawberry
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL

from gateway.access.tokens import viewer_of
from gateway.graph.answering import SocketAnswering
from gateway.graph.close_codes import CloseCode
from gateway.graph.context import Context, Services
from gateway.graph.socket import SUBPROTOCOL, GraphQLSocket
from gateway.storage.errors import StorageError

UNAUTHENTICATED = (
    "A bearer token is needed: send the header `Authorization: Bearer TOKEN`, or the same as `Authorization` in the"
    " payload of connection_init."
)
UNAVAILABLE = "MongoDB does not answer now: try again."
HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "2"}}


class GraphQLEndpoint(GraphQL[Context, None]):
    """Answers operations for viewers that we know, and nothing to anybody else."""

    def __init__(self, schema: strawberry.Schema, services: Services) -> None:
        super().__init__(schema, graphql_ide=None, allow_queries_via_get=False, subscription_protocols=())
        self._make_context = lambda: Context(services)
        self._answering = SocketAnswering(schema, services.database, self._make_context)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it before anything of it is read."""
        if scope["type"] == "websocket":
            await self._converse(scope, receive, send)
            return
        context = self._make_context()
        try:
            context.viewer = await viewer_of(context.database, Request(scope).headers.get("authorization"))
        except StorageError:
            await _refusal(503, "UNAVAILABLE", UNAVAILABLE)(scope, receive, send)
            return
        if context.viewer is None:
            await _refusal(401, "UNAUTHENTICATED", UNAUTHENTICATED)(scope, receive, send)
            return
        scope["journey.context"] = context
        await super().__call__(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:  # noqa: ARG002 - Strawberry's signature
        """Return what the resolvers of this request share."""
        context: Context = request.scope["journey.context"]
        return context

    def decode_json(self, data: str | bytes) -> object:
        """Return the operation, or the list of them, in the body of a request.

        Raises:
            JSONDecodeError: it is no JSON that Strawberry could go on with; it answers with 400.
        """
        document = orjson.loads(data)
        if not isinstance(document, dict | list):
            raise JSONDecodeError("neither an object nor a list", "", 0)
        return document

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        if SUBPROTOCOL not in scope.get("subprotocols", ()):
            await send({"type": "websocket.accept"})
            reason = f"Subprotocol not acceptable: this server speaks {SUBPROTOCOL}"
            await send({"type": "websocket.close", "code": CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, "reason": reason})
            return
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        await GraphQLSocket(self._answering, receive, send).converse()


def _refusal(status: int, code: str, message: str) -> JSONResponse:
    errors = [{"message": message, "extensions": {"code": code}}]
    return JSONResponse({"errors": errors}, status_code=status, headers=HEADERS[status])
