"""One subscriber's place at the hub: a bounded queue of what has happened."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from gateway.live.cursor import LiveCursor
from gateway.live.errors import LiveError, TooSlow
from gateway.storage.database import Row

MAX_QUEUED = 10_000
"""Happenings that one listener may be behind before it is cut off."""
TIMER = "timer"
"""The `collection` of a happening that no document made: a session's presence timer ran out."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that listeners are told: a changed document, or a session that has fallen silent.

    `before` and `after` are the places to go on from when nothing, or all, of it has been told.
    """

    collection: str
    row: Row
    before: LiveCursor
    after: LiveCursor


Concerns = Callable[[Happening], bool]
"""Whether something may concern a listener: asked before it is queued, so that nobody wakes in vain."""
Topic = tuple[Literal["contact", "session"], str]
"""What something happens to: a contact or a session, by its id."""


def topics_of(happening: Happening) -> tuple[Topic, Topic]:
    """Return the contact and the session that something happened to."""
    row = happening.row
    return ("contact", row["contactId"]), ("session", row["sessionId" if happening.collection == "events" else "_id"])


class Listener:
    """Receives what happens after `start` and concerns it, in order.

    With a topic it is told nothing else, and not even asked; None is everything.
    """

    def __init__(self, start: LiveCursor, concerns: Concerns, topic: Topic | None = None) -> None:
        self.start = start
        self.concerns = concerns
        self.topic = topic
        self._queue: asyncio.Queue[Happening | LiveError] = asyncio.Queue(MAX_QUEUED)

    async def next(self) -> Happening:
        """Wait for what happens next.

        Raises:
            TooSlow: the queue was full.
            CursorExpired: the stream was broken for longer than MongoDB keeps its history.
        """
        item = await self._queue.get()
        if isinstance(item, LiveError):
            raise item
        return item

    def put(self, happening: Happening) -> bool:
        """Queue it; return False, and cut the listener off, when there is no more room."""
        try:
            self._queue.put_nowait(happening)
        except asyncio.QueueFull:
            self.cut(TooSlow(f"More than {MAX_QUEUED} changes behind: subscribe again with `after`."))
            return False
        return True

    def cut(self, reason: LiveError) -> None:
        """End the listener with this reason, before anything that is still queued."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(reason)
