"""Presence timers: which sessions turn away or inactive at which moment, without a timer a session.

One heap a process with one entry a session. An event only notes its date; the entry finds it when it comes up, and is
put back to where it belongs now.
"""

from datetime import datetime
from heapq import heappop, heappush

from gateway.journey.presence import away_date, idle_date, next_change


class PresenceTimers:
    """The sessions that are live or away, and when each changes by itself."""

    def __init__(self) -> None:
        self._last_event_dates: dict[str, datetime] = {}
        self._due: dict[str, datetime] = {}
        self._heap: list[tuple[datetime, str]] = []

    def __len__(self) -> int:
        return len(self._last_event_dates)

    def note(self, session_id: str, last_event_date: datetime, now: datetime) -> None:
        """Take note of a session's last event; its former timer is void."""
        known = self._last_event_dates.get(session_id)
        if known is not None and known >= last_event_date:
            return
        due = next_change(last_event_date, now)
        if due is None:  # an event of long ago; a session that is known has had a newer one
            return
        self._last_event_dates[session_id] = last_event_date
        if known is None or due < self._due[session_id]:
            self._put(due, session_id)

    def run_out(self, now: datetime) -> list[tuple[datetime, str]]:
        """Return (date, session id) of each timer that has run out up to now, ascending."""
        ran_out: list[tuple[datetime, str]] = []
        while self._heap and self._heap[0][0] <= now:
            due, session_id = heappop(self._heap)
            if self._due.get(session_id) == due:
                last = self._last_event_dates[session_id]
                if due in (away_date(last), idle_date(last)):
                    ran_out.append((due, session_id))
                self._put_back(session_id, next_change(last, due))
        return ran_out

    def next_due(self) -> datetime | None:
        """Return when to look again, or None while nobody is there."""
        return self._heap[0][0] if self._heap else None

    def _put_back(self, session_id: str, due: datetime | None) -> None:
        if due is None:
            del self._last_event_dates[session_id], self._due[session_id]
        else:
            self._put(due, session_id)

    def _put(self, due: datetime, session_id: str) -> None:
        self._due[session_id] = due
        heappush(self._heap, (due, session_id))
