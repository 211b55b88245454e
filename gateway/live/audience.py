"""Who listens, found by what it is that happens, so that the many who follow one customer each are not all asked."""

from collections import defaultdict
from collections.abc import Iterator

from gateway.live.errors import LiveError
from gateway.live.listener import Happening, Listener, Topic, topics_of


class Audience:
    """The listeners of a process, by topic; None holds those who want to know of everything."""

    def __init__(self) -> None:
        self._by_topic: defaultdict[Topic | None, set[Listener]] = defaultdict(set)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Listener]:
        for listeners in self._by_topic.values():
            yield from listeners

    def add(self, listener: Listener) -> None:
        """Let a listener in."""
        self._by_topic[listener.topic].add(listener)
        self._size += 1

    def discard(self, listener: Listener) -> None:
        """Let a listener go, if it is still there."""
        listeners = self._by_topic.get(listener.topic, set())
        if listener in listeners:
            listeners.remove(listener)
            self._size -= 1
            if not listeners:
                del self._by_topic[listener.topic]

    def tell(self, happening: Happening) -> None:
        """Tell everyone whom it concerns; whoever has no more room is cut off."""
        slow = [
            listener
            for topic in (None, *topics_of(happening))
            for listener in self._by_topic.get(topic, ())
            if listener.concerns(happening) and not listener.put(happening)
        ]
        for listener in slow:
            self.discard(listener)

    def cut(self, reason: LiveError) -> None:
        """End every listener with this reason."""
        for listener in self:
            listener.cut(reason)
        self._by_topic.clear()
        self._size = 0
