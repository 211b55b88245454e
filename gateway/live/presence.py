"""The presence feed: who is there, then every change of it, also when a session falls silent."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.journey.presence import AWAY_AFTER, IDLE_AFTER, away_date, idle_date
from gateway.live.cursor import LiveCursor, decode_cursor
from gateway.live.customer import Standing
from gateway.live.feed import Message, all_messages_of
from gateway.live.happening import TIMER, Happening, Topic
from gateway.live.hub import Hub
from gateway.live.listener import Listener
from gateway.live.replay import replayed
from gateway.storage.as_of import moment_of
from gateway.storage.database import Database, Row
from gateway.storage.session_activity import active_sessions, active_sessions_as_of

MAX_SNAPSHOT = 5_000
"""Sessions that a subscriber is told of at the start, the most recent ones."""
IN_SNAPSHOT = -1
"""`told` of a cursor given out within a snapshot: going on from there starts with the snapshot again."""


@dataclass(frozen=True, slots=True)
class PresenceWish:
    """What a subscriber wants to know of: the filter for the snapshot, and the same as a question to one session.

    `topic` is a contact, if only its customer is wanted; the filter does not name it.
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

    async def earlier(self, database: Database, joining: Happening) -> AsyncIterator[Row]:
        """Yield the sessions that are not over, of the contacts that have joined the customer.

        Raises:
            PastLost: MongoDB no longer keeps the moment at which they did.
        """
        since, moment = joining.after.timers_date - self.session_timeout, moment_of(joining.after.token)
        filter_ = self.filter | of_contacts(joining.joined)
        for row in await active_sessions_as_of(database, filter_, since, MAX_SNAPSHOT, moment):
            if self.matches(row):
                yield row


async def presence_feed(hub: Hub, database: Database, wish: PresenceWish, after: str | None) -> AsyncIterator[Message]:
    """Yield the sessions that are not over yet, then each one whose presence or content has changed.

    With `after` there is no snapshot: what changed since comes first, then sessions whose timer ran out meanwhile.

    Raises:
        BadLiveCursor, CursorExpired, TooSlow: see `gateway.live.errors`.
    """
    left = decode_cursor(after) if after is not None else None
    async with hub.listening(wish.concerns, wish.topic) as listener:
        if left is None or left.told == IN_SNAPSHOT:
            beginning = _snapshot(database, wish, listener)
        else:
            beginning = _meanwhile(hub, wish, left, listener)
        seen: dict[str, int] = {}
        async for message in beginning:
            seen[message.row["_id"]] = message.row["eventCount"]
            yield message
        while True:
            happening = await listener.next()
            if happening.joined:
                async for message in all_messages_of(database, happening, wish):
                    yield message
                continue
            news = happening.row.get("eventCount", 0) > seen.get(happening.row["_id"], -1)
            if news or happening.collection == TIMER:
                cursor = happening.after.encode()
                yield Message(cursor, happening.row, cursor)


def of_contacts(contact_ids: Collection[str]) -> Row:
    """Return the filter for sessions of these contacts."""
    return {"contactId": {"$in": list(contact_ids)} if len(contact_ids) > 1 else next(iter(contact_ids))}


def _filter(wish: PresenceWish, customer: Standing | None) -> Row:
    return wish.filter if customer is None else wish.filter | of_contacts(customer.members)


async def _snapshot(database: Database, wish: PresenceWish, listener: Listener) -> AsyncIterator[Message]:
    start = listener.start
    now = start.timers_date
    filter_ = _filter(wish, listener.standing)
    active = await active_sessions(database, filter_, now - wish.session_timeout, MAX_SNAPSHOT)
    rows = [row for row in active if wish.matches(row)]
    within, done = replace(start, told=IN_SNAPSHOT).encode(), start.encode()
    for number, row in enumerate(rows, start=1):
        key = f"{within}:{row['_id']}:{row['eventCount']}"  # taken at other times, the same place may hold newer rows
        yield Message(done if number == len(rows) else within, row, key)


async def _meanwhile(hub: Hub, wish: PresenceWish, left: LiveCursor, listener: Listener) -> AsyncIterator[Message]:
    filter_, start = _filter(wish, listener.standing), listener.start
    skip = left.told
    async for happening in replayed(hub, listener, left):
        async for message in all_messages_of(hub.database, happening, wish, skip):
            yield message
        skip = 0
    since, until = left.timers_date, start.timers_date
    rows = await active_sessions(hub.database, filter_, since - IDLE_AFTER - AWAY_AFTER, MAX_SNAPSHOT)
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
