"""A request over HTTP, of which only the head is read, until somebody asks for the body."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from starlette.types import Receive, Scope

from gateway.graph.errors import BodyTooLarge, BodyTooSlow
from gateway.graph.media_types import answer_type_of
from gateway.storage.cancellation import ended

MAX_BODY_BYTES = 1_000_000
BODY_SECONDS = 20.0
"""How long a body may take to come."""
_DIGITS = 12
"""As many are read of a length: Python refuses to read thousands."""
_TOO_LARGE = f"The body is larger than {MAX_BODY_BYTES:,} bytes."


Result = TypeVar("Result")


class ClientGone(Exception):
    """Raised when nobody waits for the answer any more."""


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

    async def unless_gone(self, work: Coroutine[object, object, Result]) -> Result:
        """Return the result of some work after the body has come; the work is cancelled once nobody waits for it.

        Raises:
            ClientGone: nobody does.
        """
        working, listening = asyncio.create_task(work), asyncio.create_task(self._until_gone())
        try:
            await asyncio.wait((working, listening), return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise ClientGone
            return working.result()
        finally:
            await ended(working, listening)

    async def _until_gone(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

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
