"""`journey-gateway admin expire`: remove now what has expired, rather than when the running server does next."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Annotated

import typer

from gateway.cli.meter import meter
from gateway.cli.surroundings import read_settings, run, surroundings
from gateway.clock import now
from gateway.storage.identity.expiry import sweep, would_expire
from gateway.storage.identity.removal import Counts, finish_removals


def expire(
    *, dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be removed.")] = False
) -> None:
    """Remove contacts that have expired, with everything that belongs to them; a running server does so every hour.

    Erasures that were interrupted are finished first. Stopped, it goes on the next time.
    """
    run(_expire(dry_run=dry_run))


async def _expire(*, dry_run: bool) -> None:
    async with surroundings(read_settings(), join=True) as ready:
        database = ready.connection.database
        if dry_run:
            counts = await _total(would_expire(database, now()))
        else:
            counts = await finish_removals(database)
            counts += await _total(sweep(database, now()))
    for line in lines_of(counts, dry_run=dry_run):
        typer.echo(line)


async def _total(steps: AsyncIterator[Counts]) -> Counts:
    counts = Counts()
    with meter("expired", None) as shown:
        async for step in steps:
            counts += step
            shown.show(counts["contacts"], f"{counts['contacts']:,} contacts, {counts['events']:,} events")
    return counts


def lines_of(counts: Mapping[str, int], *, dry_run: bool) -> Iterator[str]:
    """Yield what was removed, or with `dry_run` would be, a line for each collection, the contacts first."""
    what = "would be removed" if dry_run else "removed"
    if not any(counts.values()):
        yield f"Nothing has expired: nothing {what}."
        return
    for name in sorted(counts, key=lambda name: (name != "contacts", name)):
        if counts[name]:
            yield f"{name:<16}{counts[name]:,} {what}"
