"""Events that were set aside, as they are stored."""

from collections.abc import Sequence

from pymongo.errors import PyMongoError

from gateway.storage.database import Database, Row
from gateway.storage.errors import NotStored


async def keep_rejected(database: Database, row: Row) -> None:
    """Store an event that was set aside; the same event again takes the place of the former.

    Raises:
        NotStored: MongoDB cannot take it now.
    """
    try:
        await database["rejectedEvents"].replace_one({"_id": row["_id"]}, row, upsert=True)
    except PyMongoError as error:
        raise NotStored(f"MongoDB could not store an event that was set aside: {error}") from error


async def drop_rejected(database: Database, ids: Sequence[str]) -> None:
    """Forget events that have been applied since."""
    await database["rejectedEvents"].delete_many({"_id": {"$in": list(ids)}})
