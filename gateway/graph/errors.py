"""What a query can be refused for, and the one table from exceptions to the codes that a client sees.

RefusedError
├── Unauthenticated   UNAUTHENTICATED   no token, or none that we know
├── BadInput          BAD_USER_INPUT    an argument has a value that makes no sense
└── NotFound          NOT_FOUND         the thing to be changed is not there
"""

from collections.abc import Mapping

from graphql import GraphQLError

from gateway.live.errors import BadLiveCursor, CursorExpired, TooSlow
from gateway.storage.definitions import NameTaken
from gateway.storage.errors import MongoDBUnreachable
from gateway.storage.keyset import BadCursor


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


CODES: Mapping[type[Exception], str] = {
    Unauthenticated: "UNAUTHENTICATED",
    BadInput: "BAD_USER_INPUT",
    NotFound: "NOT_FOUND",
    NameTaken: "NAME_TAKEN",
    BadCursor: "BAD_CURSOR",
    BadLiveCursor: "BAD_CURSOR",
    CursorExpired: "CURSOR_EXPIRED",
    TooSlow: "TOO_SLOW",
    MongoDBUnreachable: "UNAVAILABLE",
}
"""Exceptions that a client may see, each with its code; every other one is masked."""


def code_of(error: GraphQLError) -> str | None:
    """Return the code of an error that a client may see, or None for one that is to be masked."""
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return str((error.extensions or {}).get("code", "BAD_QUERY"))
    return next((code for kind, code in CODES.items() if isinstance(cause, kind)), None)
