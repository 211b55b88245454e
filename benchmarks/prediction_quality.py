"""How good learned scores are on click streams of your own, and what learning them takes.

    python -m benchmarks.prediction_quality TRAIN VAL --event-name "Order Completed"

TRAIN and VAL are files of tracking calls, one a line, plain or gzip, in order of time: past calls to learn from, and
later ones of other visitors to score. The commands are those of the product: `import`, `definitions import`, `train`
and `score`, in a new data directory with an embedded MongoDB, which is deleted at the end. In the order
`definition-first` the outcome is reached while the calls are imported; in the order `import-first` it is defined over
past ones. What is learned should be as good either way. `benchmarks.judge` says what the figures mean.

JOURNEY_... variables of the environment have no say: each run is the same, and touches no database but its own.
"""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.judge import Figures, Goal, judge, markdown, objects_of, probabilities_of
from benchmarks.processes import Failed, tail
from benchmarks.server import PROGRAM, WRITE_KEY
from gateway.cli.failures import CommandError
from gateway.journey.conditions import Conditions, Pattern
from gateway.journey.conditions_format import written_conditions
from gateway.journey.criterion import Criterion
from gateway.storage.embedded import embedded_mongodb

HOURS = 24.0
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
"""The unit of ru_maxrss."""


class Order(StrEnum):
    """Whether the outcome is defined over past calls, or before they are imported."""

    IMPORT_FIRST = "import-first"
    DEFINITION_FIRST = "definition-first"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Streams:
    """What is learned from, what is scored, and the outcome; `kept` is where the scores stay, if anywhere."""

    train: Path
    val: Path
    goal: Goal
    display_name: str
    hours: float
    kept: Path | None


@dataclass(frozen=True, slots=True)
class Spent:
    """What a command took: by the clock, of processors, and at most of memory, in MB of a million bytes.

    The memory is no less than what this process had taken before it started the command, 150 MB or so: getrusage(2)
    counts a process from its fork on.
    """

    seconds: float
    processor_seconds: float
    megabytes: float

    def __str__(self) -> str:
        return (
            f"{self.seconds:.0f} s, {self.processor_seconds:.0f} s of processor time, at most {self.megabytes:,.0f} MB"
        )


def main(  # noqa: PLR0913, PLR0917 - one for each option
    train: Annotated[Path, typer.Argument(help="Past calls, to learn from.", exists=True, dir_okay=False)],
    val: Annotated[Path, typer.Argument(help="Later calls, to score and judge.", exists=True, dir_okay=False)],
    event_name: Annotated[str, typer.Option(help="Event by which the outcome is reached.")] = "Order Completed",
    display_name: Annotated[str, typer.Option(help="What the outcome is called.")] = "Outcome",
    attribute: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="What the event must tell; may be given again.")
    ] = None,
    session_timeout_hours: Annotated[float, typer.Option(help="Pause that ends a session.")] = HOURS,
    order: Annotated[Order, typer.Option(help="What comes first.")] = Order.BOTH,
    keep: Annotated[Path | None, typer.Option(help="Directory in which the scores are kept, a file an order.")] = None,
) -> None:
    """Learn an outcome from past calls, score later ones, and print how good that is as Markdown."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # mongod and the command end first
    goal = Goal(event_name, dict(_attribute(one) for one in attribute or ()))
    streams = Streams(train, val, goal, display_name, session_timeout_hours, keep)
    try:
        for one in (Order.IMPORT_FIRST, Order.DEFINITION_FIRST) if order is Order.BOTH else (order,):
            spent, figures = asyncio.run(measure(streams, one))
            print(_page(one, spent, figures), flush=True)
    except (Failed, CommandError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


async def measure(streams: Streams, order: Order) -> tuple[Spent, list[Figures]]:
    """Run the commands in this order in a new data directory; return what training took, and the figures.

    MongoDB is ours for that time, and the commands join it: so its memory is not counted as theirs.

    Raises:
        Failed: a command did not come to its end, or a page call got no probability.
    """
    with tempfile.TemporaryDirectory(prefix="journey-quality-") as directory:
        place = Path(directory)
        definition, scores = place / "definition.json", place / "scores.ndjson.gz"
        definition.write_text(json.dumps(definition_of(streams.goal, streams.display_name)))
        steps = [("import", str(streams.train)), ("definitions", "import", str(definition))]
        async with embedded_mongodb(place / "data", join=False):
            for step in steps if order is Order.IMPORT_FIRST else reversed(steps):
                await _command(place, streams, step, order)
            spent = await _command(place, streams, ("train",), order)
            wanted = ("--outcome", streams.display_name, "--output", str(scores))
            await _command(place, streams, ("score", str(streams.val), *wanted), order)
        _keep(scores, streams.kept, order)
        return spent, judge(objects_of(streams.val), probabilities_of(scores), streams.goal)


def definition_of(goal: Goal, display_name: str) -> dict[str, object]:
    """Return the outcome as `journey-gateway definitions import` reads it from a file."""
    criteria = tuple(Criterion(f"attributes.{name}.value", (value,)) for name, value in goal.attributes.items())
    conditions = Conditions(journey=(Pattern(criteria, 1, goal.event_name),))
    return {"outcomes": [{"displayName": display_name, "isPositive": True, **written_conditions(conditions)}]}


async def _command(place: Path, streams: Streams, arguments: Sequence[str], order: Order) -> Spent:
    """Run a command of the product to its end; tell when it begins, what it said last, and what it took."""
    log = place / f"{arguments[0]}.log"
    typer.echo(f"... {order}: {' '.join(arguments[:2])}", err=True)
    begun = time.monotonic()
    with _started([str(PROGRAM), *arguments], _environment(place, streams), log) as process:
        _, status, usage = await asyncio.to_thread(os.wait4, process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"{' '.join(arguments)} ended with {process.returncode}:\n{tail(log)}")
    spent = Spent(time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * MAXRSS_BYTES / 1_000_000)
    said = tail(log).strip().splitlines()
    typer.echo(f"    {said[-1] if said else ''} ({spent})", err=True)
    return spent


@contextmanager
def _started(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
    try:
        yield process
    except BaseException:
        process.terminate()
        raise


def _environment(place: Path, streams: Streams) -> Mapping[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("JOURNEY_")}
    return own | {
        "JOURNEY_DATA_DIR": str(place / "data"),
        "JOURNEY_WRITE_KEY": WRITE_KEY,
        "JOURNEY_SESSION_TIMEOUT": f"{streams.hours * 3600:.0f}",
        "JOURNEY_TRAIN_EVERY_HOURS": "0",
    }


def _keep(scores: Path, directory: Path | None, order: Order) -> None:
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
        shutil.copy(scores, directory / f"{order}.ndjson.gz")


def _attribute(told: str) -> tuple[str, str]:
    name, equals, value = told.partition("=")
    if not name or not equals:
        raise typer.BadParameter(f"{told!r} is not NAME=VALUE", param_hint="--attribute")
    return name, value


def _page(order: Order, spent: Spent, figures: Sequence[Figures]) -> str:
    return f"## {order}\n\nTraining: {spent}.\n\n{markdown(figures)}"


if __name__ == "__main__":
    typer.run(main)
