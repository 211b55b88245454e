"""`journey-gateway train`: learn from past sessions now, rather than when the running server does next.

Drift is left to the server: a model that was learned just now has told nobody of anything.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from gateway.cli.failures import CommandError
from gateway.cli.surroundings import read_settings, run, surroundings
from gateway.clock import now
from gateway.journey.outcome import Outcome
from gateway.prediction.full_training import Progress as Told
from gateway.prediction.full_training import train_fully
from gateway.prediction.training import LOOK_BACK
from gateway.storage.definitions import outcome_rows
from gateway.storage.documents.outcome import outcome_from


def train(
    outcome: Annotated[
        str | None, typer.Option(help="Display name or event name of the outcome; all active ones unless given.")
    ] = None,
) -> None:
    """Train the models of the outcomes now, and show what they have learned."""
    run(_train(outcome))


async def _train(name: str | None) -> None:
    settings = read_settings()
    async with surroundings(settings, join=True) as ready:
        database = ready.connection.database
        outcomes = chosen([outcome_from(row) for row in await outcome_rows(database)], name)
        with _progress() as bar:
            models = await train_fully(database, outcomes, now(), settings.session_timeout, _lines_of(bar))
    Console().print(table_of(outcomes, models))
    for one, model in zip(outcomes, models, strict=True):
        typer.echo(f"{one.display_name}: {model.get('status') or 'Shares by page views serve.'}")
    if not any(model["sessionCount"] for model in models):
        typer.echo(f"No session ended in the last {LOOK_BACK.days} days: the shares are those assumed at first.")


def chosen(outcomes: list[Outcome], name: str | None) -> list[Outcome]:
    """Return the outcomes to train: those of this name, or all active ones.

    Raises:
        CommandError: there is none.
    """
    wanted = [o for o in outcomes if (o.is_active if name is None else name in {o.display_name, o.event_name})]
    if wanted:
        return wanted
    if name is None or not outcomes:
        raise CommandError("There is no active outcome yet: define one with the mutation createOutcome.")
    known = ", ".join(repr(outcome.display_name) for outcome in outcomes)
    raise CommandError(f"--outcome is {name!r}, but the outcomes are {known}.")


def table_of(outcomes: list[Outcome], models: list[Mapping[str, Any]]) -> Table:
    """Return what was learned as a table; models are rows as they are stored."""
    table = Table("outcome", "kind", title=None)
    for column in ("sessions", "achieved", *_FIGURES.values()):
        table.add_column(column, justify="right")
    for outcome, row in zip(outcomes, models, strict=True):
        quality = row.get("quality") or {}
        figures = (f"{quality[name]:.4f}" if name in quality else "" for name in _FIGURES)
        kind = row["kind"] + (" (rejected)" if row.get("isRejected") else "")
        table.add_row(outcome.display_name, kind, f"{row['sessionCount']:,}", f"{row['achievedCount']:,}", *figures)
    return table


_FIGURES = {"auc": "AUC", "logLoss": "log-loss", "brier": "Brier", "calibrationError": "calibration error"}


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _lines_of(bar: Progress) -> Told:
    """Return what shows each step of the training in a line of its own."""
    lines: dict[str, TaskID] = {}

    def show(step: str, done: int) -> None:
        if step not in lines:
            lines[step] = bar.add_task(step, total=None)
        bar.update(lines[step], completed=done)

    return show
