"""What is only known once a session is over: that something has never occurred in it."""

from datetime import datetime, timedelta

from gateway.intake.definitions import InForce
from gateway.journey.fulfilment import fulfilled_at_the_end
from gateway.storage.database import Database
from gateway.storage.session_ends import sessions_awaiting_end, store_ends

AT_ONCE = 500
LATE_EVENTS = timedelta(seconds=60)
"""How long after its time-out a session is left alone: what is under way may still belong to it."""


async def end_sessions(database: Database, in_force: InForce, now: datetime) -> int:
    """Tell sessions that are over what that has fulfilled, and return how many there were.

    A session that an event from an offline queue joins later keeps what it was told.

    Raises:
        StorageError: MongoDB does not answer, or cannot take it now.
    """
    definitions = in_force.definitions
    until = now - definitions.session_timeout - LATE_EVENTS
    done = 0
    while sessions := await sessions_awaiting_end(database, until, AT_ONCE):
        ends = [
            (one, fulfilled_at_the_end(one, one.last_event.created_date + definitions.session_timeout, definitions))
            for one in sessions
        ]
        await store_ends(database, ends)
        done += len(ends)
    return done
