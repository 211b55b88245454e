"""`journey-gateway traffic`: made-up visitors for the demo shop, until Ctrl-C."""

import asyncio
from typing import Annotated

import httpx
import typer

from gateway.cli.failures import CommandError
from gateway.cli.keys_at_hand import write_key_at_hand
from gateway.cli.running_server import Url, WriteKeyOption, client_of, server_url, why
from gateway.cli.stopping import told_to_stop
from gateway.cli.surroundings import read_settings, run
from gateway.cli.traffic import send_traffic


def traffic(
    url: Url = None,
    write_key: WriteKeyOption = None,
    seed: Annotated[int, typer.Option(help="The same seed tells the same story.")] = 7,
    visitors: Annotated[int, typer.Option(min=1, max=1000, help="About how many visits go on at a time.")] = 12,
) -> None:
    """Send made-up visits to the demo shop of a running server, until Ctrl-C."""
    run(_traffic(url, write_key, seed, visitors))


async def _traffic(url: str | None, write_key: str | None, seed: int, visitors: int) -> None:
    settings = read_settings()
    address = server_url(settings, url)
    async with client_of(address):
        key = await write_key_at_hand(settings, write_key)
    with told_to_stop() as stop:
        sending = asyncio.create_task(send_traffic(address, key, seed, visitors))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((sending, stopping), return_when=asyncio.FIRST_COMPLETED)
        sending.cancel()
        stopping.cancel()
        await asyncio.wait((sending, stopping))
    if not sending.cancelled() and isinstance(refused := sending.exception(), httpx.HTTPError):
        raise CommandError(why(refused))
