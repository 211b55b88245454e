"""`journey-gateway admin`: what an operator wants to know of a running gateway, and to have done now."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import typer
from rich import box
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from gateway.cli.expire import expire
from gateway.cli.surroundings import read_settings, run, surroundings
from gateway.journey.outcome import Outcome
from gateway.prediction.model_status import status_of
from gateway.storage.definitions import newest_models, outcome_rows
from gateway.storage.documents.outcome import outcome_from
from gateway.storage.statistics import Oplog, Statistics, statistics

admin = typer.Typer(help="See how the gateway is doing.", no_args_is_help=True)
COLUMNS = ("documents", "data", "on disk", "indexes", "average")
"""What is told of each collection; the average is that of a document."""
PLAIN_WIDTH = 120
NEARLY_FULL = 0.95
"""Share of the oplog from which on its oldest changes count as being replaced: MongoDB drops them in large pieces."""


admin.command()(expire)


@admin.command()
def stats() -> None:
    """Show what is stored, the bytes for each event, how far live cursors reach back, and how models do."""
    run(_stats())


async def _stats() -> None:
    async with surroundings(read_settings(), join=True) as ready:
        database = ready.connection.database
        told = await statistics(database)
        outcomes = [one for one in map(outcome_from, await outcome_rows(database)) if one.is_active]
        serving = await newest_models(database, [one.id for one in outcomes])
    terminal = Console()
    console = terminal if terminal.is_terminal else Console(width=PLAIN_WIDTH)
    console.print(table_of(told, plain=not terminal.is_terminal))
    for line in (*lines_of(told), *lines_of_models(outcomes, serving)):
        typer.echo(line)


def table_of(told: Statistics, *, plain: bool) -> Table:
    """Return the collections as a table; a plain one has no lines, and whole numbers of bytes for other programs."""
    table = Table(box=None if plain else box.HEAVY_HEAD, pad_edge=not plain)
    table.add_column("collection", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column.replace(" ", "_") if plain else column, justify="right")
    size = str if plain else decimal
    for one in told.collections:
        count = str(one.documents) if plain else f"{one.documents:,}"
        table.add_row(one.name, count, *map(size, (one.data, one.disk, one.indexes, one.average_document)))
    return table


def lines_of(told: Statistics) -> Iterator[str]:
    """Yield what is to be said beside the table."""
    each = told.bytes_per_event
    known = f"{each:,.0f}, all collections and indexes on disk" if each else "unknown: no events yet"
    yield f"bytes per event  {known}"
    yield f"oplog            {_window(told.oplog)}"
    yield f"MongoDB          {told.mongodb_version}"


def lines_of_models(outcomes: Iterable[Outcome], serving: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield what is to be said of the model that serves each outcome, as it is stored, by outcome id."""
    for outcome in outcomes:
        if (row := serving.get(outcome.id)) is not None:
            drift = (row.get("drift") or {}).get("status", "")
            told = " ".join(filter(None, (status_of(row), drift and f"Since then: {drift}")))
            yield f"model of {outcome.display_name!r}, {row['kind']} of {row['trainedDate']:%Y-%m-%d %H:%M} UTC: {told}"


def _window(oplog: Oplog | None) -> str:
    if oplog is None:
        return "cannot be read here, so nothing is known of how long `after` cursors stay valid"
    hours = f"{oplog.window / timedelta(hours=1):,.1f} hours"
    if oplog.filled < NEARLY_FULL:
        return f"{hours} so far, and {oplog.filled:.0%} full: every `after` cursor since then is valid"
    return f"{hours}: that is how long `after` cursors stay valid"
