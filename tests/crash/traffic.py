"""What the clients send: visitors whose sessions can be told from the events alone, whatever the order of arrival.

Each visitor came to the site a few times in the past hours and is on it now. The events of one visit lie less than
SPREAD apart, its visits more than LONGEST_TIMEOUT: with any session time-out between the two, a visit is a session.
"""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

Call = Mapping[str, object]
"""A tracking call, as it is sent."""

SPREAD = timedelta(minutes=10)
LONGEST_TIMEOUT = timedelta(hours=1)
EARLIER_VISITS = 3
ORDER_COMPLETED = "order_completed"

_CALLS = ("page", "page", "page", "page", "page", "search", "wish", "order", "identify")


class Traffic:
    """The calls of some visitors, drawn from a seed; every call has a message id of its own.

    `bulk` is the length of a text that each call carries, for tests that want to fill something.
    """

    def __init__(self, seed: int, visitors: int = 200, bulk: int = 0) -> None:
        self._random = drawn_from(seed)
        self._prefix = f"{seed}-{self._random.randrange(10**6)}"
        self._visitors = [f"visitor-{self._prefix}-{number}" for number in range(visitors)]
        self._base = datetime.now(UTC)
        self._bulk = bulk
        self._made = 0

    def calls(self, count: int) -> list[Call]:
        """Return so many new calls of any visitors."""
        return [self._call() for _ in range(count)]

    def _call(self) -> Call:
        self._made += 1
        visitor = self._random.choice(self._visitors)
        kind = self._random.choice(_CALLS)
        call: dict[str, object] = {"messageId": f"{self._prefix}-{self._made}", "anonymousId": visitor}
        call |= (
            _KINDS[kind] if kind != "identify" else {"type": "identify", "traits": {"email": f"{visitor}@example.org"}}
        )
        if visit := self._random.randrange(EARLIER_VISITS + 1):
            moment = self._base - visit * 2 * LONGEST_TIMEOUT + self._random.random() * SPREAD
            call["timestamp"] = moment.isoformat()
        if self._bulk:
            call["context"] = {
                "page": {"url": "https://shop.example/", "title": self._random.randbytes(self._bulk // 2).hex()}
            }
        return call


def drawn_from(seed: int) -> random.Random:
    """Return random numbers that are the same for the same seed."""
    return random.Random(seed)  # noqa: S311 - load needs no cryptographic randomness


_KINDS: Mapping[str, dict[str, object]] = {
    "page": {"type": "page", "context": {"page": {"url": "https://shop.example/", "title": "Shop"}}},
    "search": {"type": "track", "event": "Products Searched", "properties": {"query": "scarf"}},
    "wish": {"type": "track", "event": "Product Wished", "properties": {"sku": "S-1"}},
    "order": {"type": "track", "event": "Order Completed", "properties": {"total": 12.5}},
}
