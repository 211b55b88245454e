"""How much is stored: documents and bytes by collection, and how far MongoDB's own history of changes reaches back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from gateway.storage.database import Database, Row
from gateway.storage.errors import MongoDBUnreachable

_NO_SUCH_COLLECTION = 26
_NEVER: Row = {"count": 0, "size": 0, "storageSize": 0, "totalIndexSize": 0}


@dataclass(frozen=True, slots=True)
class CollectionStatistics:
    """What one collection holds. Bytes: `data` as BSON, `disk` compressed in its file, `indexes` in theirs.

    Files that were written to within the last minute may be told smaller than they will be.
    """

    name: str
    documents: int
    data: int
    disk: int
    indexes: int

    @property
    def average_document(self) -> int:
        """Bytes of BSON of the average document."""
        return round(self.data / self.documents) if self.documents else 0


@dataclass(frozen=True, slots=True)
class Oplog:
    """The history of changes: how far it reaches back, and which share (0..1) of its room is taken.

    While there is room it loses nothing and only grows; then the oldest changes make room for new ones.
    """

    window: timedelta
    filled: float


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a database holds, the largest collection first; `oplog` is None where it cannot be read, as by mongos."""

    collections: Sequence[CollectionStatistics]
    oplog: Oplog | None
    mongodb_version: str

    @property
    def bytes_per_event(self) -> float | None:
        """Bytes on disk, indexes and all other collections included, for each event; None while there are none."""
        events = sum(one.documents for one in self.collections if one.name == "events")
        return sum(one.disk + one.indexes for one in self.collections) / events if events else None


async def statistics(database: Database) -> Statistics:
    """Return what the database holds.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    try:
        names = await database.list_collection_names(filter={"type": "collection"})
        collections = [await _statistics_of(database, name) for name in names if not name.startswith("system.")]
        version = (await database.client.server_info())["version"]
        by_size = sorted(collections, key=lambda one: (-one.disk - one.indexes, one.name))
        return Statistics(by_size, await _oplog(database), version)
    except PyMongoError as error:
        raise MongoDBUnreachable(f"MongoDB did not tell how much it holds: {error}") from error


async def _statistics_of(database: Database, name: str) -> CollectionStatistics:
    parts = await _storage_of(database, name)  # one a shard
    told = {key: sum(part[key] for part in parts) for key in _NEVER}
    return CollectionStatistics(name, told["count"], told["size"], told["storageSize"], told["totalIndexSize"])


async def _storage_of(database: Database, name: str) -> list[Row]:
    try:
        cursor = await database[name].aggregate([{"$collStats": {"storageStats": {}}}])
        return [row["storageStats"] async for row in cursor]
    except OperationFailure as error:
        if error.code == _NO_SUCH_COLLECTION:  # dropped since it was listed
            return [_NEVER]
        raise


async def _oplog(database: Database) -> Oplog | None:
    local = database.client.get_database("local", read_concern=ReadConcern("local"))
    try:
        (storage,) = await _storage_of(local, "oplog.rs")
        oldest, newest = [await local["oplog.rs"].find_one(sort=[("$natural", direction)]) for direction in (1, -1)]
    except OperationFailure:  # no right to read it, or mongos, which has none
        return None
    if not oldest or not newest:
        return None
    window = _date_of(newest) - _date_of(oldest)
    return Oplog(window, min(storage["size"] / storage["maxSize"], 1.0))


def _date_of(entry: Row) -> datetime:
    return datetime.fromtimestamp(entry["ts"].time, UTC)
