"""Tasks that one process does every so often, however many there are and however often they start."""

from datetime import datetime, timedelta

from gateway.storage.database import Database
from gateway.storage.writing import writing

COLLECTION = "turns"


async def take_turn(database: Database, task: str, every: timedelta, now: datetime) -> bool:
    """Tell whether the task is due, and whoever asks is the one to do it; it is due again after the interval.

    A task that nobody has asked for before is due after its first interval.

    Raises:
        NotStored: MongoDB cannot take it now.
    """
    later = {"dueDate": now + every}
    with writing("whose turn it is"):
        await database[COLLECTION].update_one({"_id": task}, {"$setOnInsert": later}, upsert=True)
        taken = await database[COLLECTION].update_one({"_id": task, "dueDate": {"$lte": now}}, {"$set": later})
    return taken.modified_count > 0


async def move_turn(database: Database, task: str, until: datetime, later: datetime) -> bool:
    """Move the date on which a task is due again from one moment to another, and tell whether that was ours to do.

    It is not when someone else has taken the turn since: a task that takes long is done by one as long as it moves on
    in time, and by another soon after it has died.

    Raises:
        NotStored: MongoDB cannot take it now.
    """
    with writing("whose turn it is"):
        moved = await database[COLLECTION].update_one({"_id": task, "dueDate": until}, {"$set": {"dueDate": later}})
    return moved.matched_count > 0
