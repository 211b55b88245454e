"""A real MongoDB for the whole test session, and a database of its own for each test that asks for one."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient

from gateway.storage.connection import Connection, connect
from gateway.storage.embedded import embedded_mongodb

SNAPSHOT_SECONDS = 20


def pytest_configure(config: pytest.Config) -> None:
    """Let one warning pass that is the driver's, and can come up in any test, whenever garbage is collected.

    A client that is closed while it looks for a server leaves that look's socket to the garbage collector:
    `_async_create_connection` in pymongo/pool_shared.py closes it on OSError only, not when it is cancelled.
    """
    config.addinivalue_line("filterwarnings", "ignore:unclosed <socket:ResourceWarning")


@pytest.fixture(scope="session")
async def mongodb_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """URL of a one-node replica set that lives as long as the test session."""
    directory: Path = tmp_path_factory.mktemp("mongodb")
    async with embedded_mongodb(directory, join=False) as url:
        await _set_for_tests(url)
        yield url


async def _set_for_tests(url: str) -> None:
    """Let MongoDB keep what has a date of the past, and close the files of a dropped database after seconds.

    Its look for what has expired, once a minute, would remove a test's rows, whose dates are fixed ones. The files stay
    open for as long as snapshots of the past may be asked for, by default five minutes: two thousand tests then hold
    more files open than a process may have.
    """
    async with AsyncMongoClient[dict[str, Any]](url) as client:
        await client.admin.command(
            {"setParameter": 1, "minSnapshotHistoryWindowInSeconds": SNAPSHOT_SECONDS, "ttlMonitorEnabled": False}
        )


@pytest.fixture
async def connection(mongodb_url: str) -> AsyncIterator[Connection]:
    """Connection to an empty database that is dropped afterwards."""
    async with await connect(mongodb_url, f"test_{uuid4().hex}") as connection:
        yield connection
        await connection.client.drop_database(connection.database.name)
