"""One subscriber's place at the hub: a bounded queue of what has happened."""

import asyncio

from gateway.live.cursor import LiveCursor
from gateway.live.customer import Standing
from gateway.live.errors import LiveError, TooSlow
from gateway.live.happening import Concerns, Happening, Topic

MAX_QUEUED = 10_000
"""Happenings that one listener may be behind before it is cut off."""


class Listener:
    """Receives what happens after `start` and concerns it, in order.

    With a topic it is told nothing else, and not even asked; None is everything. Whose topic is a contact follows the
    customer: every contact of `standing`, which is changed by whoever lets it listen.
    """

    def __init__(
        self, start: LiveCursor, concerns: Concerns, topic: Topic | None = None, standing: Standing | None = None
    ) -> None:
        self.start = start
        self.concerns = concerns
        self.topic = topic
        self.standing = standing
        self._queue: asyncio.Queue[Happening | LiveError] = asyncio.Queue(MAX_QUEUED)

    @property
    def topics(self) -> frozenset[Topic | None]:
        """What it is told of."""
        if self.standing is None:
            return frozenset({self.topic})
        return frozenset(("contact", contact_id) for contact_id in self.standing.members)

    def wants(self, happening: Happening) -> bool:
        """Tell whether something on its topics is to be told."""
        return self.concerns(happening) and (self.standing is None or self.standing.has(happening))

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
