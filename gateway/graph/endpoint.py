"""The door: /graphql over HTTP and graphql-transport-ws, open to whoever holds a token."""

import strawberry
from starlette.types import Receive, Scope, Send

from gateway.access.budget import Budgets
from gateway.graph.answering import SocketAnswering
from gateway.graph.close_codes import CloseCode
from gateway.graph.context import Context, Services
from gateway.graph.http import GraphQLOverHTTP
from gateway.graph.limits import Limits
from gateway.graph.operations import Operations
from gateway.graph.persisted import AutomaticDocuments, KnownDocuments, ManifestError, TrustedDocuments, read_manifest
from gateway.graph.preparing import Preparing
from gateway.graph.socket import SUBPROTOCOL, GraphQLSocket
from gateway.graph.socket_watch import SocketWatch
from gateway.settings import Settings, SettingsError


class GraphQLEndpoint:
    """Answers operations for viewers that we know, and nothing to anybody else."""

    def __init__(self, schema: strawberry.Schema, services: Services, budgets: Budgets, settings: Settings) -> None:
        core = schema._schema  # noqa: SLF001 - Strawberry has no public way to its graphql-core schema
        preparing = Preparing(core, Limits.of(settings), _known_documents(settings), budgets)
        operations = Operations(core, preparing, settings.query_seconds, lambda: Context(services))
        self._answering = SocketAnswering(operations, services.authenticator, budgets, lambda: Context(services))
        self._watch = SocketWatch(services.authenticator.still_valid, services.clock)
        self._http = GraphQLOverHTTP(
            operations,
            services.authenticator,
            budgets,
            allow_get=settings.graphql_get,
            origins=settings.allowed_origins,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or converse over a socket."""
        if scope["type"] == "websocket":
            await self._converse(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        offered = scope.get("subprotocols", ())
        if SUBPROTOCOL not in offered:
            # a browser hides the code from a page whose subprotocol was not taken up
            await send({"type": "websocket.accept", "subprotocol": next(iter(offered), None)})
            reason = f"Subprotocol not acceptable: this server speaks {SUBPROTOCOL}"
            await send({"type": "websocket.close", "code": CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, "reason": reason})
            return
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        await GraphQLSocket(self._answering, self._watch, _address(scope), receive, send).converse()


def _address(scope: Scope) -> str | None:
    client = scope.get("client")
    return client[0] if client else None


def _known_documents(settings: Settings) -> KnownDocuments:
    if settings.trusted_documents is None:
        return AutomaticDocuments()
    try:
        return TrustedDocuments(read_manifest(settings.trusted_documents))
    except ManifestError as error:
        raise SettingsError((f"JOURNEY_TRUSTED_DOCUMENTS: {error}",)) from error
