"""The presence feed: who is there, then every change of it, also when a session falls silent."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.journey.presence import AWAY_AFTER, IDLE_AFTER, away_date, idle_date
from gateway.live.cursor import LiveCursor, decode_cursor
from gateway.live.feed import Message, changes_since, messages_of
from gateway.live.hub import PRESENCE, Hub
from gateway.live.listener import Listener
from gateway.storage.change_stream import Change
from gateway.storage.database import Database, Row
from gateway.storage.session_activity import active_sessions

MAX_SNAPSHOT = 5_000
"""Sessions that a subscriber is told of at the start, the most recent ones."""
IN_SNAPSHOT = -1
"""`told` of a cursor given out within a snapshot: going on from there starts with the snapshot again."""


@dataclass(frozen=True, slots=True)
class PresenceWish:
    """What a subscriber wants to know of: the filter for the snapshot, and the same as a question to one session."""

    filter: Row
    matches: Callable[[Row], bool]
    session_timeout: timedelta

    def told(self, change: Change) -> Sequence[Row]:
        """Return the session of a change, if the subscriber wants to know of it."""
        wanted = change.collection in ("sessions", PRESENCE) and self.matches(change.row)
        return (change.row,) if wanted else ()


@dataclass(frozen=True, slots=True)
class Absence:
    """From where and when a subscriber was away: `left` is its last cursor, `back_at` the stream's place now."""

    left: LiveCursor
    back_at: str
    back_date: datetime


async def presence_feed(
    hub: Hub, database: Database, wish: PresenceWish, after: str | None, clock: Callable[[], datetime]
) -> AsyncIterator[Message]:
    """Yield the sessions that are not over yet, then each one whose presence or content has changed.

    With `after` there is no snapshot: what changed since comes first, then sessions whose timer ran out meanwhile.

    Raises:
        BadLiveCursor, CursorExpired, TooSlow: see `gateway.live.errors`.
    """
    start = decode_cursor(after) if after is not None else None
    async with hub.listening() as listener:
        if start is None or start.told == IN_SNAPSHOT:
            beginning = _snapshot(database, wish, listener, clock())
        else:
            beginning = _meanwhile(hub, database, wish, Absence(start, listener.start, clock()))
        seen: dict[str, int] = {}
        async for message in beginning:
            seen[message.row["_id"]] = message.row["eventCount"]
            yield message
        async for change in changes_since(hub, listener, None):
            if change.collection == PRESENCE or change.row.get("eventCount", 0) > seen.get(change.row["_id"], -1):
                for message in messages_of(change, wish.told, clock()):
                    yield message


async def _snapshot(
    database: Database, wish: PresenceWish, listener: Listener, now: datetime
) -> AsyncIterator[Message]:
    rows = await active_sessions(database, wish.filter, now - wish.session_timeout, now, MAX_SNAPSHOT)
    for number, row in enumerate(rows, start=1):
        told = 0 if number == len(rows) else IN_SNAPSHOT
        yield Message(LiveCursor(listener.start, told, now).encode(), row)


async def _meanwhile(hub: Hub, database: Database, wish: PresenceWish, absence: Absence) -> AsyncIterator[Message]:
    changed = set()
    async for change in hub.since(absence.left.token, absence.back_at):
        for message in messages_of(change, wish.told, absence.left.told_date):
            changed.add(change.row["_id"])
            yield message
    since, until = absence.left.told_date, absence.back_date
    silent = await active_sessions(database, wish.filter, since - IDLE_AFTER, until - AWAY_AFTER, MAX_SNAPSHOT)
    for row in silent:
        if row["_id"] not in changed and _ran_out(row, since, until):
            yield Message(LiveCursor(absence.back_at, 0, until).encode(), row)


def _ran_out(row: Row, since: datetime, until: datetime) -> bool:
    last = row["lastEvent"]["createdDate"]
    return any(since < date <= until for date in (away_date(last), idle_date(last)))
