"""The clients: many connections at once that send until they are acknowledged, as the tag and the libraries do."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import msgspec

from tests.crash.ledger import Ledger
from tests.crash.traffic import Call, Traffic
from tests.running_server import WRITE_KEY, until

CONNECTIONS = 50
ANSWER_SECONDS = 60.0
"""After this long without an answer a client gives up on a request, and the test calls it a broken promise."""
RETRY_SECONDS = 0.2
"""When a client that was refused comes again: before it should (Retry-After), so that recovery is seen as it happens."""
FINISH_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Mix:
    """What the requests of a load look like.

    `batches` is the share of requests that are batches, of `sizes` events; `repeated` is the share of requests in which
    something is sent again on purpose, in one of three ways; `pause` is the longest rest between two requests.
    """

    batches: float = 0.25
    sizes: tuple[int, int] = (5, 50)
    repeated: float = 0.1
    pause: float = 0.15
    retry: float = RETRY_SECONDS


class Load:
    """Clients that share a traffic and a ledger. Each request goes to any of `urls`, which may change meanwhile."""

    def __init__(
        self, seed: int, urls: Sequence[str], traffic: Traffic | None = None, mix: Mix | None = None
    ) -> None:
        self.ledger = Ledger()
        self._urls = urls
        self._traffic = traffic or Traffic(seed)
        self._mix = mix or Mix()
        self._random = random.Random(seed)
        self._stopping = False

    @asynccontextmanager
    async def running(self, connections: int = CONNECTIONS) -> AsyncIterator[Ledger]:
        """Send for as long as the block runs; at its end each client waits until its last request is acknowledged."""
        # No proxy of the environment stands between us and the loopback interface.
        async with httpx.AsyncClient(
            timeout=ANSWER_SECONDS, trust_env=False, limits=httpx.Limits(max_connections=2 * connections)
        ) as client:
            clients = [asyncio.create_task(self._send_again_and_again(client)) for _ in range(connections)]
            try:
                yield self.ledger
                self._stopping = True
                async with asyncio.timeout(FINISH_SECONDS):
                    await asyncio.gather(*clients)
            finally:
                for task in clients:
                    task.cancel()
                await asyncio.gather(*clients, return_exceptions=True)

    async def acknowledgements(self, more: int = 20) -> None:
        """Wait until so many more requests than now have been acknowledged."""
        goal = len(self.ledger.acknowledgement_times) + more

        async def reached() -> bool:
            return len(self.ledger.acknowledgement_times) >= goal

        await until(reached, FINISH_SECONDS)

    async def _send_again_and_again(self, client: httpx.AsyncClient) -> None:
        last: list[Call] = []
        while not self._stopping:
            calls = self._traffic.calls(self._random.randint(*self._mix.sizes) if self._is(self._mix.batches) else 1)
            times_at_once = 1
            if self._is(self._mix.repeated):
                match self._random.randrange(3):
                    case 0:
                        calls += last[:5]  # known to be stored
                    case 1:
                        calls += calls[:1]  # twice in one batch
                    case _:
                        times_at_once = 2  # in two requests at the same time
            await asyncio.gather(*(self._send_until_acknowledged(client, calls) for _ in range(times_at_once)))
            last = calls
            await asyncio.sleep(self._random.random() * self._mix.pause)

    async def _send_until_acknowledged(self, client: httpx.AsyncClient, calls: Sequence[Call]) -> None:
        path, body = _request(calls)
        while True:
            acknowledged = self.ledger.note_sending(calls)
            try:
                answer = await client.post(self._random.choice(self._urls) + path, content=body)
            except httpx.TransportError as error:
                self.ledger.note_silence(error)
            else:
                if self.ledger.note_answer(calls, acknowledged, answer):
                    return
            await asyncio.sleep(self._mix.retry)

    def _is(self, share: float) -> bool:
        return self._random.random() < share


def _request(calls: Sequence[Call]) -> tuple[str, bytes]:
    if len(calls) == 1:
        return f"/v1/{calls[0]['type']}", msgspec.json.encode({**calls[0], "writeKey": WRITE_KEY})
    return "/v1/batch", msgspec.json.encode({"writeKey": WRITE_KEY, "batch": calls})


async def run_for(load: Load, seconds: float) -> float:
    """Let the load get going, let it run so long, and return the moment."""
    await load.acknowledgements()
    await asyncio.sleep(seconds)
    return time.monotonic()
