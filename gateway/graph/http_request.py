"""A request over HTTP, of which only the head is read, until somebody asks for the body."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from starlette.types import Receive, Scope

from gateway.graph.errors import BodyTooLarge, BodyTooSlow
from gateway.graph.media_types import answer_type_of
from gateway.storage.cancellation import AGAIN_SECONDS

MAX_BODY_BYTES = 1_000_000
BODY_SECONDS = 20.0
"""How long a body may take to come."""
LISTEN_AFTER_SECONDS = 0.25
"""Whoever is answered sooner than this is not listened to meanwhile: most are, and listening takes a task."""
_DIGITS = 12
"""As many are read of a length: Python refuses to read thousands."""
_TOO_LARGE = f"The body is larger than {MAX_BODY_BYTES:,} bytes."


Result = TypeVar("Result")


class ClientGone(Exception):
    """Raised when nobody waits for the answer any more."""


class _Listening:
    """Cancels the task that makes it once the client has gone; it begins to listen after a while."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._working = asyncio.current_task()
        self._cancelled = 0
        self._listening: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(LISTEN_AFTER_SECONDS, self._begin)

    def end(self) -> bool:
        """Listen no longer, and tell whether it was this alone that has cancelled the task."""
        self._timer.cancel()
        if self._listening is not None:
            self._listening.cancel()
        if self._working is None or not self._cancelled:
            return False
        while self._cancelled:
            self._working.uncancel()
            self._cancelled -= 1
        return not self._working.cancelling()

    def _begin(self) -> None:
        self._listening = asyncio.create_task(self._listen(), name="listening for the end of a request")

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        while self._working is not None:  # again and again, as in gateway.storage.cancellation
            self._cancelled += 1
            self._working.cancel()
            await asyncio.sleep(AGAIN_SECONDS)


@dataclass
class Request:
    """A request, of which only the head is read."""

    scope: Scope
    receive: Receive
    headers: Mapping[bytes, bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = dict(self.scope["headers"])

    def header(self, name: bytes) -> str:
        """Return a header, empty when it is not there."""
        return self.headers.get(name, b"").decode("latin-1").strip()

    @property
    def method(self) -> str:
        """GET, POST or another."""
        return str(self.scope["method"])

    @property
    def address(self) -> str | None:
        """Where it comes from."""
        client = self.scope.get("client")
        return client[0] if client else None

    @cached_property
    def answer_type(self) -> str | None:
        """The media type of the answer, or None when the client takes none of ours."""
        return answer_type_of(self.header(b"accept"))

    async def body(self) -> bytes:
        """Return the body.

        Raises:
            BodyTooLarge: it is, or says so.
            BodyTooSlow: it does not come.
            ClientGone: it never will.
        """
        length = self.header(b"content-length")
        if length.isdecimal() and int(length[:_DIGITS]) > MAX_BODY_BYTES:
            raise BodyTooLarge(_TOO_LARGE)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._received()
        except TimeoutError:
            raise BodyTooSlow(f"The body did not come within {BODY_SECONDS:g} s.") from None

    async def unless_gone(self, work: Awaitable[Result]) -> Result:
        """Return the result of some work after the body has come; the work is cancelled once nobody waits for it.

        Raises:
            ClientGone: nobody does.
        """
        listening = _Listening(self.receive)
        try:
            return await work
        except asyncio.CancelledError:
            if listening.end():
                raise ClientGone from None
            raise
        finally:
            listening.end()

    async def _received(self) -> bytes:
        body = bytearray()
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            body += message.get("body", b"")
            if len(body) > MAX_BODY_BYTES:
                raise BodyTooLarge(_TOO_LARGE)
            if not message.get("more_body"):
                return bytes(body)
