"""GraphQL over HTTP: a POST of JSON, or a GET of a query where that is allowed; nothing that a form can send.

https://graphql.github.io/graphql-over-http/draft/
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import orjson
from graphql import OperationType
from starlette.types import Receive, Scope, Send

from gateway.access.authentication import Authenticator
from gateway.access.budget import Budgets
from gateway.access.errors import IssuerUnreachable
from gateway.access.viewer import Viewer
from gateway.graph.cross_origin import CrossOrigin, Header
from gateway.graph.errors import (
    BadDocument,
    BadRequest,
    MethodNotAllowed,
    NotAcceptable,
    PersistedQueryNotFound,
    RateLimited,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
    as_graphql_errors,
    formatted,
)
from gateway.graph.http_request import ClientGone, Request
from gateway.graph.media_types import JSON, RESPONSE, is_plain_json
from gateway.graph.operation import Operation, operation_asked_by, operation_in
from gateway.graph.operations import Operations
from gateway.graph.preparing import Prepared, WrongKind, rate_limited
from gateway.storage.errors import StorageError

UNAUTHENTICATED = (
    "A bearer token is needed: send the header `Authorization: Bearer TOKEN`, or the same as `Authorization` in the"
    " payload of connection_init."
)
UNAVAILABLE = "MongoDB does not answer now: try again."
ISSUER_UNAVAILABLE = "The OpenID Connect issuer does not answer now: try again."
NO_CONTENT = 204
STATUS: Mapping[str, int] = {
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "METHOD_NOT_ALLOWED": 405,
    "NOT_ACCEPTABLE": 406,
    "BODY_TOO_SLOW": 408,
    "BODY_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "RATE_LIMITED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "TIMED_OUT": 504,
}
"""Codes of refusals, and the status of each; any other is a 400."""
OF_THE_DOCUMENT = (BadDocument, PersistedQueryNotFound)
"""What plain JSON tells with status 200, as it always was: its clients look for `errors`, not for the status."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    media_type: str
    body: bytes
    headers: tuple[Header, ...] = ()


class GraphQLOverHTTP:
    """Answers operations over HTTP for viewers that we know, and nothing to anybody else."""

    def __init__(
        self,
        operations: Operations,
        authenticator: Authenticator,
        budgets: Budgets,
        *,
        allow_get: bool,
        origins: Collection[str],
    ) -> None:
        self._operations = operations
        self._authenticator = authenticator
        self._budgets = budgets
        post = frozenset({OperationType.QUERY, OperationType.MUTATION})
        self._kinds = {"POST": post, **({"GET": frozenset({OperationType.QUERY})} if allow_get else {})}
        self._methods = ", ".join(self._kinds)
        self._cross_origin = CrossOrigin(origins, self._methods)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        request = Request(scope, receive)
        origin = request.headers.get(b"origin")
        if request.method == "OPTIONS":
            await _send(send, Answer(NO_CONTENT, "", b""), self._cross_origin.preflight(origin))
            return
        try:
            answer = await self._answer(request)
        except ClientGone:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is: refused by the table, or masked and logged
            answer = self._refusal(error, request)
        await _send(send, answer, self._cross_origin.headers(origin))

    async def _answer(self, request: Request) -> Answer:
        viewer = await viewer_behind(
            self._authenticator, self._budgets, request.header(b"authorization"), request.address
        )
        kinds = self._kinds_taken_by(request)
        answer_type = _acceptable(request)
        operation = await _operation_of(request)
        prepared = self._prepare(operation, viewer, kinds, request)
        answer = self._operations.answer(prepared)
        # a mutation that has begun is finished, whether its client waits for it or not
        body = await (request.unless_gone(answer) if prepared.kind is OperationType.QUERY else answer)
        return Answer(200, answer_type, body)

    def _kinds_taken_by(self, request: Request) -> frozenset[OperationType]:
        kinds = self._kinds.get(request.method)
        if kinds is None:
            raise MethodNotAllowed(f"{request.method} is not taken here: send a POST with JSON.")
        return kinds

    def _prepare(
        self, operation: Operation, viewer: Viewer, kinds: Collection[OperationType], request: Request
    ) -> Prepared:
        try:
            return self._operations.prepare(operation, viewer, kinds)
        except WrongKind as wrong:
            if wrong.kind is OperationType.SUBSCRIPTION:
                raise BadRequest(
                    "Subscriptions are not answered over HTTP: open a graphql-transport-ws socket."
                ) from wrong
            raise MethodNotAllowed(f"A {wrong.kind.value} is not taken by {request.method}: send a POST.") from wrong

    def _refusal(self, error: Exception, request: Request) -> Answer:
        errors = [formatted(one) for one in as_graphql_errors(error)]
        code = errors[0]["extensions"]["code"]
        media_type = request.answer_type or JSON
        headers = tuple(_headers_of(error, code, self._methods))
        return Answer(_status(error, code, media_type), media_type, orjson.dumps({"errors": errors}), headers)


async def viewer_behind(
    authenticator: Authenticator, budgets: Budgets, authorization: str, address: str | None
) -> Viewer:
    """Return who asks, by the value of an `Authorization` header.

    Raises:
        RateLimited: too much comes from this address, wrong tokens above all.
        Unauthenticated: nobody we know.
        Unavailable: nobody can say now.
    """
    wait = budgets.knock(address)
    if wait:
        raise rate_limited("Too many requests come from your address", wait)
    try:
        viewer = await authenticator.viewer_of(authorization)
    except (StorageError, IssuerUnreachable) as error:
        raise Unavailable(str(error) if isinstance(error, IssuerUnreachable) else UNAVAILABLE) from error
    if viewer is None:
        budgets.failed(address)
        raise Unauthenticated(UNAUTHENTICATED)
    return viewer


def _acceptable(request: Request) -> str:
    if request.answer_type is None:
        raise NotAcceptable(f"Answers are written as {RESPONSE} or {JSON}: accept one of them.")
    return request.answer_type


async def _operation_of(request: Request) -> Operation:
    if request.method == "GET":
        return operation_asked_by(request.scope["query_string"])
    if not is_plain_json(request.header(b"content-type")):
        raise UnsupportedMediaType(f"The body must be JSON: send `Content-Type: {JSON}`.")
    if request.header(b"content-encoding") not in {"", "identity"}:
        raise UnsupportedMediaType("The body must not be compressed: send no `Content-Encoding`.")
    return operation_in(await request.body())


def _status(error: Exception, code: str, media_type: str) -> int:
    if media_type == JSON and isinstance(error, OF_THE_DOCUMENT):
        return 200
    return STATUS.get(code, 400)


def _headers_of(error: Exception, code: str, methods: str) -> Iterator[Header]:
    if code in _HEADERS:
        yield _HEADERS[code]
    if isinstance(error, RateLimited):
        yield (b"retry-after", str(error.retry_after).encode())
    if code == "METHOD_NOT_ALLOWED":
        yield (b"allow", methods.encode())


_HEADERS: Mapping[str, Header] = {
    "UNAUTHENTICATED": (b"www-authenticate", b"Bearer"),
    "UNAVAILABLE": (b"retry-after", b"2"),
    "BODY_TOO_LARGE": (b"connection", b"close"),  # what is left of the body is not read
    "BODY_TOO_SLOW": (b"connection", b"close"),
}


async def _send(send: Send, answer: Answer, headers: list[Header]) -> None:
    typed = [(b"content-type", f"{answer.media_type}; charset=utf-8".encode())] if answer.media_type else []
    length = [] if answer.status == NO_CONTENT else [(b"content-length", str(len(answer.body)).encode())]
    head = [*typed, *length, (b"cache-control", b"no-store"), *answer.headers, *headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": head})
    await send({"type": "http.response.body", "body": answer.body})
