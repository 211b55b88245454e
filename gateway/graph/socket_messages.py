"""What a client says over graphql-transport-ws.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from typing import Annotated, Any

import msgspec

from gateway.graph.operation import Operation

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
"""Of an operation, chosen by the client; it stands in every message of ours about it."""


class ConnectionInit(msgspec.Struct, tag="connection_init"):
    """Opens the conversation; the payload carries the token."""

    payload: dict[str, Any] | None = None


class Ping(msgspec.Struct, tag="ping"):
    """Asks whether we are there; the payload is told back as it is."""

    payload: msgspec.Raw = msgspec.Raw()


class Pong(msgspec.Struct, tag="pong"):
    """Says that the client is there."""

    payload: msgspec.Raw = msgspec.Raw()


class Subscribe(msgspec.Struct, tag="subscribe"):
    """Starts an operation."""

    id: Id
    payload: Operation


class Complete(msgspec.Struct, tag="complete"):
    """Ends an operation."""

    id: Id


ClientMessage = ConnectionInit | Ping | Pong | Subscribe | Complete
_decoder: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)


class BadMessage(ValueError):
    """Raised for what is no message of the protocol; the text says why."""


def read_message(text: str | bytes) -> ClientMessage:
    """Return the message.

    Raises:
        BadMessage: it is none.
    """
    try:
        return _decoder.decode(text if isinstance(text, str) else text.decode())
    except (ValueError, RecursionError) as error:  # ValueError: no JSON, no UTF-8, or none of these shapes
        raise BadMessage(str(error)) from error
