"""From what happens to messages: a subscriber's stream without a gap or a repeat, from now or from a cursor on."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from gateway.live.cursor import decode_cursor
from gateway.live.hub import Hub
from gateway.live.listener import Happening, Topic
from gateway.storage.database import Row

Told = Callable[[Happening], Sequence[Row]]
"""What a subscriber is told of something: one row a message, none when it does not concern the subscriber."""


class Wish(Protocol):
    """What a subscriber wants to know of."""

    @property
    def topic(self) -> Topic | None:
        """The one contact or session that it is about, if it is about one."""

    def concerns(self, happening: Happening) -> bool:
        """Tell, at little cost, whether it may be told."""

    def told(self, happening: Happening) -> Sequence[Row]:
        """Return what the subscriber is told of it."""


@dataclass(frozen=True, slots=True)
class Message:
    """What one subscriber is told: a row, and the cursor to go on from after it.

    `key` is the same for all subscribers that are told exactly the same.
    """

    cursor: str
    row: Row
    key: str


async def feed(hub: Hub, wish: Wish, after: str | None) -> AsyncIterator[Message]:
    """Yield what this subscriber is told, as it happens; with `after`, first what happened since.

    Raises:
        BadLiveCursor: `after` is no cursor.
        CursorExpired: the changes since `after` are no longer kept.
        TooSlow: the subscriber does not keep up.
    """
    left = decode_cursor(after) if after is not None else None
    async with hub.listening(wish.concerns, wish.topic) as listener:
        if left is not None:
            skip = left.told
            async for happening in hub.since(left, listener.start):
                for message in messages_of(happening, wish.told)[skip:]:
                    yield message
                skip = 0
        while True:
            for message in messages_of(await listener.next(), wish.told):
                yield message


def messages_of(happening: Happening, told: Told) -> list[Message]:
    """Return the messages of one happening. Only the last one's cursor is past it; the others' count within it."""
    rows = told(happening)
    if not rows:
        return []
    places = [replace(happening.before, told=number) for number in range(1, len(rows))] + [happening.after]
    return [Message(cursor := place.encode(), row, cursor) for place, row in zip(places, rows, strict=False)]
