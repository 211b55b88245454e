"""With which codes a graphql-transport-ws connection is closed, and why."""

from enum import IntEnum


class CloseCode(IntEnum):
    """Those below 4500 are the protocol's, as the reference client knows them; TOO_SLOW is ours."""

    TRY_AGAIN_LATER = 1013
    BAD_MESSAGE = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    INIT_TIMEOUT = 4408
    SUBSCRIBER_EXISTS = 4409
    TOO_SLOW = 4410
    TOO_MANY_INIT = 4429
    INTERNAL = 4500
