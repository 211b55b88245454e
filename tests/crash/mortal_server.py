"""The server under test, which is killed and started again."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from signal import SIGKILL

from tests.crash.traffic import ORDER_COMPLETED
from tests.running_server import RunningServer, running_server

CREATE_OUTCOME = """
mutation ($input: CreateOutcomeInput!) { createOutcome(input: $input) { outcome { id } } }
"""


class MortalServer:
    """`journey-gateway serve` with the same settings in each of its lives; `urls` holds where it listens now."""

    def __init__(self, data_dir: Path, settings: Mapping[str, object], urls: list[str]) -> None:
        self.data_dir = data_dir
        self._settings = settings
        self._urls = urls
        self._life = AsyncExitStack()
        self._url: str | None = None
        self._now: RunningServer | None = None

    @property
    def now(self) -> RunningServer:
        """The server in its present life."""
        assert self._now is not None, "the server does not run"
        return self._now

    async def start(self) -> None:
        """Start it, and wait until it is ready."""
        self._now = await self._life.enter_async_context(running_server(self.data_dir, self._settings))
        if self._url in self._urls:
            self._urls.remove(self._url)
        self._url = self._now.url
        self._urls.append(self._url)

    async def kill(self) -> None:
        """End it as a crash does: kill -9, to all processes of its group."""
        self.now.stop(SIGKILL)
        await self.end()

    async def end(self) -> None:
        """End it in order, unless it has ended; its address stays until its next life, as clients do not know."""
        await self._life.aclose()
        self._now = None


@asynccontextmanager
async def mortal_server(
    data_dir: Path, settings: Mapping[str, object] | None = None, urls: list[str] | None = None
) -> AsyncIterator[MortalServer]:
    """Run a server that may be killed inside of the block."""
    server = MortalServer(data_dir, settings or {}, urls if urls is not None else [])
    try:
        await server.start()
        yield server
    finally:
        await server.end()


async def define_outcome(server: MortalServer) -> None:
    """Define an outcome, so that there is something that sessions achieve: it is reached by an order."""
    await server.now.query(CREATE_OUTCOME, input={"displayName": "Order", "eventName": ORDER_COMPLETED})
