"""One graphql-transport-ws connection: from connection_init to its end, any number of operations side by side.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Protocol
from uuid import uuid4

import orjson
import structlog
from graphql import GraphQLError
from starlette.types import Receive, Send

from gateway.access.errors import IssuerUnreachable
from gateway.access.viewer import Viewer
from gateway.graph.close_codes import CloseCode, SocketClosed
from gateway.graph.errors import LimitExceeded, RateLimited, formatted
from gateway.graph.operation import Operation
from gateway.graph.socket_limits import (
    CLOSE_SECONDS,
    INIT_SECONDS,
    MAX_MESSAGE_BYTES,
    MAX_OPERATIONS,
    PING_AFTER_SECONDS,
    PONG_SECONDS,
    SEND_SECONDS,
)
from gateway.graph.socket_messages import BadMessage, Complete, ConnectionInit, Ping, Pong, Subscribe, read_message
from gateway.graph.socket_watch import SocketWatch
from gateway.live.errors import TooSlow
from gateway.storage.cancellation import ended
from gateway.storage.errors import StorageError

SUBPROTOCOL = "graphql-transport-ws"

Tell = Callable[[bytes], Awaitable[None]]

log = structlog.get_logger(__name__)


class OperationRefused(Exception):
    """Raised for an operation that cannot be executed, or not go on."""

    def __init__(self, errors: Iterable[GraphQLError]) -> None:
        #: Why.
        self.errors = tuple(errors)
        super().__init__("; ".join(error.message for error in self.errors))


class HungUp(Exception):
    """Raised instead of telling something to a client that is gone."""


class Answering(Protocol):
    """What a socket needs to know: who asks, and how an operation is answered."""

    async def authenticate(self, authorization: str, address: str | None) -> Viewer | None:
        """Return who asks, or None when nobody we know does.

        Raises:
            RateLimited: too much comes from this address.
        """

    async def run(self, operation: Operation, viewer: Viewer, tell: Tell) -> None:
        """Tell each result of the operation, as JSON; return when it is complete.

        Raises:
            OperationRefused: it cannot be executed, or not go on.
            TooSlow: the client does not keep up.
        """


class GraphQLSocket:
    """The conversation with one client over an accepted WebSocket; `address` is where it comes from."""

    def __init__(
        self, answering: Answering, watch: SocketWatch, address: str | None, receive: Receive, send: Send
    ) -> None:
        self._answering = answering
        self._watch = watch
        self._address = address
        self._receive = receive
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._viewer: Viewer | None = None
        self._initialised = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._closing: asyncio.Future[SocketClosed] = self._loop.create_future()
        self._heard_at = self._loop.time()
        self._pinged_at: float | None = None
        self._ping: asyncio.Task[None] | None = None

    async def converse(self) -> None:
        """Converse until one of the two closes the connection."""
        timer = self._loop.call_later(INIT_SECONDS, self._init_is_late)
        listening = asyncio.create_task(self._listen())
        try:
            await asyncio.wait((listening, self._closing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            self._watch.leave(self)
            await ended(listening, *self._operations.values(), *((self._ping,) if self._ping else ()))
        if self._closing.done():
            await self._say_goodbye(self._closing.result())

    def cut(self, closed: SocketClosed) -> None:
        """End the connection; nothing more is told but why."""
        if not self._closing.done():
            self._closing.set_result(closed)

    def keep_alive(self, at: float) -> None:
        """Ask a silent client whether it is there, or give it up; `at` is the time of the event loop, in seconds."""
        if self._pinged_at is None:
            if at - self._heard_at >= PING_AFTER_SECONDS:
                self._pinged_at = at
                self._ping = asyncio.create_task(self._tell_if_there(_PING), name="ping")
        elif at - self._pinged_at >= PONG_SECONDS:
            self.cut(SocketClosed(CloseCode.TERMINATED, f"Terminated: no answer to a ping for {PONG_SECONDS:.0f} s"))

    async def _listen(self) -> None:
        while (received := await self._receive())["type"] != "websocket.disconnect":
            self._heard_at, self._pinged_at = self._loop.time(), None
            try:
                await self._heed(received.get("text") or received.get("bytes") or "")
            except SocketClosed as closed:
                self.cut(closed)
                return
            except HungUp:
                return
            except Exception:  # whatever it is, the client is told that the fault is ours
                error_id = uuid4().hex
                log.exception("socket failed", error_id=error_id)
                self.cut(SocketClosed(CloseCode.INTERNAL, f"Internal error, logged under the id {error_id}"))
                return

    async def _heed(self, text: str | bytes) -> None:
        if len(text) > MAX_MESSAGE_BYTES:
            raise SocketClosed(CloseCode.MESSAGE_TOO_BIG, f"A message has more than {MAX_MESSAGE_BYTES:,} bytes")
        try:
            message = read_message(text)
        except BadMessage as error:
            raise SocketClosed(CloseCode.BAD_MESSAGE, f"Invalid message: {error}") from error
        match message:
            case ConnectionInit():
                await self._initialise(message.payload or {})
            case Ping():
                await self._tell(_pong(bytes(message.payload)))
            case Pong():
                pass
            case Subscribe():
                await self._subscribe(message)
            case Complete() if message.id in self._operations:
                self._operations.pop(message.id).cancel()

    async def _initialise(self, payload: Mapping[str, Any]) -> None:
        if self._initialised:
            raise SocketClosed(CloseCode.TOO_MANY_INIT, "Too many initialisation requests")
        self._initialised = True
        named = {name.lower(): value for name, value in payload.items()}
        try:
            viewer = await self._answering.authenticate(str(named.get("authorization", "")), self._address)
        except StorageError as error:
            raise SocketClosed(CloseCode.TRY_AGAIN_LATER, "MongoDB does not answer now: try again") from error
        except RateLimited as error:
            raise SocketClosed(CloseCode.TRY_AGAIN_LATER, str(error)) from error
        except IssuerUnreachable as error:
            raise SocketClosed(CloseCode.TRY_AGAIN_LATER, "The OIDC issuer does not answer now: try again") from error
        if viewer is None:
            raise SocketClosed(CloseCode.FORBIDDEN, "Forbidden: connection_init needs {Authorization: Bearer TOKEN}")
        self._watch.enter(self, viewer)
        self._viewer = viewer
        await self._tell(_ACK)

    async def _subscribe(self, message: Subscribe) -> None:
        if self._viewer is None:
            raise SocketClosed(CloseCode.UNAUTHORIZED, "Unauthorized")
        if message.id in self._operations:
            raise SocketClosed(CloseCode.SUBSCRIBER_EXISTS, f"Subscriber for {message.id} already exists")
        try:
            self._check_room(self._viewer)
        except LimitExceeded as exceeded:
            await self._tell(_failed(message.id, [_seen_as(exceeded)]))
            return
        task = asyncio.create_task(self._operate(message.id, message.payload, self._viewer), name="operation")
        self._operations[message.id] = task
        self._watch.count(task, self._viewer)

    def _check_room(self, viewer: Viewer) -> None:
        if len(self._operations) >= MAX_OPERATIONS:
            told = f"{MAX_OPERATIONS} operations are open on this socket: complete one, or open another socket."
            raise LimitExceeded(told)
        self._watch.check_room(viewer)

    async def _operate(self, id_: str, operation: Operation, viewer: Viewer) -> None:
        try:
            await self._tell(await self._last_words(id_, operation, viewer))
        except TooSlow as slow:
            self.cut(SocketClosed(CloseCode.TOO_SLOW, str(slow)))
        except HungUp:
            pass
        finally:
            if self._operations.get(id_) is asyncio.current_task():
                del self._operations[id_]

    async def _last_words(self, id_: str, operation: Operation, viewer: Viewer) -> bytes:
        """Tell all results of an operation but the message that ends it, which is returned."""
        head = b'{"id":' + orjson.dumps(id_) + b',"type":"next","payload":'

        async def tell(result: bytes) -> None:
            await self._tell(head + result + b"}")

        try:
            await self._answering.run(operation, viewer, tell)
        except (TooSlow, HungUp):
            raise
        except OperationRefused as refused:
            return _failed(id_, refused.errors)
        except Exception as error:  # noqa: BLE001 - it is logged where it is masked
            return _failed(id_, [_seen_as(error)])
        return orjson.dumps({"id": id_, "type": "complete"})

    async def _tell(self, message: bytes) -> None:
        if self._closing.done():
            raise HungUp
        deadline = self._loop.call_later(SEND_SECONDS, self._message_is_late)
        try:
            await self._send({"type": "websocket.send", "text": message.decode()})
        except OSError as error:  # as ASGI servers tell that the client is gone
            raise HungUp from error
        finally:
            deadline.cancel()

    async def _tell_if_there(self, message: bytes) -> None:
        with suppress(HungUp):
            await self._tell(message)

    async def _say_goodbye(self, closed: SocketClosed) -> None:
        with suppress(Exception):  # the client may be gone already, or take nothing any more
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._send({"type": "websocket.close", "code": closed.code, "reason": closed.reason})

    def _init_is_late(self) -> None:
        if not self._initialised:
            self.cut(SocketClosed(CloseCode.INIT_TIMEOUT, "Connection initialisation timeout"))

    def _message_is_late(self) -> None:
        self.cut(SocketClosed(CloseCode.TOO_SLOW, f"Too slow: a message was not taken for {SEND_SECONDS:.0f} s"))


def _seen_as(error: Exception) -> GraphQLError:
    return GraphQLError(str(error), original_error=error)


def _failed(id_: str, errors: Iterable[GraphQLError]) -> bytes:
    return orjson.dumps({"id": id_, "type": "error", "payload": [formatted(error) for error in errors]})


def _pong(payload: bytes) -> bytes:
    return b'{"type":"pong","payload":' + payload + b"}" if payload else b'{"type":"pong"}'


_PING = b'{"type":"ping"}'
_ACK = b'{"type":"connection_ack"}'
