"""Reading the past: what was stored at a moment of the change stream, as long as MongoDB keeps it (300 s by default).

The server's parameter `minSnapshotHistoryWindowInSeconds` says for how long.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bson import Timestamp
from pymongo import timeout
from pymongo.errors import OperationFailure, PyMongoError

from gateway.storage.database import Database, Row
from gateway.storage.errors import MongoDBUnreachable, StorageError
from gateway.storage.reading import READING_SECONDS

# InvalidOptions (a moment that never was, of a forged token), SnapshotTooOld, SnapshotUnavailable (of what is younger)
_NOT_KEPT = {72, 239, 246}


class PastLost(StorageError):
    """Raised when MongoDB no longer keeps what was stored at a moment."""


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A moment of the cluster's time: everything that one transaction writes happens in the same."""

    seconds: int
    increment: int

    @property
    def timestamp(self) -> Timestamp:
        """The moment as MongoDB takes it."""
        return Timestamp(self.seconds, self.increment)

    @property
    def before(self) -> "Moment":
        """The moment right before it."""
        return Moment(self.seconds, max(self.increment - 1, 0))  # a second begins with 1


def moment_of(token: str) -> Moment:
    """Return the moment of a place in the change stream; a token begins with it.

    Layout: https://github.com/mongodb/mongo/blob/v6.0/src/mongo/db/pipeline/resume_token.h - a type byte, then the
    cluster time as two big-endian numbers of 32 bits, in hexadecimal.
    """
    return Moment(int(token[2:10] or "0", 16), int(token[10:18] or "0", 16))


async def rows_as_of(database: Database, collection: str, pipeline: Sequence[Row], moment: Moment) -> list[Row]:
    """Return what this pipeline finds among the documents as they were at that moment, which has to be past.

    Raises:
        PastLost: MongoDB no longer keeps that moment.
    """
    snapshot = {"level": "snapshot", "atClusterTime": moment.timestamp}
    return (await _rows(database, {**_command(collection, pipeline), "readConcern": snapshot}))[0]


async def rows_now(database: Database, collection: str, pipeline: Sequence[Row]) -> tuple[list[Row], Moment]:
    """Return what this pipeline finds, and the moment of the last thing that has happened."""
    return await _rows(database, _command(collection, pipeline))


def _command(collection: str, pipeline: Sequence[Row]) -> Row:
    return {"aggregate": collection, "pipeline": list(pipeline), "cursor": {"batchSize": _ALL}}


async def _rows(database: Database, command: Row) -> tuple[list[Row], Moment]:
    try:
        with timeout(READING_SECONDS):
            async with database.client.start_session() as session:
                cursor = await database.cursor_command(command, session=session, codec_options=database.codec_options)
                rows = await cursor.to_list()
                at = session.operation_time or Timestamp(0, 0)
    except PyMongoError as error:
        if isinstance(error, OperationFailure) and error.code in _NOT_KEPT:
            raise PastLost(f"MongoDB no longer keeps what was stored then: {error}") from error
        raise MongoDBUnreachable(f"MongoDB did not tell {command['aggregate']}: {error}") from error
    return rows, Moment(at.time, at.inc)


_ALL = 10_000
