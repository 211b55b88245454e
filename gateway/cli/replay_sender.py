"""Sends calls to a running server, a few requests at a time, and counts what became of them."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import msgspec

from gateway.cli.failures import CommandError
from gateway.cli.replay_schedule import DueCall
from gateway.cli.running_server import why
from gateway.cli.stopping import wait_until

REQUESTS_AT_ONCE = 4
LONGEST_PAUSE_SECONDS = 10.0
PATIENCE_SECONDS = 60.0
"""How long a server may be away or busy before the replay ends."""
_BUSY = httpx.codes.TOO_MANY_REQUESTS


class _Receipt(msgspec.Struct):
    status: str
    reason: str = ""


class _Answer(msgspec.Struct):
    receipts: list[_Receipt]


_answers = msgspec.json.Decoder(_Answer)


@dataclass(slots=True)
class Sender:
    """Sends batches side by side; `clock` tells the seconds since the start of the replay."""

    client: httpx.AsyncClient
    write_key: str
    clock: Callable[[], float]
    stop: asyncio.Event
    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    lag: float = 0.0
    largest_lag: float = 0.0
    failure: CommandError | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def sent(self) -> int:
        """How many calls have been answered for."""
        return self.statuses.total()

    def told(self) -> str:
        """Return the counts so far in a few words."""
        return f"{self.sent:,} sent · {self.statuses['rejected']:,} refused · {self.lag:.1f} s behind"

    def reject(self, reason: str) -> None:
        """Count a line that cannot even be sent."""
        self.statuses["rejected"] += 1
        self.reasons[reason] += 1

    async def send(self, calls: Sequence[DueCall]) -> None:
        """Send a batch; returns as soon as another one may follow."""
        while len(self._tasks) >= REQUESTS_AT_ONCE:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(self._send(calls))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait for what is under way.

        Raises:
            CommandError: the server refused to take any more, or was away for too long.
        """
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self.failure is not None:
            raise self.failure

    async def _send(self, calls: Sequence[DueCall]) -> None:
        try:
            answer = await self._answer([call.body for call in calls])
        except httpx.HTTPError as error:
            self._fail(why(error))
            return
        except msgspec.MsgspecError:
            self._fail(f"{self.client.base_url} answered with something that is no receipt: is it journey-gateway?")
            return
        if answer is not None:
            self._count(answer)
            self.lag = max(0.0, self.clock() - calls[0].seconds)
            self.largest_lag = max(self.largest_lag, self.lag)

    def _fail(self, text: str) -> None:
        self.failure = self.failure or CommandError(text)
        self.stop.set()

    def _count(self, answer: _Answer) -> None:
        self.statuses.update(receipt.status for receipt in answer.receipts)
        self.reasons.update(receipt.reason for receipt in answer.receipts if receipt.status == "rejected")

    async def _answer(self, bodies: Sequence[bytes]) -> _Answer | None:
        """Send the same until it is answered; None when told to stop meanwhile."""
        begun = self.clock()
        for attempt in itertools.count():
            pause = min(0.25 * 2**attempt, LONGEST_PAUSE_SECONDS)
            try:
                response = await self.client.post("/v1/batch", content=_body(bodies), auth=(self.write_key, ""))
                if response.is_server_error or response.status_code == _BUSY:
                    pause = _retry_after(response) or pause
                response.raise_for_status()
                return _answers.decode(response.content)
            except (httpx.TransportError, httpx.HTTPStatusError) as error:
                if not _may_pass(error) or self.clock() - begun > PATIENCE_SECONDS:
                    raise
            if self.stop.is_set():
                return None
            await wait_until(self.stop, pause)
        return None


def _retry_after(response: httpx.Response) -> float:
    """Return the seconds that a server asks for; 0 when it asks for none, or names a date as some proxies do."""
    text = response.headers.get("Retry-After", "")
    return min(float(text), PATIENCE_SECONDS) if text.isdecimal() else 0.0


def _may_pass(error: httpx.HTTPError) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.is_server_error or error.response.status_code == _BUSY
    return True


def _body(bodies: Sequence[bytes]) -> bytes:
    return b'{"sentAt":"%s","batch":[%s]}' % (datetime.now(UTC).isoformat().encode(), b",".join(bodies))
