"""The embedded server: owned by one process, joined by others, healed when it dies, ended with its owner."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import structlog

from gateway.storage.embedded import replica_set
from gateway.storage.embedded.data_directory import DataDirectory, Note
from gateway.storage.embedded.mongod_binary import find_mongod
from gateway.storage.embedded.running import running
from gateway.storage.embedded.supervised_mongod import SupervisedMongod
from gateway.storage.errors import DataDirectoryLocked, DataDirectoryUnusable

SECONDS_TO_GIVE_WAY = 15  # for the mongod of a dead owner to end, or a living owner to be ready
SECONDS_BETWEEN_LOOKS = 0.05

log = structlog.get_logger(__name__)


@asynccontextmanager
async def embedded_mongodb(data_dir: Path, *, join: bool) -> AsyncIterator[str]:
    """Run a mongod on `data_dir`/mongodb and yield its URL; it ends with the block, or with this process.

    With `join`, a server that another process runs there is used instead, and left running. A mongod that dies is
    started again on the same port; when that is in vain, the block is cancelled and MongodFailed raised from it.

    Raises:
        EmbeddedServerError: One of MongodNotFound, DataDirectoryLocked, DataDirectoryUnusable and MongodFailed.
    """
    directory = DataDirectory(data_dir)
    joined = await _lock_or_join(directory, join=join)
    if joined is not None:
        yield joined
        return
    try:
        async with _owned_server(directory) as url:
            yield url
    finally:
        directory.unlock()


@asynccontextmanager
async def _owned_server(directory: DataDirectory) -> AsyncIterator[str]:
    mongod = SupervisedMongod(find_mongod(), directory)
    note = Note(pid=os.getpid(), port=mongod.port)
    directory.write_note(note)
    await _wait_for_predecessor(directory)
    await mongod.start()
    try:
        url = replica_set.url_of(mongod.port, mongod.unix_socket)
        directory.write_note(replace(note, url=url))
        async with _supervised(mongod):
            yield url
    finally:
        with suppress(DataDirectoryUnusable):  # a full disk is told by who met it first
            directory.write_note(note)
        await asyncio.shield(mongod.stop())


@asynccontextmanager
async def _supervised(mongod: SupervisedMongod) -> AsyncIterator[None]:
    """Run the block; cancel it and raise the reason when the supervisor gives up, as asyncio.timeout does."""
    block = asyncio.current_task()

    def give_up(supervisor: asyncio.Task[None]) -> None:
        if (error := _failure(supervisor)) is not None and block is not None:
            log.error("embedded_mongod_given_up", reason=str(error))
            block.cancel()

    async with running(mongod.supervise()) as supervisor:
        supervisor.add_done_callback(give_up)
        try:
            yield
        except asyncio.CancelledError:
            if _failure(supervisor) is None or (block is not None and block.uncancel() > 0):
                raise
        finally:
            supervisor.remove_done_callback(give_up)
    if (failure := _failure(supervisor)) is not None:
        raise failure


def _failure(task: asyncio.Task[None]) -> BaseException | None:
    return task.exception() if task.done() and not task.cancelled() else None


async def _lock_or_join(directory: DataDirectory, *, join: bool) -> str | None:
    """Return None when this process owns the directory now, else the URL of the server that it can use."""
    for _ in range(round(SECONDS_TO_GIVE_WAY / SECONDS_BETWEEN_LOOKS)):
        if directory.lock():
            return None
        note = directory.note()
        if not join:
            raise DataDirectoryLocked(directory.path, note.pid)
        if note.url is not None:
            return note.url
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
    raise DataDirectoryLocked(directory.path, directory.note().pid)


async def _wait_for_predecessor(directory: DataDirectory) -> None:
    """Give the mongod of an owner that was killed the time to end; it does so as soon as it sees that."""
    for _ in range(round(SECONDS_TO_GIVE_WAY / SECONDS_BETWEEN_LOOKS)):
        if directory.mongod_pid() is None:
            return
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
    raise DataDirectoryLocked(directory.path, directory.mongod_pid())
