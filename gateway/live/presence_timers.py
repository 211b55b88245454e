"""Presence timers: which sessions turn away or inactive at which moment, without a timer a session.

One heap of due dates a process; an entry that was overtaken by a newer event is skipped when it comes up.
"""

from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush

from gateway.journey.presence import next_change


@dataclass(frozen=True, slots=True)
class _Running:
    last_event_date: datetime
    due: datetime


class PresenceTimers:
    """The sessions that are live or away, and when each changes by itself."""

    def __init__(self) -> None:
        self._running: dict[str, _Running] = {}
        self._heap: list[tuple[datetime, str]] = []

    def __len__(self) -> int:
        return len(self._running)

    def note(self, session_id: str, last_event_date: datetime, now: datetime) -> None:
        """Take note of a session's last event; its former timer is void."""
        known = self._running.get(session_id)
        if known is None or known.last_event_date < last_event_date:
            self._start(session_id, last_event_date, now)

    def run_out(self, now: datetime) -> list[tuple[datetime, str]]:
        """Return (date, session id) of each timer that has run out up to now, ascending."""
        ran_out: list[tuple[datetime, str]] = []
        while self._heap and self._heap[0][0] <= now:
            due, session_id = heappop(self._heap)
            running = self._running.get(session_id)
            if running is not None and running.due == due:
                ran_out.append((due, session_id))
                self._start(session_id, running.last_event_date, due)
        return ran_out

    def next_due(self) -> datetime | None:
        """Return when to look again, or None while nobody is there."""
        return self._heap[0][0] if self._heap else None

    def _start(self, session_id: str, last_event_date: datetime, now: datetime) -> None:
        due = next_change(last_event_date, now)
        if due is None:
            self._running.pop(session_id, None)
            return
        self._running[session_id] = _Running(last_event_date, due)
        heappush(self._heap, (due, session_id))
