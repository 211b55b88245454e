"""Subscribers that all ask for the same: `... fan_out_client PORT INTAKE_PORT NUMBER ROUNDS SEED`.

Each round posts one event at INTAKE_PORT and ends when every subscriber at PORT has its message. It prints the median
of the seconds from the moment before the POST, with the commit and the change stream in them.
"""

import asyncio
import json
import statistics
import sys
import time

import uvloop

from benchmarks.http_load import Requests, Sender, Tally
from benchmarks.light_socket import LightSocket, subscribe
from benchmarks.presence_query import PRESENCE

_CONNECTING = 50
_WARM_UP_ROUNDS = 3
_PATIENCE_SECONDS = 60.0
_CALM_SECONDS = 0.2


class Rounds:
    """Counts the messages of a round, over all subscribers."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._left = 0
        self._all_told = asyncio.Event()

    def begin(self) -> None:
        """Wait for one more message a subscriber."""
        self._left = self._number
        self._all_told.clear()

    def heard(self, _message: bytes) -> None:
        """Count a message."""
        self._left -= 1
        if self._left == 0:
            self._all_told.set()

    async def end(self, sockets: list[LightSocket]) -> float:
        """Return the moment in which the last subscriber had its message."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._all_told.wait()
        except TimeoutError:
            failed = next((socket.failed for socket in sockets if socket.failed), "nothing else")
            raise ConnectionError(f"{self._left} of {self._number} messages did not come; said was {failed}") from None
        return time.perf_counter()


async def main() -> None:
    """Measure, and print one line of JSON."""
    port, intake_port, number, rounds, seed = (int(argument) for argument in sys.argv[1:])
    counted = Rounds(number)
    sockets: list[LightSocket] = []
    for begun in range(0, number, _CONNECTING):
        some = min(_CONNECTING, number - begun)
        sockets += await asyncio.gather(*(subscribe(port, PRESENCE, {}, counted.heard) for _ in range(some)))
    await asyncio.sleep(1)  # each subscription has been asked for; nobody tells when the last one listens
    answered = asyncio.Event()
    loop = asyncio.get_running_loop()
    tally = Tally()
    _, sender = await loop.create_connection(lambda: Sender(tally, lambda _: answered.set()), "127.0.0.1", intake_port)
    requests = Requests("single", str(seed))
    seconds = []
    for round_ in range(_WARM_UP_ROUNDS + rounds):
        counted.begin()
        answered.clear()
        begun_at = time.perf_counter()
        sender.send(requests.next(), begun_at)
        await answered.wait()
        told_at = await counted.end(sockets)
        if round_ >= _WARM_UP_ROUNDS:
            seconds.append(told_at - begun_at)
        await asyncio.sleep(_CALM_SECONDS)
    for socket in sockets:
        socket.close()
    print(json.dumps({"seconds": statistics.median(seconds)}))


if __name__ == "__main__":
    uvloop.run(main())
