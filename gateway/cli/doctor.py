"""`journey-gateway doctor`: send a canary event through a running server, and show each hop with its milliseconds."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from time import perf_counter
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from websockets.exceptions import WebSocketException

from gateway.cli.canary import Canary, Missing
from gateway.cli.failures import CommandError
from gateway.cli.keys_at_hand import keys_at_hand
from gateway.cli.live_socket import SubscriptionRefused
from gateway.cli.running_server import TIMEOUT_SECONDS, Url, WriteKeyOption, new_client, server_url, why
from gateway.cli.security.gathering import gather
from gateway.cli.security.report import tell
from gateway.cli.surroundings import ADMIN_TOKEN_FILE, read_settings, run
from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Hop:
    """A part of the way: what is examined, how, and what to do when it fails."""

    name: str
    examine: Callable[[Canary], Awaitable[str]]
    advice: str


SERVER: tuple[Hop, ...] = (
    Hop("server", Canary.server_answers, "Start it with `journey-gateway serve`, or name it with --url."),
    Hop(
        "MongoDB",
        Canary.mongodb_ready,
        "Look at the server's log; with JOURNEY_MONGODB_URL, see that the replica set has a primary.",
    ),
    Hop("tag", Canary.tag_served, "Install the package again, or build the tag."),
)
"""What can be examined without keys."""
EVENT: tuple[Hop, ...] = (
    Hop("token", Canary.token_known, "Pass --token; `journey-gateway token create` on the server's machine makes one."),
    Hop("subscription", Canary.subscribed, "A proxy in between must let WebSockets through to /graphql."),
    Hop(
        "collector", Canary.collected, "Pass the --write-key of this server; `journey-gateway write-key list` shows it."
    ),
    Hop("GraphQL", Canary.queried, "An accepted event must be there: see that server and doctor use one database."),
    Hop("live list", Canary.seen_live, "Look at the server's log for change streams; MongoDB must be a replica set."),
    Hop("change stream", Canary.streamed, "Look at the server's log for change streams."),
)
"""The way of an event, hop by hop."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What came out of a hop; `error` is None when it is well."""

    hop: Hop
    milliseconds: float
    told: str
    error: str | None = None


def doctor(
    url: Url = None,
    write_key: WriteKeyOption = None,
    token: Annotated[
        str | None,
        typer.Option(help="Admin token; JOURNEY_ADMIN_TOKEN or the data directory's file unless given."),
    ] = None,
    security: Annotated[
        bool, typer.Option("--security", help="Instead, list what is open to whom; exit code 1 if any of it is severe.")
    ] = False,
) -> None:
    """Send a canary event through a running server and show each hop with its milliseconds.

    The canary stays in the database: visitor doctor-..., event doctor_canary.
    """
    run(_security(url) if security else _doctor(url, write_key, token))


async def _doctor(url: str | None, write_key: str | None, token: str | None) -> None:
    settings = read_settings()
    address = server_url(settings, url)
    findings: list[Finding] = []
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(new_client(address))
        canary = Canary(client, stack)
        if await _examine(SERVER, canary, findings):
            canary.write_key, canary.token = await _keys(settings, write_key, token)
            await _examine(EVENT, canary, findings)
    Console().print(_table(findings))
    last = findings[-1]
    if last.error is not None:
        raise CommandError(f"{last.hop.name}: {last.error} {last.hop.advice}")


async def _security(url: str | None) -> None:
    settings = read_settings()
    facts = await gather(settings, server_url(settings, url), os.environ)
    severe = tell(facts, Console())
    if severe:
        raise CommandError(f"Severe: {severe} of these; close them before anybody else can reach the server.")


async def _keys(settings: Settings, write_key: str | None, token: str | None) -> tuple[str, str]:
    key, known = await keys_at_hand(settings, write_key, token)
    if known is None:
        path = settings.data_dir / ADMIN_TOKEN_FILE
        raise CommandError(f"No admin token is known: pass --token, or set JOURNEY_ADMIN_TOKEN; {path} holds none.")
    return key, known


async def _examine(hops: tuple[Hop, ...], canary: Canary, findings: list[Finding]) -> bool:
    """Add a finding per hop, up to the first that fails; tell whether all are well."""
    for hop in hops:
        begun = perf_counter()
        told, error = "", None
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                told = await hop.examine(canary)
        except (httpx.HTTPError, WebSocketException, SubscriptionRefused, Missing, OSError, ValueError) as failure:
            error = _sentence(failure)
        findings.append(Finding(hop, (perf_counter() - begun) * 1000, told, error))
        if error is not None:
            return False
    return True


def _sentence(failure: Exception) -> str:
    if isinstance(failure, httpx.HTTPError):
        return why(failure)
    if isinstance(failure, TimeoutError):
        return f"nothing came in {TIMEOUT_SECONDS:.0f} s."
    return f"{str(failure).rstrip('.') or type(failure).__name__}."


def _table(findings: list[Finding]) -> Table:
    table = Table("", "hop", box=None, pad_edge=False)
    table.add_column("ms", justify="right")
    table.add_column("", overflow="fold")
    for finding in findings:
        mark = "[green]✓[/green]" if finding.error is None else "[red]✗[/red]"
        told = finding.told if finding.error is None else "failed"
        table.add_row(mark, finding.hop.name, f"{finding.milliseconds:,.1f}", escape(told))
    for hop in (*SERVER, *EVENT)[len(findings) :]:
        table.add_row("-", hop.name, "", "not examined")
    return table
