"""One subscriber's place at the hub: a bounded queue of what has changed."""

import asyncio

from gateway.live.errors import LiveError, TooSlow
from gateway.storage.change_stream import Change

MAX_QUEUED = 10_000
"""Changes that one listener may be behind before it is cut off."""


class Listener:
    """Receives the changes after `start`, a place in the stream, in order."""

    def __init__(self, start: str) -> None:
        self.start = start
        self._queue: asyncio.Queue[Change | LiveError] = asyncio.Queue(MAX_QUEUED)

    async def next(self) -> Change:
        """Wait for the next change.

        Raises:
            TooSlow: the queue was full.
            CursorExpired: the stream was broken for longer than MongoDB keeps its history.
        """
        item = await self._queue.get()
        if isinstance(item, LiveError):
            raise item
        return item

    def put(self, change: Change) -> bool:
        """Queue a change; return False, and cut the listener off, when there is no more room."""
        try:
            self._queue.put_nowait(change)
        except asyncio.QueueFull:
            self.cut(TooSlow(f"More than {MAX_QUEUED} changes behind: subscribe again with `after`."))
            return False
        return True

    def cut(self, reason: LiveError) -> None:
        """End the listener with this reason, before anything that is still queued."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(reason)
