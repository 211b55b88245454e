"""From what happens to messages: a subscriber's stream without a gap or a repeat, from now or from a cursor on."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from gateway.live.cursor import LiveCursor, decode_cursor
from gateway.live.errors import CursorExpired
from gateway.live.happening import Happening, Topic
from gateway.live.hub import Hub
from gateway.live.replay import replayed
from gateway.storage.as_of import PastLost
from gateway.storage.database import Database, Row

Told = Callable[[Happening], Sequence[Row]]
"""What a subscriber is told of something: one row a message, none when it does not concern the subscriber."""


class Wish(Protocol):
    """What a subscriber wants to know of."""

    @property
    def topic(self) -> Topic | None:
        """The one customer or session that it is about, if it is about one: the customer by any of its contacts."""

    def concerns(self, happening: Happening) -> bool:
        """Tell, at little cost, whether something on the topic may be told."""

    def told(self, happening: Happening) -> Sequence[Row]:
        """Return what the subscriber is told of it."""

    def earlier(self, database: Database, joining: Happening) -> AsyncIterator[Row]:
        """Yield what the subscriber is told of contacts that have just become part of the customer, of before that.

        Raises:
            PastLost: MongoDB no longer keeps the moment at which they did.
        """


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
            async for happening in replayed(hub, listener, left):
                async for message in all_messages_of(hub.database, happening, wish, skip):
                    yield message
                skip = 0
        while True:
            happening = await listener.next()
            if happening.joined:
                async for message in all_messages_of(hub.database, happening, wish):
                    yield message
            else:
                for message in messages_of(happening, wish.told):
                    yield message


async def all_messages_of(
    database: Database, happening: Happening, wish: Wish, skip: int = 0
) -> AsyncIterator[Message]:
    """Yield the messages of one happening after so many; of contacts that have joined the customer, their history.

    Raises:
        CursorExpired: it is so long ago that MongoDB no longer knows what the history was then.
    """
    if not happening.joined:
        for message in messages_of(happening, wish.told)[skip:]:
            yield message
        return
    number, waiting = 0, None
    try:
        async for row in wish.earlier(database, happening):
            if waiting is not None:
                number += 1
                if number > skip:
                    yield _message(replace(happening.before, told=number), waiting)
            waiting = row
    except PastLost as error:
        raise CursorExpired(str(error)) from error
    if waiting is not None and number >= skip:
        yield _message(happening.after, waiting)


def messages_of(happening: Happening, told: Told) -> list[Message]:
    """Return the messages of one happening. Only the last one's cursor is past it; the others' count within it."""
    rows = told(happening)
    if not rows:
        return []
    places = [replace(happening.before, told=number) for number in range(1, len(rows))] + [happening.after]
    return [_message(place, row) for place, row in zip(places, rows, strict=False)]


def _message(place: LiveCursor, row: Row) -> Message:
    cursor = place.encode()
    return Message(cursor, row, cursor)
