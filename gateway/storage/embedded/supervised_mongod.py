"""A mongod that takes writes on one port; started again when it dies, and given up when that is in vain."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage

import structlog
from pymongo.errors import PyMongoError

from gateway.storage.embedded import mongod_log, replica_set
from gateway.storage.embedded.cache_size import cache_gigabytes, memory_here
from gateway.storage.embedded.data_directory import DataDirectory
from gateway.storage.embedded.mongod_process import MongodProcess
from gateway.storage.embedded.running import running
from gateway.storage.errors import DataDirectoryUnusable, MongodFailed

OPTIONS = (
    ("--bind_ip", "127.0.0.1"),
    ("--replSet", replica_set.NAME),
    ("--oplogSize", "2048"),  # MB; how far back a subscriber can resume. The default is up to 50 GB of a large disk
    ("--quiet",),
    ("--slowms", "1000"),
    ("--logappend",),
    ("--logRotate", "reopen"),
    ("--setParameter", "diagnosticDataCollectionEnabled=false"),
    # a batch takes a second at most; one whose process was killed must not hold up its visitors for the default minute
    ("--setParameter", "transactionLifetimeLimitSeconds=10"),
    # The set has no second node to hand over to, so there is nothing to wait for
    ("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=0"),
)
SECONDS_TO_START = 60  # recovery of a large journal after a crash takes its time
SECONDS_BETWEEN_STARTS = 0.5
SECONDS_BETWEEN_ROTATIONS = 600
FAILURES, WITHIN_SECONDS = 3, 30  # so many failures in so short a time, and mongod is not started again

FULL_DISK = 1024 * 1024
NO_SPACE = "no space is left on the disk of its data"  # said by us: its log, most likely, is on the same disk
HINTS = {"ended by SIGILL": "this processor has no AVX, which MongoDB needs from version 5.0 on"}

log = structlog.get_logger(__name__)


class SupervisedMongod:
    """The mongod of a data directory that this process owns."""

    def __init__(self, program: Path, directory: DataDirectory) -> None:
        self._program = program
        self._directory = directory
        self._process: MongodProcess | None = None
        self._log_start = 0  # where in the log the present run begins
        #: Loopback port; the one of last time where that is free.
        self.port = _free_port(directory.note().port)

    @property
    def unix_socket(self) -> Path | None:
        """Where it listens besides its port, None where the data directory's path is too long for that."""
        return self._directory.unix_socket(self.port)

    async def start(self) -> None:
        """Start mongod and wait until it takes writes.

        Raises:
            MongodFailed: It ended instead, or takes no writes within a minute; with its own reason.
            DataDirectoryUnusable: Its log cannot be written.
        """
        try:
            mongod_log.rotate(self._directory.log)
            self._log_start = mongod_log.size_of(self._directory.log)
            self._process = await MongodProcess.start(self._command(), self._directory.log)
        except OSError as error:
            raise DataDirectoryUnusable(self._directory.path, error.strerror or str(error)) from error
        try:
            await self._wait_for_primary(self._process)
        except BaseException:
            await asyncio.shield(self.stop())
            raise

    async def stop(self) -> None:
        """End mongod in order; a second call does nothing."""
        if self._process is not None:
            await self._process.stop()

    async def supervise(self) -> None:
        """Start mongod again whenever it has ended, and keep its log short, until cancelled.

        Raises:
            MongodFailed: It failed three times within half a minute.
            DataDirectoryUnusable: It ended, and its log cannot be written any more.
        """
        failures: deque[float] = deque(maxlen=FAILURES)
        while self._process is not None:
            failure = await self._wait_for_end(self._process)
            log.warning("embedded_mongod_ended", port=self.port, reason=failure.reason)
            failures.append(asyncio.get_running_loop().time())
            if len(failures) == FAILURES and failures[-1] - failures[0] < WITHIN_SECONDS:
                raise failure
            await asyncio.sleep(SECONDS_BETWEEN_STARTS)
            with suppress(MongodFailed):  # the next turn finds it ended, and counts that
                await self.start()
                log.info("embedded_mongod_started_again", port=self.port)

    def _command(self) -> tuple[str, ...]:
        places = ("--dbpath", str(self._directory.database), "--logpath", str(self._directory.log))
        options = (word for option in OPTIONS for word in option)
        cache = ("--wiredTigerCacheSizeGB", str(cache_gigabytes(memory_here())))
        # by default it is in /tmp, where others can take its name
        listening = ("--unixSocketPrefix", str(self._directory.path)) if self.unix_socket else ("--nounixsocket",)
        return (str(self._program), *places, "--port", str(self.port), *listening, *cache, *options)

    async def _wait_for_primary(self, process: MongodProcess) -> None:
        async with running(process.wait()) as ended, running(replica_set.make_primary(self.port)) as primary:
            await asyncio.wait({ended, primary}, timeout=SECONDS_TO_START, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                raise self._failure(f"ended {ended.result()}")
            if not primary.done():
                raise self._failure(f"takes no writes after {SECONDS_TO_START} s")
            primary.result()

    async def _wait_for_end(self, process: MongodProcess) -> MongodFailed:
        async with running(process.wait()) as ended:
            while not (await asyncio.wait({ended}, timeout=SECONDS_BETWEEN_ROTATIONS))[0]:
                await self._rotate_log()
            return self._failure(f"ended {ended.result()}")

    async def _rotate_log(self) -> None:
        with suppress(OSError, PyMongoError):  # a log that stays long for ten more minutes harms nobody
            if mongod_log.rotate(self._directory.log):
                self._log_start = 0
                await replica_set.reopen_log(self.port)

    def _failure(self, what: str) -> MongodFailed:
        reason = HINTS.get(what) or mongod_log.reason(self._directory.log, self._log_start)
        if disk_usage(self._directory.path).free < FULL_DISK:
            reason = NO_SPACE
        return MongodFailed(what, reason, self._directory.log)


def _free_port(preferred: int | None) -> int:
    for port in (preferred or 0, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as mongod does
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise OSError("No port is free on 127.0.0.1")
