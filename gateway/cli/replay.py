"""`journey-gateway replay`: send a file of calls to a running server as live traffic."""

import asyncio
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.call_lines import CallFile, open_calls
from gateway.cli.failures import CommandError
from gateway.cli.keys_at_hand import write_key_at_hand
from gateway.cli.meter import Meter, meter
from gateway.cli.replay_schedule import DueCall, schedule
from gateway.cli.replay_sender import Sender
from gateway.cli.running_server import Url, WriteKeyOption, client_of, server_url
from gateway.cli.stopping import INTERRUPTED, told_to_stop, wait_until
from gateway.cli.surroundings import read_settings, run
from gateway.clock import now
from snippet.refusal import Refusal

MAX_BATCH_CALLS = 100
MAX_BATCH_BYTES = 400 * 1024
"""Below the collector's limit for a request, with room for what stands around the calls."""


def replay(
    file: Annotated[
        str, typer.Argument(help="File with one tracking call a line, plain or gzip; - is standard input.")
    ],
    speed: Annotated[float, typer.Option(min=0.001, help="How many times as fast as it happened.")] = 1.0,
    url: Url = None,
    write_key: WriteKeyOption = None,
) -> None:
    """Send a file of calls to a running server as if it happened now, in its own rhythm divided by the speed.

    Visitors keep their ids and messages get new ones: every replay is new traffic by the same people. Pauses shrink
    with the speed, so at a high one the visits of a visitor run into one session.
    """
    run(_replay(file, speed, url, write_key))


async def _replay(file: str, speed: float, url: str | None, write_key: str | None) -> None:
    if not math.isfinite(speed):
        raise CommandError(f"--speed is {speed}: give a number, such as 60 for an hour in a minute.")
    settings = read_settings()
    address = server_url(settings, url)
    with told_to_stop() as stop, open_calls(file) as calls:
        async with client_of(address) as client:
            key = await write_key_at_hand(settings, write_key)
            loop = asyncio.get_running_loop()
            begun = loop.time()
            sender = Sender(client, key, lambda: loop.time() - begun, stop)
            try:
                with meter(Path(calls.name).name, calls.size) as shown:
                    await play(calls, speed, sender, shown)
            finally:
                for line in _report(sender):
                    typer.echo(line)
    if stop.is_set():
        typer.echo("Stopped.", err=True)
        raise typer.Exit(INTERRUPTED)


async def play(calls: CallFile, speed: float, sender: Sender, shown: Meter) -> None:
    """Send the calls as they become due, until the end of the file or until told to stop.

    Raises:
        CommandError: the file breaks off, or the server takes no more.
    """
    queue = _Queue(schedule(calls.lines(), now(), speed), sender)
    while queue.upcoming is not None and not sender.stop.is_set():
        await wait_until(sender.stop, queue.upcoming.seconds - sender.clock())
        if not sender.stop.is_set():
            await sender.send(list(queue.due_now()))
        shown.show(calls.position, sender.told())
    await sender.finish()


class _Queue:
    """The calls that are still to come; lines that are none are counted as refused on the way."""

    def __init__(self, calls: Iterator[DueCall | Refusal], sender: Sender) -> None:
        self._calls, self._sender = calls, sender
        self.upcoming = self._next()

    def due_now(self) -> Iterator[DueCall]:
        """Yield what is due by now, at least one call, as far as one request holds it."""
        size = count = 0
        while self.upcoming is not None and (count == 0 or self._has_room(count, size)):
            size += len(self.upcoming.body) + 1
            count += 1
            yield self.upcoming
            self.upcoming = self._next()

    def _has_room(self, count: int, size: int) -> bool:
        is_due = self.upcoming is not None and self.upcoming.seconds <= self._sender.clock()
        fits = self.upcoming is not None and size + len(self.upcoming.body) <= MAX_BATCH_BYTES
        return is_due and fits and count < MAX_BATCH_CALLS

    def _next(self) -> DueCall | None:
        for call in self._calls:
            if isinstance(call, DueCall):
                return call
            self._sender.reject(call)
        return None


def _report(sender: Sender) -> Iterator[str]:
    statuses = sender.statuses
    yield (
        f"events    {sender.sent:,} sent: {statuses['accepted']:,} accepted, {statuses['duplicate']:,} duplicate, "
        f"{statuses['rejected']:,} refused"
    )
    yield f"time      {sender.clock():,.1f} s, at most {sender.largest_lag:,.1f} s behind"
    for reason, count in sender.reasons.most_common():
        yield f"refused   {count:,} {reason}"
