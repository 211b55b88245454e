"""What a query can be refused for, and the one table from exceptions to the codes that a client sees.

RefusedError
├── Unauthenticated           UNAUTHENTICATED             no token, or none that we know
├── Forbidden                 FORBIDDEN                   the viewer lacks a permission, or sees too few divisions
├── BadInput                  BAD_USER_INPUT              an argument has a value that makes no sense
├── NotFound                  NOT_FOUND                   the thing to be changed is not there
├── Conflict                  CONFLICT                    it is there already, or contradicts what is there
├── Unavailable               UNAVAILABLE                 nobody can say now who asks
├── MethodNotAllowed          METHOD_NOT_ALLOWED          neither POST, nor a GET of a query where GET is allowed
├── NotAcceptable             NOT_ACCEPTABLE              the client takes no media type that we write
├── UnsupportedMediaType      UNSUPPORTED_MEDIA_TYPE      a body that is no plain JSON
├── BodyTooLarge              BODY_TOO_LARGE              a body larger than one may be
├── BodyTooSlow               BODY_TOO_SLOW               a body that does not come
├── BadRequest                BAD_QUERY                   a request that holds no operation
├── BadDocument               BAD_QUERY                   a document that is no GraphQL, or does not fit the schema
├── LimitExceeded             LIMIT_EXCEEDED              more than a document may hold
├── CostExceeded              COST_EXCEEDED               an operation costs more than one may
├── RateLimited               RATE_LIMITED                too much within a minute; `retry_after` says when to come back
├── TimedOut                  TIMED_OUT                   it took longer than an operation may
├── UnknownDocument           UNKNOWN_DOCUMENT            only documents that we know are executed, and this is none
└── PersistedQueryNotFound    PERSISTED_QUERY_NOT_FOUND   a hash whose document was not sent to this process yet
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import structlog
from graphql import GraphQLError

from gateway.access.errors import MoreThanOwn
from gateway.journey.errors import IdentityError, InvalidValue, UnknownContact, UnknownEdge, UnknownMerge
from gateway.live.errors import BadLiveCursor, CursorExpired, TooSlow
from gateway.prediction.errors import PreviewsBusy
from gateway.storage.definitions import NameTaken
from gateway.storage.errors import MongoDBUnreachable, NotStored
from gateway.storage.identity.contact_records import ContactInUse
from gateway.storage.keyset import BadCursor

log = structlog.get_logger(__name__)


class RefusedError(Exception):
    """Root of the refusals; `field` names the argument that is to blame, if one is."""

    details: Mapping[str, object] = {}
    """What stands beside the code in the answer."""

    def __init__(self, message: str, field: str | None = None) -> None:
        #: The argument or input field that is to blame.
        self.field = field
        super().__init__(message)


class Unauthenticated(RefusedError):
    """Raised when nobody we know asks."""


class BadInput(RefusedError):
    """Raised for an argument whose value makes no sense."""


class NotFound(RefusedError):
    """Raised when the thing to be changed is not there."""


class Conflict(RefusedError):
    """Raised when what is to be stored is there already, or contradicts what is there."""


class Forbidden(RefusedError):
    """Raised when the viewer lacks a permission, or sees too few divisions; the message says which."""

    def __init__(self, message: str, permission: str | None = None) -> None:
        #: The permission that is missing; None where divisions are.
        self.permission = permission
        super().__init__(message)


class Unavailable(RefusedError):
    """Raised when nobody can say now who asks."""


class MethodNotAllowed(RefusedError):
    """Raised for a method other than POST, but for a GET of a query where that is allowed."""


class NotAcceptable(RefusedError):
    """Raised when the client takes no media type that we write."""


class UnsupportedMediaType(RefusedError):
    """Raised for a body that is no plain JSON."""


class BodyTooLarge(RefusedError):
    """Raised for a body that is larger than one may be, before it is read."""


class BodyTooSlow(RefusedError):
    """Raised for a body that does not come."""


class BadRequest(RefusedError):
    """Raised for a request that holds no operation."""


class BadDocument(RefusedError):
    """Raised for a document that is no GraphQL, or does not fit the schema."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        #: All that is wrong with it. What Python raised on the way, as for a number of 10,000 digits, is left out:
        #: whatever a document holds is no surprise to be masked.
        self.errors = tuple(GraphQLError(error.message, error.nodes, error.source, error.positions) for error in errors)
        super().__init__("; ".join(error.message for error in errors))


class LimitExceeded(RefusedError):
    """Raised for a document that holds more than one may; `details` are the limit, what it allows and what was sent."""

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.details = details


class CostExceeded(RefusedError):
    """Raised for an operation that costs more than one may."""

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.details = details


class RateLimited(RefusedError):
    """Raised when somebody asks too much within a minute."""

    def __init__(self, message: str, retry_after: int) -> None:
        #: Seconds after which it is worth trying again.
        self.retry_after = retry_after
        super().__init__(message)


class TimedOut(RefusedError):
    """Raised when an operation takes longer than one may."""


class UnknownDocument(RefusedError):
    """Raised for a document that is not among those that we were told to execute."""


class PersistedQueryNotFound(RefusedError):
    """Raised for a hash whose document was not sent to this process yet; clients then send both."""


CODES: Mapping[type[Exception], str] = {
    Unauthenticated: "UNAUTHENTICATED",
    BadInput: "BAD_USER_INPUT",
    NotFound: "NOT_FOUND",
    Conflict: "CONFLICT",
    Forbidden: "FORBIDDEN",
    Unavailable: "UNAVAILABLE",
    MethodNotAllowed: "METHOD_NOT_ALLOWED",
    NotAcceptable: "NOT_ACCEPTABLE",
    UnsupportedMediaType: "UNSUPPORTED_MEDIA_TYPE",
    BodyTooLarge: "BODY_TOO_LARGE",
    BodyTooSlow: "BODY_TOO_SLOW",
    BadRequest: "BAD_QUERY",
    BadDocument: "BAD_QUERY",
    LimitExceeded: "LIMIT_EXCEEDED",
    CostExceeded: "COST_EXCEEDED",
    RateLimited: "RATE_LIMITED",
    TimedOut: "TIMED_OUT",
    UnknownDocument: "UNKNOWN_DOCUMENT",
    PersistedQueryNotFound: "PERSISTED_QUERY_NOT_FOUND",
    InvalidValue: "BAD_USER_INPUT",
    UnknownContact: "NOT_FOUND",
    UnknownEdge: "NOT_FOUND",
    UnknownMerge: "NOT_FOUND",
    IdentityError: "CONFLICT",
    NameTaken: "NAME_TAKEN",
    BadCursor: "BAD_CURSOR",
    BadLiveCursor: "BAD_CURSOR",
    CursorExpired: "CURSOR_EXPIRED",
    TooSlow: "TOO_SLOW",
    MongoDBUnreachable: "UNAVAILABLE",
    NotStored: "UNAVAILABLE",
    ContactInUse: "CONFLICT",
    MoreThanOwn: "FORBIDDEN",
    PreviewsBusy: "BUSY",
}
"""Exceptions that a client may see, each with its code; every other one is masked."""


def as_seen_by_clients(error: GraphQLError) -> GraphQLError:
    """Return the error with its code; an unexpected one is logged under an id, and shown with nothing but the id."""
    code = code_of(error)
    if code is None:
        return _masked(error)
    extensions = {**(error.extensions or {}), "code": code}
    cause = error.original_error
    if isinstance(cause, RefusedError | InvalidValue) and cause.field:
        extensions["field"] = cause.field
    if isinstance(cause, Forbidden | MoreThanOwn) and cause.permission:
        extensions["permission"] = cause.permission
    if isinstance(cause, RefusedError):
        extensions |= cause.details
    return GraphQLError(error.message, error.nodes, error.source, error.positions, error.path, extensions=extensions)


def as_graphql_errors(error: Exception) -> Sequence[GraphQLError]:
    """Return an error outside of any field, as those of fields are."""
    return error.errors if isinstance(error, BadDocument) else [GraphQLError(str(error), original_error=error)]


def formatted(error: GraphQLError) -> Mapping[str, Any]:
    """Return the error as it is written into an answer."""
    return as_seen_by_clients(error).formatted


def code_of(error: GraphQLError) -> str | None:
    """Return the code of an error that a client may see, or None for one that is to be masked."""
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return str((error.extensions or {}).get("code", "BAD_QUERY"))
    return next((code for kind, code in CODES.items() if isinstance(cause, kind)), None)


def _masked(error: GraphQLError) -> GraphQLError:
    error_id = uuid4().hex
    log.error("resolver failed", error_id=error_id, path=error.path, exc_info=error.original_error)
    message = f"Something went wrong on our side. It is logged under the id {error_id}."
    return GraphQLError(
        message, error.nodes, error.source, error.positions, error.path, extensions={"code": "INTERNAL", "id": error_id}
    )
