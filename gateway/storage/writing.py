"""How a writing fails: in the words of this room, so that others need not know the driver's."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo import timeout
from pymongo.errors import PyMongoError

from gateway.storage.errors import NotStored

WRITING_SECONDS = 10.0
"""Within this time something is stored, or it is refused; a transaction may have to begin again a few times."""


@contextmanager
def writing(what: str) -> Iterator[None]:
    """Turn what the driver raises in the block into NotStored."""
    try:
        with timeout(WRITING_SECONDS):
            yield
    except PyMongoError as error:
        raise NotStored(f"MongoDB could not store {what}: {error}") from error
