"""`journey-gateway admin`: what an operator wants to know of a running gateway, and to have done now."""

from collections.abc import Iterator
from datetime import timedelta

import typer
from rich import box
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from gateway.cli.expire import expire
from gateway.cli.surroundings import read_settings, run, surroundings
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
    """Show what is stored, how many bytes that is for each event, and how far live cursors reach back."""
    run(_stats())


async def _stats() -> None:
    async with surroundings(read_settings(), join=True) as ready:
        told = await statistics(ready.connection.database)
    terminal = Console()
    console = terminal if terminal.is_terminal else Console(width=PLAIN_WIDTH)
    console.print(table_of(told, plain=not terminal.is_terminal))
    for line in lines_of(told):
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


def _window(oplog: Oplog | None) -> str:
    if oplog is None:
        return "cannot be read here, so nothing is known of how long `after` cursors stay valid"
    hours = f"{oplog.window / timedelta(hours=1):,.1f} hours"
    if oplog.filled < NEARLY_FULL:
        return f"{hours} so far, and {oplog.filled:.0%} full: every `after` cursor since then is valid"
    return f"{hours}: that is how long `after` cursors stay valid"
