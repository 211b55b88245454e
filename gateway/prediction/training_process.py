"""The process that trains; `gateway.prediction.scheduled_training` starts it, with a low priority.

It takes a request as a line of JSON from its standard input, and writes what is to be logged as lines of JSON to its
standard output. It ends at once when it is terminated or its input ends, as both mean that its server ends, or has
ended: whatever it has not stored by then is lost, and nothing is stored by halves.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Thread
from time import monotonic
from typing import Any

import msgspec

from gateway.journey.outcome import Outcome
from gateway.prediction.drift import measure_drift
from gateway.prediction.full_training import train_fully
from gateway.storage.connection import connect
from gateway.storage.database import Database
from gateway.storage.definitions import newest_models, outcome_rows
from gateway.storage.documents.outcome import outcome_from
from gateway.storage.errors import StorageError

ENDED_EARLY = 1
"""Exit code of a process whose server has ended."""
DRIFTED = "the model can no longer be taken by its word"

Values = str | float | bool | None


class TrainingRequest(msgspec.Struct, frozen=True):
    """What is to be done, and where. `due` are outcomes to be trained, each with the reason.

    Where `measures_drift`, that comes first; with `trains_drifted`, models for which an alarm begins are trained too.
    """

    mongodb_url: str
    database: str
    now: datetime
    session_timeout: float
    due: dict[str, str]
    measures_drift: bool
    trains_drifted: bool
    drift_bound: float

    @property
    def timeout(self) -> timedelta:
        """The time-out of sessions."""
        return timedelta(seconds=self.session_timeout)

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """Show it in the log without the URL, which may hold a password."""
        return [("due", self.due), ("measures_drift", self.measures_drift)]

    def __repr__(self) -> str:
        """Show it likewise."""
        return f"TrainingRequest({dict(self.__rich_repr__())})"


class Said(msgspec.Struct, frozen=True):
    """A line for the log of the server."""

    level: str
    event: str
    fields: dict[str, Values]


Say = Callable[[Said], None]


def main() -> None:
    """Take a request, and do what it asks for."""
    log = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # LightGBM writes warnings to the standard output
    request = msgspec.json.decode(sys.stdin.buffer.readline(), type=TrainingRequest)
    Thread(target=_end_with_the_input, daemon=True).start()

    def say(said: Said) -> None:
        log.write(msgspec.json.encode(said) + b"\n")

    try:
        asyncio.run(work(request, say))
    except StorageError as error:
        say(Said("warning", "full training could not go on and will be tried again", {"error": str(error)}))


async def work(request: TrainingRequest, say: Say) -> None:
    """Do what the request asks for, and say how it went.

    Raises:
        StorageError: MongoDB cannot be used.
    """
    async with await connect(request.mongodb_url, request.database) as connection:
        database = connection.database
        rows = [outcome_from(row) for row in await outcome_rows(database)]
        outcomes = {one.id: one for one in rows if one.is_active}
        due = dict(request.due)
        if request.measures_drift:
            drifted = await _drifted(database, outcomes, request, say)
            due |= dict.fromkeys(drifted, DRIFTED) if request.trains_drifted else {}
        if chosen := [outcomes[id_] for id_ in due if id_ in outcomes]:
            await _train(database, chosen, due, request, say)


async def _drifted(
    database: Database, outcomes: Mapping[str, Outcome], request: TrainingRequest, say: Say
) -> Sequence[str]:
    """Measure drift, say where an alarm begins or ends, and return the outcomes for which one begins."""
    serving = await newest_models(database, list(outcomes))
    rows = list(serving.values())
    measured = await measure_drift(database, rows, request.now, request.timeout, request.drift_bound)
    changed = [one for one in measured if one.has_changed]
    for one in changed:
        fields: dict[str, Values] = {"outcome": outcomes[one.outcome_id].display_name, "status": one.drift.status}
        if one.drift.is_alarming:
            say(Said("warning", "a model has drifted", fields))
        else:
            say(Said("info", "the drift of a model is over", fields))
    return [one.outcome_id for one in changed if one.drift.is_alarming]


async def _train(
    database: Database, outcomes: list[Outcome], due: Mapping[str, str], request: TrainingRequest, say: Say
) -> None:
    begun = monotonic()
    for outcome in outcomes:
        say(Said("info", "full training begins", {"outcome": outcome.display_name, "why": due[outcome.id]}))
    models = await train_fully(database, outcomes, request.now, request.timeout)
    seconds = round(monotonic() - begun, 1)
    for outcome, model in zip(outcomes, models, strict=True):
        say(Said("info", "full training is over", _fields(outcome, model) | {"seconds": seconds}))


def _fields(outcome: Outcome, model: Mapping[str, Any]) -> dict[str, Values]:
    kind = model["kind"] + (" (rejected)" if model.get("isRejected") else "")
    return {"outcome": outcome.display_name, "kind": kind, "status": model.get("status", "")}


def _end_with_the_input() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(ENDED_EARLY)  # in the middle of growing trees nothing else would be heard
