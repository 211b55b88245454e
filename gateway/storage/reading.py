"""How a reading fails: in the words of this room, so that others need not know the driver's."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo import timeout
from pymongo.errors import PyMongoError

from gateway.storage.errors import MongoDBUnreachable

READING_SECONDS = 5.0
"""A server that says nothing for so long counts as gone."""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn what the driver raises in the block, or in the function, into MongoDBUnreachable."""
    try:
        with timeout(READING_SECONDS):
            yield
    except PyMongoError as error:
        raise MongoDBUnreachable(f"MongoDB did not tell {what}: {error}") from error
