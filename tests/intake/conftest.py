"""A prepared database for each test of this room."""

import pytest

from gateway.storage.connection import Connection
from gateway.storage.database import Database


@pytest.fixture
def database(prepared: Connection) -> Database:
    """Database with every collection and index."""
    return prepared.database
