"""What a client says over graphql-transport-ws.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from typing import Any

import msgspec


class ConnectionInit(msgspec.Struct, tag="connection_init"):
    """Opens the conversation; the payload carries the token."""

    payload: dict[str, Any] | None = None


class Ping(msgspec.Struct, tag="ping"):
    """Asks whether we are there."""

    payload: dict[str, Any] | None = None


class Pong(msgspec.Struct, tag="pong"):
    """Says that the client is there."""

    payload: dict[str, Any] | None = None


class Operation(msgspec.Struct, rename="camel"):
    """A GraphQL operation."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None


class Subscribe(msgspec.Struct, tag="subscribe"):
    """Starts an operation."""

    id: str
    payload: Operation


class Complete(msgspec.Struct, tag="complete"):
    """Ends an operation."""

    id: str


ClientMessage = ConnectionInit | Ping | Pong | Subscribe | Complete
read_message = msgspec.json.Decoder(ClientMessage).decode
