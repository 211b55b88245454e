"""A real MongoDB for the whole test session, and a database of its own for each test that asks for one."""

import os
from collections.abc import AsyncIterator
from math import ceil
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient

from gateway.storage.connection import Connection, connect
from gateway.storage.embedded import embedded_mongodb
from tests.prepared_databases import prepared_database

SNAPSHOT_SECONDS = 20
JOURNAL_MILLISECONDS = 5
"""How often the journal is written, on which a write that nobody else hastens waits: by default for up to 100."""

MEMORY = Path("/dev/shm")  # noqa: S108 - the file system in memory; the directory in it is a private one
MEMORY_BYTES = 6 * 1024**3
"""What must be free there: each pytest worker's mongod may come to 1 GB, mostly of journal and oplog."""


def pytest_configure(config: pytest.Config) -> None:
    """Let one warning pass that is the driver's, and can come up in any test, whenever garbage is collected.

    A client that is closed while it looks for a server leaves that look's socket to the garbage collector:
    `_async_create_connection` in pymongo/pool_shared.py closes it on OSError only, not when it is cancelled.
    """
    config.addinivalue_line("filterwarnings", "ignore:unclosed <socket:ResourceWarning")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return three workers for two processors: tests wait for MongoDB and for the processes that they start."""
    return ceil(1.5 * (os.cpu_count() or 1))


@pytest.fixture(scope="session")
async def mongodb_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """URL of a one-node replica set that lives as long as the test session.

    Two thousand databases of a hundred files each are made and dropped on it: a disk would hold that up, so its files
    are in memory where there is room. No test here ends it; those that do so run mongods of their own, on the disk.
    """
    with TemporaryDirectory(dir=_mongodb_place(tmp_path_factory), prefix="journey-tests-") as directory:
        async with embedded_mongodb(Path(directory), join=False) as url:
            await _set_for_tests(url)
            yield url


def _mongodb_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if os.access(MEMORY, os.W_OK) and disk_usage(MEMORY).free > MEMORY_BYTES:
        return MEMORY
    return tmp_path_factory.getbasetemp()


async def _set_for_tests(url: str) -> None:
    """Let MongoDB keep what has a date of the past, be quick, and close a dropped database's files after seconds.

    Its look for what has expired, once a minute, would remove a test's rows, whose dates are fixed ones. The files stay
    open for as long as snapshots of the past may be asked for, by default five minutes: two thousand tests then hold
    more files open than a process may have.
    """
    async with AsyncMongoClient[dict[str, Any]](url) as client:
        await client.admin.command(
            {
                "setParameter": 1,
                "journalCommitInterval": JOURNAL_MILLISECONDS,
                "minSnapshotHistoryWindowInSeconds": SNAPSHOT_SECONDS,
                "ttlMonitorEnabled": False,
            }
        )


@pytest.fixture
async def connection(mongodb_url: str) -> AsyncIterator[Connection]:
    """Connection to an empty database that is dropped afterwards."""
    async with await connect(mongodb_url, f"test_{uuid4().hex}") as connection:
        yield connection
        await connection.client.drop_database(connection.database.name)


@pytest.fixture
async def prepared(mongodb_url: str) -> AsyncIterator[Connection]:
    """Connection to a database with every collection and index, and no documents."""
    async with prepared_database(mongodb_url) as connection:
        yield connection
