"""A load generator of our own: `python -m benchmarks.http_load PORT KIND SEED CONNECTIONS SECONDS RATE`.

Keep-alive connections on a bare protocol. With RATE 0 each sends as soon as it is answered; else so many requests start
a second, on whichever connection is free, and latency counts from the moment in which a request should have started.
"""

import asyncio
import json
import re
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import cast

import uvloop

from benchmarks.traffic import BODIES

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TICK_SECONDS = 0.001
_PATIENCE_SECONDS = 20.0


class Tally:
    """What has been answered."""

    def __init__(self) -> None:
        self.milliseconds: list[float] = []
        self.errors = 0

    def quantile(self, share: float) -> float:
        """Return the latency that this share of the requests did not exceed."""
        ordered = sorted(self.milliseconds)
        return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 3) if ordered else 0.0


class Sender(asyncio.Protocol):
    """One connection, with at most one request under way."""

    def __init__(self, tally: Tally, answered: Callable[["Sender"], None]) -> None:
        self._tally, self._answered = tally, answered
        self._received = b""
        self._begun: float | None = None
        self._transport: asyncio.Transport | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._begun is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to write."""
        self._transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes, begun: float) -> None:
        """Send one request."""
        if self._transport is None:
            self._tally.errors += 1
            return
        self._begun = begun
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Take in an answer, or a part of it."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if self._begun is None or not end or len(body) < int(length[1] if length else 0):
            return
        self._tally.milliseconds.append((time.perf_counter() - self._begun) * 1000)
        self._tally.errors += head[9:10] != b"2"
        self._received, self._begun = b"", None
        self._answered(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Count what will not be answered any more."""
        self._transport = None
        self._tally.errors += self.busy
        self._begun = None

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._begun = None
            self._transport.close()


class Requests:
    """Makes requests of one kind, each of new messages."""

    def __init__(self, kind: str, seed: str) -> None:
        self._path, self._body = BODIES[kind]
        self._seed, self._number = seed, 0

    def next(self) -> bytes:
        """Return a request that was not there before."""
        self._number += 1
        body = self._body(self._seed, self._number)
        head = f"POST {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def closed(port: int, requests: Requests, connections: int, seconds: float) -> tuple[Tally, float]:
    """Keep every connection busy for so long; return what was answered, and in how many seconds."""
    tally = Tally()
    begun = time.perf_counter()
    end = begun + seconds

    def go_on(sender: Sender) -> None:
        if time.perf_counter() < end:
            sender.send(requests.next(), time.perf_counter())

    senders = await _connected(port, connections, tally, go_on)
    for sender in senders:
        go_on(sender)
    await asyncio.sleep(seconds)
    await _last_answers(senders)
    return tally, time.perf_counter() - begun


async def opened(port: int, requests: Requests, connections: int, seconds: float, rate: int) -> tuple[Tally, float]:
    """Start requests at a rate for so long; return what was answered, and in how many seconds."""
    tally = Tally()
    free: deque[Sender] = deque()
    senders = await _connected(port, connections, tally, free.append)
    free.extend(senders)
    begun = time.perf_counter()
    started = 0
    while (now := time.perf_counter()) < begun + seconds:
        while started < (now - begun) * rate and free:
            free.popleft().send(requests.next(), begun + started / rate)
            started += 1
        await asyncio.sleep(_TICK_SECONDS)
    took = time.perf_counter() - begun
    await _last_answers(senders)
    return tally, took


async def _connected(port: int, number: int, tally: Tally, answered: Callable[[Sender], None]) -> list[Sender]:
    loop = asyncio.get_running_loop()
    made = [loop.create_connection(lambda: Sender(tally, answered), "127.0.0.1", port) for _ in range(number)]
    return [protocol for _, protocol in await asyncio.gather(*made)]


async def _last_answers(senders: list[Sender]) -> None:
    end = time.perf_counter() + _PATIENCE_SECONDS
    while any(sender.busy for sender in senders) and time.perf_counter() < end:  # noqa: ASYNC110 - too seldom to signal
        await asyncio.sleep(_TICK_SECONDS)
    for sender in senders:
        sender.close()


async def main() -> None:
    """Send, and print what it came to as one line of JSON."""
    port, kind, seed, connections, seconds, rate = sys.argv[1:]
    requests = Requests(kind, seed)
    if int(rate):
        tally, took = await opened(int(port), requests, int(connections), float(seconds), int(rate))
    else:
        tally, took = await closed(int(port), requests, int(connections), float(seconds))
    told = {"requests": len(tally.milliseconds), "seconds": took, "errors": tally.errors}
    print(json.dumps(told | {"p50": tally.quantile(0.5), "p99": tally.quantile(0.99)}))


if __name__ == "__main__":
    uvloop.run(main())
