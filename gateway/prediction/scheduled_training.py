"""Full training by itself: every process looks whether it is time, and one of all has it done by a process of its own.

That one keeps its turn for as long as it takes. When it dies, its training ends with it, and another one's turn comes
within a minute; the outcomes are due again an hour after their training had begun.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import structlog

from gateway.prediction import training_process
from gateway.prediction.metrics import show_drift
from gateway.prediction.own_process import end, one_thread, program_of, start
from gateway.prediction.schedule import TrainingRules, due_outcomes, is_drift_due
from gateway.prediction.training_process import Said, TrainingRequest
from gateway.storage.database import Database
from gateway.storage.definitions import newest_models, outcome_rows
from gateway.storage.documents.outcome import outcome_from
from gateway.storage.errors import StorageError
from gateway.storage.turns import move_turn, take_turn

TASK = "full training"
_PROGRAM = program_of(training_process.__name__)

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Turn:
    """Whose turn it is: ours, until then."""

    until: datetime


class ScheduledTraining:
    """Has the outcomes of one database trained when they are due, and the drift of their models measured."""

    def __init__(
        self,
        database: Database,
        mongodb_url: str,
        rules: TrainingRules,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._mongodb_url = mongodb_url
        self._rules = rules
        self._now = now
        self._ends: set[asyncio.Task[None]] = set()

    async def look(self) -> None:
        """Show how models do; if it is our turn and something is due, have it done, and return when it is.

        Raises:
            StorageError: MongoDB cannot be used now.
        """
        outcomes = [one for one in map(outcome_from, await outcome_rows(self._database)) if one.is_active]
        serving = await newest_models(self._database, [one.id for one in outcomes])
        show_drift(outcomes, serving)
        now = self._now()
        if not await take_turn(self._database, TASK, self._rules.look_every, now):
            return
        due = await due_outcomes(self._database, outcomes, serving, self._rules, now)
        measures = is_drift_due(serving, self._rules, now)
        turn = _Turn(now + self._rules.look_every)
        if (due or measures) and await self._move(turn, self._rules.hold):
            await self._done(self._request(due, now, measures=measures), turn)

    async def close(self) -> None:
        """Wait until no process is left of those that were cancelled."""
        await asyncio.gather(*self._ends)

    def _request(self, due: dict[str, str], now: datetime, *, measures: bool) -> TrainingRequest:
        return TrainingRequest(
            self._mongodb_url,
            self._database.name,
            now,
            self._rules.session_timeout.total_seconds(),
            due,
            measures_drift=measures,
            trains_drifted=bool(self._rules.every),
            drift_bound=self._rules.drift_bound,
        )

    async def _done(self, request: TrainingRequest, turn: _Turn) -> None:
        process = await start(_PROGRAM, one_thread())
        following = asyncio.create_task(_followed(process, request))
        losing = asyncio.create_task(self._lost(turn))
        try:
            await asyncio.wait((following, losing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending = asyncio.create_task(_given_up(process, following, losing))
            self._ends.add(ending)
            ending.add_done_callback(self._ends.discard)
            await asyncio.shield(ending)
        if process.returncode != 0:
            log.error("full training ended before its time and will be tried again", code=process.returncode)
        await self._move(turn, self._rules.look_every)

    async def _lost(self, turn: _Turn) -> None:
        """Keep the turn; return when it is another one's."""
        while True:
            await asyncio.sleep(self._rules.hold.total_seconds() / 3)
            try:
                kept = await self._move(turn, self._rules.hold)
            except StorageError:
                kept = self._now() < turn.until
            if not kept:
                log.warning("full training is given up, as another server may have begun it")
                return

    async def _move(self, turn: _Turn, ahead: timedelta) -> bool:
        later = self._now() + ahead
        if not await move_turn(self._database, TASK, turn.until, later):
            return False
        turn.until = later
        return True


async def _followed(process: asyncio.subprocess.Process, request: TrainingRequest) -> None:
    """Give the request, and log what is said until the process ends; its input stays open, as its end would end it."""
    assert process.stdin is not None  # noqa: S101 - it was asked for
    assert process.stdout is not None  # noqa: S101 - likewise
    with suppress(ConnectionError):  # it has ended already: its exit code says so
        process.stdin.write(msgspec.json.encode(request) + b"\n")
        await process.stdin.drain()
    async for line in process.stdout:
        said = msgspec.json.decode(line, type=Said)
        getattr(log, said.level)(said.event, **said.fields)
    await process.wait()


async def _given_up(process: asyncio.subprocess.Process, *tasks: asyncio.Task[None]) -> None:
    await end(process)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
