"""HTTP/1.1 over one connection that is kept open, with as little work as possible: the load shares the machine."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

OK, SERVICE_UNAVAILABLE = 200, 503
SILENCE, CUT, NOBODY_LISTENS = "silence", "cut", "nobody listens"


class NoAnswer(Exception):
    """The connection could not be made, ended, or stayed silent for too long; the text says which."""


@dataclass(frozen=True, slots=True)
class HTTPAnswer:
    """An answer, and how long it took to come."""

    status: int
    headers: Mapping[str, str]  #: Names in lower case.
    body: bytes
    seconds: float


class Wire:
    """A client's connection; made when it is needed, and again to another URL."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._url: str | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, url: str, path: str, body: bytes) -> HTTPAnswer:
        """Post JSON to a path of the server at this URL.

        Raises:
            NoAnswer: there was none.
        """
        start = time.monotonic()
        try:
            async with asyncio.timeout(self._patience):
                reader, writer = await self._streams(url)
                head = f"POST {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nContent-Type: application/json\r\n"
                writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
                status, headers = _read_head(await reader.readuntil(b"\r\n\r\n"))
                content = await reader.readexactly(int(headers["content-length"]))
        except TimeoutError as error:
            self.close()
            raise NoAnswer(SILENCE) from error
        except (OSError, EOFError) as error:
            self.close()
            raise NoAnswer(NOBODY_LISTENS if isinstance(error, ConnectionRefusedError) else CUT) from error
        return HTTPAnswer(status, headers, content, time.monotonic() - start)

    def close(self) -> None:
        """End the connection; a second call does nothing."""
        if self._writer is not None:
            self._writer.close()
        self._url = self._reader = self._writer = None

    async def _streams(self, url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is None or self._writer is None or url != self._url:
            self.close()
            place = urlsplit(url)
            self._reader, self._writer = await asyncio.open_connection(place.hostname, place.port)
            self._url = url
        return self._reader, self._writer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _read_head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").splitlines()
    pairs = (line.partition(":") for line in lines if line)
    return int(first.split()[1]), {name.strip().lower(): value.strip() for name, _, value in pairs}
