"""`journey-gateway report`: what serves an outcome's predictions, how good it is, and why."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from gateway.cli.failures import CommandError, told_in_one_line
from gateway.cli.report_page.page import report_page
from gateway.cli.report_text import print_report
from gateway.cli.surroundings import read_settings, run, surroundings
from gateway.clock import now
from gateway.prediction.report import ModelReport, gather_report
from gateway.storage.definitions import outcome_rows
from gateway.storage.documents.outcome import outcome_from

STANDARD_OUTPUT = "-"
MAX_NAMED = 10
"""Outcomes that a message names; there may be very many."""
_MAX_SLUG = 60

Row = Mapping[str, Any]


def report(
    outcome: Annotated[str, typer.Argument(help="Display name, event name or id of the outcome.")],
    file: Annotated[
        str | None,
        typer.Argument(
            help="Where to write the page of --html: by default a file named after the outcome; - is standard output."
        ),
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="Write a page with plots, which needs no other file.")] = False,
) -> None:
    """Tell how good the predictions of an outcome are: what serves, its figures, samples, and its versions."""
    with told_in_one_line():
        if file is not None and not html:
            raise CommandError(f"FILE is {file!r}: add --html to write the page there.")
    told = run(_gathered(outcome))
    if not html:
        print_report(told, Console())
        return
    page = report_page(told)
    if file == STANDARD_OUTPUT:
        typer.echo(page, nl=False)
        return
    path = Path(file or f"{slug_of(told.outcome.display_name) or told.outcome.id}-report.html")
    with told_in_one_line():
        _write(path, page)
    typer.echo(f"The report is in {path}.")


def found(rows: Sequence[Row], name: str) -> Row:
    """Return the outcome of this id, display name or event name; where none is spelt so, one that differs in case.

    Raises:
        CommandError: there is none, or there are several.
    """
    for fold in (str, str.casefold):
        for field in ("_id", "displayName", "eventName"):
            fitting = [row for row in rows if row.get(field) is not None and fold(row[field]) == fold(name)]
            if len(fitting) == 1:
                return fitting[0]
            if fitting:
                names = ", ".join(repr(row["displayName"]) for row in fitting[:MAX_NAMED])
                raise CommandError(f"{name!r} is several outcomes: {names}. Name one of them.")
    raise CommandError(_nothing_found(rows, name))


def slug_of(name: str) -> str:
    """Return a name as part of a file name: nothing in it but small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:_MAX_SLUG].strip("-")


async def _gathered(name: str) -> ModelReport:
    settings = read_settings()
    async with surroundings(settings, join=True) as ready:
        database = ready.connection.database
        row = found(await outcome_rows(database), name)
        return await gather_report(database, outcome_from(row), row.get("description"), now(), settings.session_timeout)


def _nothing_found(rows: Sequence[Row], name: str) -> str:
    if not rows:
        return "There is no outcome yet: define one with the mutation createOutcome."
    names = [row["displayName"] for row in rows]
    by_folded = {known.casefold(): known for known in names}
    near = [by_folded[one] for one in get_close_matches(name.casefold(), by_folded, cutoff=0.5)]
    if near:
        return f"There is no outcome {name!r}. Did you mean {' or '.join(map(repr, near))}?"
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return f"There is no outcome {name!r}. There are {', '.join(map(repr, names[:MAX_NAMED]))}{more}."


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written ({error.strerror or error}).") from None
