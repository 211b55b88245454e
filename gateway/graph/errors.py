"""What a query can be refused for, and the one table from exceptions to the codes that a client sees.

RefusedError
├── Unauthenticated   UNAUTHENTICATED   no token, or none that we know
├── BadInput          BAD_USER_INPUT    an argument has a value that makes no sense
├── NotFound          NOT_FOUND         the thing to be changed is not there
└── Conflict          CONFLICT          it is there already, or contradicts what is there
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import structlog
from graphql import GraphQLError

from gateway.journey.errors import IdentityError, InvalidValue, UnknownContact, UnknownEdge, UnknownMerge
from gateway.live.errors import BadLiveCursor, CursorExpired, TooSlow
from gateway.storage.definitions import NameTaken
from gateway.storage.errors import MongoDBUnreachable, NotStored
from gateway.storage.identity.contact_records import ContactInUse
from gateway.storage.keyset import BadCursor

log = structlog.get_logger(__name__)


class RefusedError(Exception):
    """Root of the refusals; `field` names the argument that is to blame, if one is."""

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


CODES: Mapping[type[Exception], str] = {
    Unauthenticated: "UNAUTHENTICATED",
    BadInput: "BAD_USER_INPUT",
    NotFound: "NOT_FOUND",
    Conflict: "CONFLICT",
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
    return GraphQLError(error.message, error.nodes, error.source, error.positions, error.path, extensions=extensions)


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
