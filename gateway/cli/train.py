"""`journey-gateway train`: learn from past sessions now, rather than when the running server does next."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from gateway.app import now
from gateway.cli.failures import CommandError
from gateway.cli.surroundings import read_settings, run, surroundings
from gateway.journey.event import PAGE_VIEWED
from gateway.journey.outcome import Outcome
from gateway.journey.session import LastEvent, Session
from gateway.prediction.training import LOOK_BACK, model_from
from gateway.prediction.training import train as train_outcome
from gateway.storage.definitions import outcome_rows
from gateway.storage.documents.outcome import outcome_from

SHOWN_PAGES = (1, 3, 10)


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
        models = [await train_outcome(database, outcome, now(), settings.session_timeout) for outcome in outcomes]
    Console().print(table_of(outcomes, models))
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
    columns = (
        "sessions",
        "achieved",
        *("after 1 page" if pages == 1 else f"after {pages} pages" for pages in SHOWN_PAGES),
    )
    for column in columns:
        table.add_column(column, justify="right")
    for outcome, row in zip(outcomes, models, strict=True):
        learned = model_from(row)
        shares = (learned.probability(_after(pages, row["trainedDate"])) for pages in SHOWN_PAGES)
        counts = (f"{row['sessionCount']:,}", f"{row['achievedCount']:,}")
        table.add_row(outcome.display_name, row["kind"], *counts, *(f"{share:.1%}" for share in shares))
    return table


def _after(pages: int, at: datetime) -> Session:
    """Return a session of which nothing is known but how many pages it has viewed."""
    return Session(
        id="",
        contact_id="",
        customer_id="",
        customer_id_type="cookie",
        created_date=at,
        last_event=LastEvent("", PAGE_VIEWED, at),
        event_count=pages,
        pageview_count=pages,
    )
