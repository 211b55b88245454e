"""Who listens, found by what it is that happens, so that the many who follow one customer each are not all asked."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from gateway.live.customer import Standing
from gateway.live.errors import LiveError
from gateway.live.happening import Happening, Topic, topics_of
from gateway.live.listener import Listener


class Audience:
    """The listeners of a process, by topic; None holds those who want to know of everything."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._by_topic: defaultdict[Topic | None, set[Listener]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._listeners)

    def __iter__(self) -> Iterator[Listener]:
        return iter(self._listeners)

    def add(self, listener: Listener) -> None:
        """Let a listener in."""
        self._listeners.add(listener)
        self._index(listener, listener.topics)

    def discard(self, listener: Listener) -> None:
        """Let a listener go, if it is still there."""
        if listener in self._listeners:
            self._listeners.remove(listener)
            self._forget(listener, listener.topics)

    def following(self, contact_ids: Iterable[str]) -> set[Listener]:
        """Return those who follow a customer with one of these contacts."""
        return {listener for id_ in contact_ids for listener in self._by_topic.get(("contact", id_), ())}

    def regroup(self, listener: Listener, standing: Standing) -> None:
        """Have a listener follow what is its customer now."""
        before = listener.topics
        listener.standing = standing
        self._forget(listener, before - listener.topics)
        self._index(listener, listener.topics - before)

    def tell(self, happening: Happening) -> None:
        """Tell everyone whom it concerns; whoever has no more room is cut off."""
        slow = [
            listener
            for topic in (None, *topics_of(happening))
            for listener in self._by_topic.get(topic, ())
            if listener.wants(happening) and not listener.put(happening)
        ]
        for listener in slow:
            self.discard(listener)

    def cut(self, reason: LiveError) -> None:
        """End every listener with this reason."""
        for listener in self:
            listener.cut(reason)
        self._listeners.clear()
        self._by_topic.clear()

    def _index(self, listener: Listener, topics: Iterable[Topic | None]) -> None:
        for topic in topics:
            self._by_topic[topic].add(listener)

    def _forget(self, listener: Listener, topics: Iterable[Topic | None]) -> None:
        for topic in topics:
            listeners = self._by_topic.get(topic, set())
            listeners.discard(listener)
            if not listeners:
                self._by_topic.pop(topic, None)
