"""A prepared database for each test of this room."""

import pytest

from gateway.storage.connection import Connection
from gateway.storage.database import Database
from gateway.storage.preparation import prepare


@pytest.fixture
async def database(connection: Connection) -> Database:
    """Database with every collection and index."""
    await prepare(connection)
    return connection.database
