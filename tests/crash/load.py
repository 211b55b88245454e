"""The clients: many connections at once that send until they are acknowledged, as the tag and the libraries do."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec

from tests.crash.ledger import Ledger
from tests.crash.traffic import Call, Traffic, drawn_from
from tests.crash.wire import NoAnswer, Wire
from tests.running_server import WRITE_KEY, until

CONNECTIONS = 50
ANSWER_SECONDS = 30.0
"""After this long without an answer a client gives up on a request, and the test calls it a broken promise."""
FINISH_SECONDS = 120.0
LAST_FEW = 5


@dataclass(frozen=True, slots=True)
class Mix:
    """What the requests of a load look like.

    `batches` is the share of requests that are batches, of `sizes` events; `repeated` the share in which something is
    sent again on purpose. `pause` is the longest rest of a client between two requests, in seconds. After `retry`
    seconds a client that was refused comes again: sooner than Retry-After says, so that recovery is seen as it happens.
    The events are of so many `visitors`; `bulk` is the length of a text that each event carries.
    """

    batches: float = 0.25
    sizes: tuple[int, int] = (5, 50)
    repeated: float = 0.1
    pause: float = 0.1
    retry: float = 0.2
    visitors: int = 200
    bulk: int = 0


STEADY = Mix()


class Load:
    """Clients that share a traffic and a ledger. Each request goes to any of `urls`, which may change meanwhile."""

    def __init__(self, seed: int, urls: Sequence[str], mix: Mix = STEADY, ledger: Ledger | None = None) -> None:
        self.ledger = ledger or Ledger()
        self._urls = urls
        self._mix = mix
        self._traffic = Traffic(seed, mix.visitors, mix.bulk)
        self._random = drawn_from(seed)
        self._stopping = False

    @asynccontextmanager
    async def running(self, connections: int = CONNECTIONS) -> AsyncIterator[None]:
        """Send for as long as the block runs; at its end each client waits until its last request is acknowledged."""
        self._stopping = False
        clients = [asyncio.create_task(self._send_again_and_again()) for _ in range(connections)]
        try:
            yield
            self._stopping = True
            async with asyncio.timeout(FINISH_SECONDS):
                await asyncio.gather(*clients)
        finally:
            for client in clients:
                client.cancel()
            await asyncio.gather(*clients, return_exceptions=True)

    async def acknowledgements(self, more: int = 100) -> None:
        """Wait until so many more requests than now have been acknowledged."""
        goal = len(self.ledger.acknowledgement_times) + more

        async def reached() -> bool:
            return len(self.ledger.acknowledgement_times) >= goal

        await until(reached, FINISH_SECONDS)

    async def _send_again_and_again(self) -> None:
        last: list[Call] = []
        with Wire(ANSWER_SECONDS) as one, Wire(ANSWER_SECONDS) as other:
            while not self._stopping:
                calls = self._traffic.calls(
                    self._random.randint(*self._mix.sizes) if self._is(self._mix.batches) else 1
                )
                if self._is(self._mix.repeated):
                    await self._send_with_repeats(one, other, calls, last)
                else:
                    await self._send_until_acknowledged(one, calls)
                last = calls
                await asyncio.sleep(self._random.random() * self._mix.pause)

    async def _send_with_repeats(self, one: Wire, other: Wire, calls: list[Call], last: list[Call]) -> None:
        match self._random.choice(("stored", "twice in a batch", "twice at once")):
            case "stored":
                await self._send_until_acknowledged(one, [*calls, *last[:LAST_FEW]])
            case "twice in a batch":
                await self._send_until_acknowledged(one, [*calls, calls[0]])
            case _:
                await asyncio.gather(*(self._send_until_acknowledged(wire, calls) for wire in (one, other)))

    async def _send_until_acknowledged(self, wire: Wire, calls: Sequence[Call]) -> None:
        path, body = _request(calls)
        begun = time.monotonic()
        while True:
            acknowledged = self.ledger.note_sending(calls)
            try:
                answer = await wire.post(self._random.choice(self._urls), path, body)
            except NoAnswer as error:
                self.ledger.note_no_answer(error)
            else:
                if self.ledger.note_answer(calls, acknowledged, answer):
                    break
            await asyncio.sleep(self._mix.retry)
        self.ledger.longest_wait_seconds = max(self.ledger.longest_wait_seconds, time.monotonic() - begun)

    def _is(self, share: float) -> bool:
        return self._random.random() < share


def _request(calls: Sequence[Call]) -> tuple[str, bytes]:
    if len(calls) == 1:
        return f"/v1/{calls[0]['type']}", msgspec.json.encode({**calls[0], "writeKey": WRITE_KEY})
    return "/v1/batch", msgspec.json.encode({"writeKey": WRITE_KEY, "batch": calls})
