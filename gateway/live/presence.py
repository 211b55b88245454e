"""The presence feed: who is there, then every change of it, also when a session falls silent."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.journey.presence import AWAY_AFTER, IDLE_AFTER, away_date, idle_date
from gateway.live.cursor import LiveCursor, decode_cursor
from gateway.live.feed import Message, messages_of
from gateway.live.hub import Hub
from gateway.live.listener import TIMER, Happening, Topic
from gateway.storage.database import Database, Row
from gateway.storage.session_activity import active_sessions

MAX_SNAPSHOT = 5_000
"""Sessions that a subscriber is told of at the start, the most recent ones."""
IN_SNAPSHOT = -1
"""`told` of a cursor given out within a snapshot: going on from there starts with the snapshot again."""


@dataclass(frozen=True, slots=True)
class PresenceWish:
    """What a subscriber wants to know of: the filter for the snapshot, and the same as a question to one session.

    `topic` is the one contact, if the filter names one.
    """

    filter: Row
    matches: Callable[[Row], bool]
    session_timeout: timedelta
    topic: Topic | None = None

    def told(self, happening: Happening) -> Sequence[Row]:
        """Return the session that it happened to, if the subscriber wants to know of it."""
        return (happening.row,) if self.concerns(happening) else ()

    def concerns(self, happening: Happening) -> bool:
        """Tell whether it happened to a session that the subscriber wants to know of."""
        return happening.collection in ("sessions", TIMER) and self.matches(happening.row)


async def presence_feed(hub: Hub, database: Database, wish: PresenceWish, after: str | None) -> AsyncIterator[Message]:
    """Yield the sessions that are not over yet, then each one whose presence or content has changed.

    With `after` there is no snapshot: what changed since comes first, then sessions whose timer ran out meanwhile.

    Raises:
        BadLiveCursor, CursorExpired, TooSlow: see `gateway.live.errors`.
    """
    left = decode_cursor(after) if after is not None else None
    async with hub.listening(wish.concerns, wish.topic) as listener:
        if left is None or left.told == IN_SNAPSHOT:
            beginning = _snapshot(database, wish, listener.start)
        else:
            beginning = _meanwhile(hub, database, wish, left, listener.start)
        seen: dict[str, int] = {}
        async for message in beginning:
            seen[message.row["_id"]] = message.row["eventCount"]
            yield message
        while True:
            happening = await listener.next()
            news = happening.row.get("eventCount", 0) > seen.get(happening.row["_id"], -1)
            if news or happening.collection == TIMER:
                cursor = happening.after.encode()
                yield Message(cursor, happening.row, cursor)


async def _snapshot(database: Database, wish: PresenceWish, start: LiveCursor) -> AsyncIterator[Message]:
    now = start.timers_date
    active = await active_sessions(database, wish.filter, now - wish.session_timeout, MAX_SNAPSHOT)
    rows = [row for row in active if wish.matches(row)]
    within, done = replace(start, told=IN_SNAPSHOT).encode(), start.encode()
    for number, row in enumerate(rows, start=1):
        key = f"{within}:{row['_id']}:{row['eventCount']}"  # taken at other times, the same place may hold newer rows
        yield Message(done if number == len(rows) else within, row, key)


async def _meanwhile(
    hub: Hub, database: Database, wish: PresenceWish, left: LiveCursor, start: LiveCursor
) -> AsyncIterator[Message]:
    async for happening in hub.since(left, start):
        for message in messages_of(happening, wish.told):
            yield message
    since, until = left.timers_date, start.timers_date
    rows = await active_sessions(database, {}, since - IDLE_AFTER - AWAY_AFTER, MAX_SNAPSHOT)
    for date, id_, row in _ran_out(rows, since, until):
        if (date, id_) > (since, left.timers_id) and wish.matches(row):
            cursor = LiveCursor(start.token, 0, date, id_).encode()
            yield Message(cursor, row, cursor)


def _ran_out(rows: Sequence[Row], since: datetime, until: datetime) -> list[tuple[datetime, str, Row]]:
    """Return (date, session id, session) of the timers that ran out in the interval, in the order of their telling."""
    timers = [
        (date, row["_id"], row)
        for row in rows
        for date in (away_date(row["lastEvent"]["createdDate"]), idle_date(row["lastEvent"]["createdDate"]))
        if since <= date < until
    ]
    return sorted(timers, key=lambda timer: timer[:2])
