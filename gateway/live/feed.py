"""From changes to messages: a subscriber's stream without a gap or a repeat, from now or from a cursor on."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.live.cursor import LiveCursor, decode_cursor
from gateway.live.hub import Hub
from gateway.live.listener import Listener
from gateway.storage.change_stream import Change
from gateway.storage.database import Row

Told = Callable[[Change], Sequence[Row]]
"""What a subscriber is told of a change: one row a message, none when it does not concern the subscriber."""


@dataclass(frozen=True, slots=True)
class Message:
    """What one subscriber is told: a row, and the cursor to go on from after it."""

    cursor: str
    row: Row


async def feed(hub: Hub, told: Told, after: str | None, clock: Callable[[], datetime]) -> AsyncIterator[Message]:
    """Yield what this subscriber is told, as it happens; with `after`, first what happened since.

    Raises:
        BadLiveCursor: `after` is no cursor.
        CursorExpired: the changes since `after` are no longer kept.
        TooSlow: the subscriber does not keep up.
    """
    start = decode_cursor(after) if after is not None else None
    async with hub.listening() as listener:
        skip = start.told if start else 0
        async for change in changes_since(hub, listener, start):
            for message in messages_of(change, told, clock())[skip:]:
                yield message
            skip = 0


async def changes_since(hub: Hub, listener: Listener, start: LiveCursor | None) -> AsyncIterator[Change]:
    """Yield the changes after the cursor up to where the listener starts, then the listener's: each change once."""
    if start is not None:
        async for change in hub.since(start.token, listener.start):
            yield change
    while True:
        yield await listener.next()


def messages_of(change: Change, told: Told, now: datetime) -> list[Message]:
    """Return the messages of one change. Only the last one's cursor is past the change; the others' count within it."""
    rows = told(change)
    return [Message(_cursor(change, i + 1, len(rows), now), row) for i, row in enumerate(rows)]


def _cursor(change: Change, told: int, of: int, now: datetime) -> str:
    place = LiveCursor(change.token, 0, now) if told == of else LiveCursor(change.before, told, now)
    return place.encode()
