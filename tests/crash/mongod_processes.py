"""MongoDB servers of a test's own, as real processes that can be killed, paused and started again."""

import signal
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from gateway.storage.embedded.mongod_binary import find_mongod
from tests.running_server import free_port, until

NAME = "crash"
ELECTION_TIMEOUT_MILLIS = 10_000
"""MongoDB's default: how long the others wait for a primary that is silent before they elect another."""
START_SECONDS = 90.0


class Mongod:
    """One mongod on a port and a directory that stay the same over all its runs."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        """The address under which it is a member of its set."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it on what its directory holds; it listens a little later."""
        self.directory.mkdir(parents=True, exist_ok=True)
        command = [
            *(str(find_mongod()), "--dbpath", str(self.directory), "--port", str(self.port), "--bind_ip", "127.0.0.1"),
            *("--replSet", NAME, "--oplogSize", "100", "--wiredTigerCacheSizeGB", "0.25", "--nounixsocket"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=0"),
        ]
        with self.directory.with_suffix(".log").open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self) -> None:
        """End it as a crash does: kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order, also when it is paused."""
        self.send(signal.SIGCONT)
        self._end(signal.SIGTERM)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, such as SIGSTOP; nothing happens when it has ended."""
        if self._process is not None:
            self._process.send_signal(number)

    @property
    def pid(self) -> int:
        """Its process id; only while it runs."""
        assert self._process is not None, "it does not run"
        return self._process.pid

    def has_ended(self) -> bool:
        """Tell whether it does not run, because it was ended or has ended by itself."""
        return self._process is None or self._process.poll() is not None

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self.send(number)
            try:
                self._process.wait(START_SECONDS)
            finally:
                self._process.kill()
                self._process.wait()
                self._process = None


class ReplicaSet:
    """Several mongods that are one MongoDB."""

    def __init__(self, members: Sequence[Mongod]) -> None:
        self.members = members

    @property
    def url(self) -> str:
        """What JOURNEY_MONGODB_URL is set to."""
        return f"mongodb://{','.join(member.host for member in self.members)}/?replicaSet={NAME}"

    async def primary(self) -> Mongod:
        """Wait until there is a member that takes writes, and return it."""
        primary: Mongod | None = await until(self._find_primary, START_SECONDS)
        assert primary is not None
        return primary

    async def are_all_up(self) -> bool:
        """Tell whether each member is the primary or follows it."""
        states = [hello.get("isWritablePrimary") or hello.get("secondary") for hello in await self._hellos()]
        return all(states)

    async def _find_primary(self) -> Mongod | None:
        hellos = zip(self.members, await self._hellos(), strict=True)
        return next((member for member, hello in hellos if hello.get("isWritablePrimary")), None)

    async def _hellos(self) -> list[Mapping[str, Any]]:
        return [{} if member.has_ended() else await _command(member, "hello") for member in self.members]


@asynccontextmanager
async def replica_set(
    directory: Path, members: int = 1, election_timeout_millis: int = ELECTION_TIMEOUT_MILLIS
) -> AsyncIterator[ReplicaSet]:
    """Run a replica set of so many members on the loopback interface, with a primary that takes writes."""
    mongods = [Mongod(directory / f"mongod-{number}") for number in range(members)]
    async with AsyncExitStack() as stack:
        for mongod in mongods:
            stack.callback(mongod.stop)
            mongod.start()
        those = ReplicaSet(mongods)
        await until(lambda: _initiate(mongods, election_timeout_millis), START_SECONDS)
        await those.primary()
        await until(those.are_all_up, START_SECONDS)
        yield those


async def _initiate(mongods: Sequence[Mongod], election_timeout_millis: int) -> bool:
    for mongod in mongods:
        if not await _command(mongod, "hello"):
            return False
    configuration = {
        "_id": NAME,
        "members": [{"_id": number, "host": mongod.host} for number, mongod in enumerate(mongods)],
        "settings": {"electionTimeoutMillis": election_timeout_millis},
    }
    return bool(await _command(mongods[0], "replSetInitiate", configuration))


async def _command(mongod: Mongod, name: str, value: object = 1) -> Mapping[str, Any]:
    """Return what this member, and no other of its set, answers; nothing when it does not."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        f"mongodb://{mongod.host}/?directConnection=true", serverSelectionTimeoutMS=1000, socketTimeoutMS=10_000
    )
    try:
        return await client.admin.command(name, value)
    except PyMongoError:
        return {}
    finally:
        await client.close()
