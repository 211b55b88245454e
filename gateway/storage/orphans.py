"""Transactions that a killed process left open: MongoDB keeps them, and what they have locked, for a minute.

No connection ends them (a transaction belongs to a session, not to a connection), and the batches of all other
processes that touch the same visitors would collide with them again and again until then.
"""

from contextlib import suppress

from pymongo.asynchronous.mongo_client import AsyncMongoClient
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from gateway.storage.database import Row

APPLICATION = "journey-gateway"
IDLE_MICROSECONDS = 2_000_000
"""No process of ours rests so long between two commands of a transaction; one that does only tries again."""


async def end_orphans(client: AsyncMongoClient[Row]) -> int:
    """End our transactions that wait for a next command for too long, and return how many there were.

    It needs no privilege: one sees and ends the sessions of one's own user.
    """
    pipeline: list[Row] = [
        {"$currentOp": {"allUsers": False, "idleSessions": True}},
        {
            "$match": {
                "type": "idleSession",
                "appName": APPLICATION,
                "transaction.timeInactiveMicros": {"$gt": IDLE_MICROSECONDS},
            }
        },
    ]
    with suppress(PyMongoError):  # no server to ask now: whoever waits tries again anyway
        admin = client.get_database("admin", read_concern=ReadConcern("local"))  # $currentOp knows no other
        cursor = await admin.aggregate(pipeline)
        sessions = [{"id": row["lsid"]["id"]} async for row in cursor]
        if sessions:
            await client.admin.command("killSessions", sessions)
        return len(sessions)
    return 0
