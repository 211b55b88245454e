"""One graphql-transport-ws connection: from connection_init to its end, any number of operations side by side.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

import msgspec
import orjson
from graphql import GraphQLError
from starlette.types import Receive, Send

from gateway.access.viewer import Viewer
from gateway.graph.close_codes import CloseCode
from gateway.graph.errors import formatted
from gateway.graph.socket_messages import Complete, ConnectionInit, Operation, Ping, Pong, Subscribe, read_message
from gateway.live.errors import TooSlow
from gateway.storage.cancellation import ended
from gateway.storage.errors import StorageError

SUBPROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 10.0
SEND_SECONDS = 20.0
"""A client that does not take a message for this long is cut off."""
MAX_OPERATIONS = 100
"""Operations that one connection may have open."""

Tell = Callable[[bytes], Awaitable[None]]


class SocketClosed(Exception):
    """Raised to end the connection."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        #: What the client is told.
        self.code, self.reason = code, reason
        super().__init__(reason)


class OperationRefused(Exception):
    """Raised for an operation that cannot be executed, or not go on."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        #: Why.
        self.errors = errors
        super().__init__("; ".join(error.message for error in errors))


class Answering(Protocol):
    """What a socket needs to know: who asks, and how an operation is answered."""

    async def authenticate(self, authorization: str) -> Viewer | None:
        """Return who asks, or None when nobody we know does."""

    async def run(self, operation: Operation, viewer: Viewer, tell: Tell) -> None:
        """Tell each result of the operation, as JSON; return when it is complete.

        Raises:
            OperationRefused: it cannot be executed, or not go on.
            TooSlow: the client does not keep up.
        """


class GraphQLSocket:
    """The conversation with one client over an accepted WebSocket."""

    def __init__(self, answering: Answering, receive: Receive, send: Send) -> None:
        self._answering = answering
        self._receive = receive
        self._send = send
        self._viewer: Viewer | None = None
        self._initialised = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._closing: asyncio.Future[SocketClosed] = asyncio.get_running_loop().create_future()

    async def converse(self) -> None:
        """Converse until one of the two closes the connection."""
        timer = asyncio.get_running_loop().call_later(INIT_SECONDS, self._init_is_late)
        listening = asyncio.create_task(self._listen())
        try:
            await asyncio.wait((listening, self._closing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            await ended(listening, *self._operations.values())
        if self._closing.done():
            closed = self._closing.result()
            with suppress(Exception):  # the client may be gone already
                await self._send({"type": "websocket.close", "code": closed.code, "reason": closed.reason})

    async def _listen(self) -> None:
        while (received := await self._receive())["type"] != "websocket.disconnect":
            try:
                await self._heed(received.get("text") or received.get("bytes") or "")
            except SocketClosed as closed:
                self._close(closed)
                return

    async def _heed(self, text: str | bytes) -> None:
        try:
            message = read_message(text)
        except msgspec.DecodeError as error:
            raise SocketClosed(CloseCode.BAD_MESSAGE, f"Invalid message: {error}"[:120]) from error
        match message:
            case ConnectionInit():
                await self._initialise(message.payload or {})
            case Ping():
                await self._tell(_PONG)
            case Pong():
                pass
            case Subscribe():
                self._subscribe(message)
            case Complete() if message.id in self._operations:
                self._operations.pop(message.id).cancel()

    async def _initialise(self, payload: Mapping[str, Any]) -> None:
        if self._initialised:
            raise SocketClosed(CloseCode.TOO_MANY_INIT, "Too many initialisation requests")
        self._initialised = True
        named = {name.lower(): value for name, value in payload.items()}
        try:
            self._viewer = await self._answering.authenticate(str(named.get("authorization", "")))
        except StorageError as error:
            raise SocketClosed(CloseCode.TRY_AGAIN_LATER, "MongoDB does not answer now: try again") from error
        if self._viewer is None:
            raise SocketClosed(CloseCode.FORBIDDEN, "Forbidden: connection_init needs {Authorization: Bearer TOKEN}")
        await self._tell(_ACK)

    def _subscribe(self, message: Subscribe) -> None:
        if self._viewer is None:
            raise SocketClosed(CloseCode.UNAUTHORIZED, "Unauthorized")
        if message.id in self._operations:
            raise SocketClosed(CloseCode.SUBSCRIBER_EXISTS, f"Subscriber for {message.id} already exists"[:120])
        if len(self._operations) >= MAX_OPERATIONS:
            raise SocketClosed(CloseCode.TOO_MANY_INIT, f"More than {MAX_OPERATIONS} operations are open")
        task = asyncio.create_task(self._operate(message.id, message.payload, self._viewer), name="operation")
        self._operations[message.id] = task

    async def _operate(self, id_: str, operation: Operation, viewer: Viewer) -> None:
        head = b'{"id":' + orjson.dumps(id_) + b',"type":"next","payload":'

        async def tell(result: bytes) -> None:
            await self._tell(head + result + b"}")

        try:
            await self._answering.run(operation, viewer, tell)
            await self._tell(orjson.dumps({"id": id_, "type": "complete"}))
        except OperationRefused as refused:
            errors = [formatted(error) for error in refused.errors]
            await self._tell(orjson.dumps({"id": id_, "type": "error", "payload": errors}))
        except TooSlow as slow:
            self._close(SocketClosed(CloseCode.TOO_SLOW, str(slow)[:120]))
        finally:
            if self._operations.get(id_) is asyncio.current_task():
                del self._operations[id_]

    async def _tell(self, message: bytes) -> None:
        deadline = asyncio.get_running_loop().call_later(SEND_SECONDS, self._message_is_late)
        try:
            await self._send({"type": "websocket.send", "text": message.decode()})
        finally:
            deadline.cancel()

    def _init_is_late(self) -> None:
        if not self._initialised:
            self._close(SocketClosed(CloseCode.INIT_TIMEOUT, "Connection initialisation timeout"))

    def _message_is_late(self) -> None:
        self._close(SocketClosed(CloseCode.TOO_SLOW, f"Too slow: a message was not taken for {SEND_SECONDS:.0f} s"))

    def _close(self, closed: SocketClosed) -> None:
        if not self._closing.done():
            self._closing.set_result(closed)


_PONG = b'{"type":"pong"}'
_ACK = b'{"type":"connection_ack"}'
