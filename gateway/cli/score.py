"""`journey-gateway score`: what would be told after each page of a file of calls; none of it is stored."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO, cast

import orjson
import typer

from gateway.cli.call_lines import CallFile, open_calls
from gateway.cli.failures import CommandError
from gateway.cli.import_batches import Batch, batches
from gateway.cli.keys_at_hand import find_write_key
from gateway.cli.meter import meter
from gateway.cli.surroundings import Surroundings, read_settings, run, surroundings
from gateway.cli.train import chosen
from gateway.clock import now
from gateway.intake.definitions import DefinitionReader, InForce, rules_of
from gateway.intake.privacy import privacy_of
from gateway.intake.rehearsal import Rehearsal
from gateway.intake.translate import translate
from gateway.journey.event import PAGE_VIEWED
from gateway.storage.definitions import outcome_rows
from gateway.storage.documents.outcome import outcome_from
from snippet.delivery import Delivery
from snippet.write_key import WriteKey


def score(
    file: Annotated[
        str, typer.Argument(help="File with one tracking call a line, plain or gzip; - is standard input.")
    ],
    outcome: Annotated[str, typer.Option(help="Display name or event name of the outcome.")],
    output: Annotated[Path, typer.Option(help="File to write: one line a page call; gzip if its name ends in .gz.")],
    write_key: Annotated[
        str | None, typer.Option(help="Write key whose rules apply; the first one by default.")
    ] = None,
) -> None:
    """Write the probability that the serving model would have told after each page call, knowing nothing later.

    A page after the outcome has no line. The visitors of the file are taken for new; the database stays as it is.
    """
    run(_score(file, outcome, output, write_key))


async def _score(file: str, outcome: str, output: Path, key: str | None) -> None:
    settings = read_settings()
    async with surroundings(settings, join=True) as ready:
        write_key = replace(
            await find_write_key(ready.connection.database, key or ready.keys.write_key), accept_robots=True
        )
        in_force, outcome_id = await _in_force(ready, outcome)
    scorer = Scorer(Rehearsal(in_force), write_key, outcome_id)
    with open_calls(file) as calls, _written(output) as lines, meter(Path(calls.name).name, calls.size) as shown:
        for batch in _batches(calls, write_key, ready):
            lines.write(b"".join(scorer.lines_of(batch)))
            shown.show(batch.position, f"{scorer.told:,} told")
    typer.echo(f"{scorer.told:,} page calls scored, {scorer.refused:,} lines refused: {output}")


async def _in_force(ready: Surroundings, name: str) -> tuple[InForce, str]:
    """Return the definitions with the model of this one outcome, and the outcome's id."""
    database = ready.connection.database
    [wanted] = chosen([outcome_from(row) for row in await outcome_rows(database)], name)[:1]
    in_force = await DefinitionReader(database, rules_of(ready.settings)).read()
    if wanted.id not in in_force.models:
        raise CommandError(f"{wanted.display_name!r} has no model yet: run `journey-gateway train` first.")
    return replace(in_force, models={wanted.id: in_force.models[wanted.id]}), wanted.id


def _batches(calls: CallFile, write_key: WriteKey, ready: Surroundings) -> Iterator[Batch]:
    return batches(calls, write_key, 0, now(), privacy_of(ready.settings))


@dataclass(slots=True)
class Scorer:
    """Turns batches of a file into lines, and counts them."""

    rehearsal: Rehearsal
    write_key: WriteKey
    outcome_id: str
    told: int = 0
    refused: int = 0
    received_date: datetime = field(default_factory=lambda: datetime.now(UTC))

    def lines_of(self, batch: Batch) -> Iterator[bytes]:
        """Yield a line for each page call of the batch that is told something."""
        delivery = Delivery(
            self.write_key, tuple(event.timed for event in batch.events), self.received_date, None, None
        )
        self.refused += len(batch.refused)
        for step, told in self.rehearsal.play([translate(timed, delivery) for timed in delivery.events]):
            if step.event.event_name == PAGE_VIEWED and self.outcome_id in told:
                self.told += 1
                line = {"messageId": step.event.message_id, "probability": told[self.outcome_id]}
                yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


@contextmanager
def _written(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("wb") as file:
            if path.suffix != ".gz":
                yield file
                return
            with gzip.GzipFile(fileobj=file, mode="wb") as packed:
                yield cast("BinaryIO", packed)
    except OSError as error:
        raise CommandError(f"{path} cannot be written ({error.strerror or error}).") from None
