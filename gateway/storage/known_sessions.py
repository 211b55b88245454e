"""Sessions as this process has committed them last, so that it need not read and decode them with every event.

MongoDB decides: a known session is taken only in a transaction whose snapshot holds the document in the very state that
is known, which its number of events and its revision tell. So it does not matter what other processes do, nor what is
forgotten here. Only what was committed for sure is remembered.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from time import monotonic
from typing import Any, NamedTuple

from gateway.journey.session import Session

MAX_WEIGHT = 8_192
"""Sessions that a process knows, in some 35 MiB with ten outcomes: at 100 events a second all those that had one in the
last 80 seconds, in which most visitors view their next page."""
KEPT_SECONDS = 1_800.0
"""How long; beyond the session time-out the next event mostly opens another one. Erased people's are not kept longer
either, as each batch forgets what is over."""
_PARTS_OF_ONE = 16
"""Places and search terms by which a session counts as one more: a robot's may be forty times as large as others."""
SECOND_READ = 50
"""Sessions whose reading and decoding costs as much as another command, measured with ten outcomes."""
_RECENT = 2_000
"""Visitors after which what was learned of them counts for half."""


class KnownSession(NamedTuple):
    """A session with the revision of its document; `has_visit` if what is known of the visit is all there."""

    session: Session
    revision: int
    has_visit: bool


class KnownSessions:
    """The sessions that one process has committed last, the latest ones."""

    def __init__(self, max_weight: int = MAX_WEIGHT) -> None:
        self._max_weight = max_weight
        self._known: OrderedDict[str, tuple[KnownSession, int, float]] = OrderedDict()
        self._weight = 0
        self._visitors = self._hits = self._misses = 0.0

    def __len__(self) -> int:
        """How many sessions are known."""
        return len(self._known)

    def take(self, row: Mapping[str, Any], *, with_visit: bool) -> KnownSession | None:
        """Return the session of which a row has `_id`, `eventCount` and `revision`, if exactly this state is known."""
        entry = self._known.get(row["_id"])
        if entry is None:
            return None
        known = entry[0]
        is_same = known.session.event_count == row["eventCount"] and known.revision == row.get("revision", 0)
        return known if is_same and (known.has_visit or not with_visit) else None

    def is_worth_asking(self, visitors: int) -> bool:
        """Tell whether to ask first which sessions of these visitors have changed, then for those; or for all at once.

        It goes by what was found of visitors before: so a process that has just begun, or one whose visitors send
        most of their events to others, asks for all.
        """
        if not self._hits:
            return False
        share = visitors / self._visitors
        return self._hits * share >= SECOND_READ * min(1.0, self._misses * share)

    def learn(self, visitors: int, hits: int, misses: int) -> None:
        """Count for how many sessions of so many visitors what is known was right, and for how many it was not."""
        self._visitors += visitors
        self._hits += hits
        self._misses += misses
        if self._visitors > _RECENT:
            self._visitors /= 2
            self._hits /= 2
            self._misses /= 2

    def remember(self, committed: Iterable[KnownSession]) -> None:
        """Know these sessions from now on; call it once they are stored for sure."""
        now = monotonic()
        for one in committed:
            id_ = one.session.id
            self._forget(id_)
            weight = _weight(one.session)
            self._known[id_] = one, weight, now
            self._weight += weight
        while self._known and self._is_over(now):
            self._forget(next(iter(self._known)))

    def _is_over(self, now: float) -> bool:
        _, _, since = next(iter(self._known.values()))
        return self._weight > self._max_weight or since < now - KEPT_SECONDS

    def _forget(self, id_: str) -> None:
        if (entry := self._known.pop(id_, None)) is not None:
            self._weight -= entry[1]


def _weight(session: Session) -> int:
    state = session.feature_state
    places = len(state.places) + len(state.attributes) if state else 0
    return 1 + (places + len(session.search_terms)) // _PARTS_OF_ONE
