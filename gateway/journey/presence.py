"""Whether a customer is there now: live, away or inactive, told by the time since the last event."""

from datetime import datetime, timedelta
from enum import Enum

AWAY_AFTER = timedelta(seconds=45)
"""Without an event for this long, a live session turns yellow (the documented products agree on 45 s)."""
IDLE_AFTER = timedelta(seconds=60)
"""Without an event for this long, it counts as inactive until the next one."""


class Presence(Enum):
    """How present the customer of a session is."""

    LIVE = "LIVE"
    AWAY = "AWAY"
    INACTIVE = "INACTIVE"


def away_date(last_event_date: datetime) -> datetime:
    """Return when a session whose last event was then is considered away."""
    return last_event_date + AWAY_AFTER


def idle_date(last_event_date: datetime) -> datetime:
    """Return when a session whose last event was then is considered inactive."""
    return last_event_date + IDLE_AFTER


def presence_at(last_event_date: datetime, now: datetime) -> Presence:
    """Return the presence, at this moment, of a session whose last event was then."""
    if now < away_date(last_event_date):
        return Presence.LIVE
    return Presence.AWAY if now < idle_date(last_event_date) else Presence.INACTIVE


def next_change(last_event_date: datetime, now: datetime) -> datetime | None:
    """Return when the presence changes next by itself, or None when only an event can change it."""
    upcoming = (away_date(last_event_date), idle_date(last_event_date))
    return next((date for date in upcoming if date > now), None)
