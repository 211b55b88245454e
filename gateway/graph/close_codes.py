"""With which codes a graphql-transport-ws connection is closed, and why.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from enum import IntEnum

MAX_REASON_BYTES = 123
"""A frame that closes a connection has no room for more (RFC 6455 section 5.5)."""


class CloseCode(IntEnum):
    """Those from 4400 on are the protocol's, as the reference client knows them; TOO_SLOW is ours."""

    MESSAGE_TOO_BIG = 1009
    TRY_AGAIN_LATER = 1013
    BAD_MESSAGE = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    INIT_TIMEOUT = 4408
    SUBSCRIBER_EXISTS = 4409
    TOO_SLOW = 4410
    TOO_MANY_INIT = 4429
    TERMINATED = 4499
    INTERNAL = 4500


class SocketClosed(Exception):
    """Raised, or handed on, to end a connection."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        #: What the client is told.
        self.code, self.reason = code, reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
        super().__init__(reason)
