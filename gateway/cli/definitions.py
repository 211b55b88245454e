"""`journey-gateway definitions`: segments and outcomes, in and out of files."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import orjson
import typer

from gateway.cli.failures import CommandError, told_in_one_line
from gateway.cli.surroundings import read_settings, run, surroundings
from gateway.clock import now
from gateway.journey.definition_fields import DefinitionKind
from gateway.journey.definition_record import (
    DefinitionRecord,
    UnreadDefinition,
    read_definitions,
    written_definition,
)
from gateway.storage.definition_import import COLLECTIONS, Imported, PlannedImport, do_import, plan_import
from gateway.storage.rows import all_rows

MAX_BYTES = 100_000_000
"""Size of a file; 5,000 segments take a few megabytes."""

definitions = typer.Typer(help="Import and export segments and outcomes.", no_args_is_help=True)

Read = Sequence[DefinitionRecord | UnreadDefinition]


@definitions.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="JSON: our export, or what the former product's API answered.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Import segments and outcomes; doing it again changes nothing. What cannot be taken is told with the reason."""
    with told_in_one_line():
        read = list(read_definitions(_document(file)))
    planned = run(_import([one for one in read if isinstance(one, DefinitionRecord)], dry_run=dry_run))
    for line in _lines(read, planned):
        typer.echo(line)
    told = _counts(read, planned)
    counts = ", ".join(f"{told[result]:,} {result.value}" for result in Imported)
    typer.echo(f"{_number(len(read), 'definition')}: {counts}{' (dry run: nothing was stored)' if dry_run else ''}")
    if told[Imported.REFUSED]:
        raise typer.Exit(1)


@definitions.command("export")
def export(
    file: Annotated[Path | None, typer.Argument(help="The file to write; printed unless given.")] = None,
) -> None:
    """Export every segment and outcome as JSON; importing the file changes nothing."""
    document = run(_exported())
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()
    if file is None:
        typer.echo(text)
        return
    with told_in_one_line():
        _write(file, text + "\n")
    written = " and ".join(_number(len(listed), name.removesuffix("s")) for name, listed in document.items())
    typer.echo(f"{written} are in {file}.")


async def _import(records: Iterable[DefinitionRecord], *, dry_run: bool) -> Sequence[PlannedImport]:
    async with surroundings(read_settings()) as ready:
        planned = await plan_import(ready.connection.database, records, now())
        if not dry_run:
            await do_import(ready.connection.database, planned)
    return planned


async def _exported() -> dict[str, list[dict[str, object]]]:
    async with surroundings(read_settings()) as ready:
        rows = {kind: await all_rows(ready.connection.database, COLLECTIONS[kind]) for kind in DefinitionKind}
    return {f"{kind.value}s": [written_definition(kind, row) for row in listed] for kind, listed in rows.items()}


def _lines(read: Read, planned: Iterable[PlannedImport]) -> Iterator[str]:
    """Yield a line for each definition, in the order of the file."""
    plans = iter(planned)
    for one in read:
        if isinstance(one, UnreadDefinition):
            yield f"{Imported.REFUSED.value:<9}  {one.name}: {one.reason}"
        else:
            plan = next(plans)
            reason = f": {plan.reason}" if plan.reason else ""
            yield f"{plan.result.value:<9}  {one.kind.value} {one.name}{reason}"


def _counts(read: Read, planned: Iterable[PlannedImport]) -> Counter[Imported]:
    unread = [Imported.REFUSED for one in read if isinstance(one, UnreadDefinition)]
    return Counter([*unread, *(plan.result for plan in planned)])


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _document(file: Path) -> object:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise CommandError(f"{file} has more than {MAX_BYTES:,} bytes: name a file of definitions.")
        return orjson.loads(file.read_bytes())
    except OSError as error:
        reason = error.strerror or error
        raise CommandError(f"{file} cannot be read ({reason}): name a file of definitions.") from None
    except orjson.JSONDecodeError as error:
        raise CommandError(f"{file} is no JSON ({error}): name a file of definitions.") from None


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file} cannot be written ({error.strerror or error}).") from None
