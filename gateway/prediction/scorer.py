"""Scoring beside intake: learned models are asked by a process of its own, on another processor than intake's.

Asking ten models takes as long as all the rest that an event costs. The process is started with the first learned model
and ends with the server, also with one that is killed: its input ends then.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from time import monotonic

import msgspec
import structlog

from gateway.prediction import scoring_process
from gateway.prediction.model_rows import StoredModel
from gateway.prediction.own_process import end, one_thread, program_of, start
from gateway.prediction.scene import Moment
from gateway.prediction.scoring import Scored
from gateway.prediction.scoring_process import (
    HEAD_BYTES,
    Answer,
    Answered,
    Failed,
    Models,
    Moments,
    Request,
    frame_of,
)
from gateway.storage.documents.prediction import StoredPredictions

ANSWER_SECONDS = 5.0
"""How long an answer may take: seconds more, and the batch itself would be given up."""
REST_SECONDS = 30.0
"""For so long events are stored without predictions after a process could not even be started anew."""
_PROGRAM = program_of(scoring_process.__name__, niceness=0)

log = structlog.get_logger(__name__)


class Scorer:
    """Asks the models of one server process."""

    def __init__(self, program: Sequence[str] = _PROGRAM) -> None:
        self._program = tuple(program)
        self._models = Models(())
        self._running: _Running | None = None
        self._rests_until = float("-inf")
        self._starting = asyncio.Lock()

    async def use(self, models: Iterable[StoredModel]) -> None:
        """Ask these models from now on."""
        self._models = Models(tuple((one.row, one.trees) for one in models))
        if self._running is not None:
            await self._told(self._models)
        else:
            await self._started()

    async def scored(self, moments: Sequence[Moment], before: Mapping[str, StoredPredictions]) -> Scored:
        """Return what the models say at these moments: nothing where the process fails twice, as no event may wait.

        `before` are the predictions that are stored, by session.
        """
        answer = await self._told(Moments(moments, before))
        if isinstance(answer, Answered):
            return Scored(answer.told, answer.predictions)
        return Scored([b"" for _ in moments], {})

    async def close(self) -> None:
        """End the process, if there is one."""
        if self._running is not None:
            await self._running.close()
            self._running = None

    async def _told(self, request: Request) -> "Answer | None":
        """Return the answer to a request; None where there is none to be had."""
        for _ in range(2):
            running = await self._started()
            if running is None:
                return None
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    answer = await running.ask(request)
            except (TimeoutError, OSError, EOFError) as error:
                log.warning("the process that scores does not answer and is started anew", error=repr(error))
                await self._given_up(running)
                continue
            if isinstance(answer, Failed):
                log.warning("events are stored without predictions", error=answer.why)
                return None
            return answer
        self._rests_until = monotonic() + REST_SECONDS
        return None

    async def _started(self) -> "_Running | None":
        async with self._starting:
            if self._running is None and monotonic() >= self._rests_until:
                running = await _Running.start(self._program)
                try:
                    async with asyncio.timeout(ANSWER_SECONDS * 2):  # it has LightGBM to load
                        await running.ask(self._models)
                except (TimeoutError, OSError, EOFError) as error:
                    log.warning("the process that scores cannot be started", error=repr(error))
                    self._rests_until = monotonic() + REST_SECONDS
                    await running.close()
                else:
                    self._running = running
            return self._running

    async def _given_up(self, running: "_Running") -> None:
        if self._running is running:
            self._running = None
            await running.close()


class _Running:
    """A process that runs; requests are answered in order."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._asked: deque[asyncio.Future[Answer]] = deque()
        self._reading = asyncio.create_task(self._read(), name="scoring")

    @classmethod
    async def start(cls, program: tuple[str, ...]) -> "_Running":
        return cls(await start(program, one_thread()))

    async def ask(self, request: Request) -> Answer:
        """Return the answer.

        Raises:
            OSError: the process has ended.
            EOFError: likewise, before it has answered.
        """
        if self._reading.done():
            raise EOFError("the process has ended")
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._asked.append(answered)
        self._process.stdin.write(frame_of(request))
        await self._process.stdin.drain()
        return await answered

    async def close(self) -> None:
        """End the process, and leave nobody waiting."""
        await end(self._process)
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        try:
            while True:
                size = int.from_bytes(await self._process.stdout.readexactly(HEAD_BYTES))
                answer = _answer(await self._process.stdout.readexactly(size))
                asked = self._asked.popleft()
                if not asked.done():
                    asked.set_result(answer)
        except (OSError, EOFError, msgspec.MsgspecError) as error:
            for asked in self._asked:
                if not asked.done():
                    asked.set_exception(EOFError(f"the process has ended: {error!r}"))


_answer = msgspec.msgpack.Decoder(Answer).decode
