"""What is told from stored documents rather than stored: pure functions for `derived` and `at_this_moment`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.graph.context import Context
from gateway.graph.node import to_global_id
from gateway.journey import presence
from gateway.journey.contact import display_name

Row = Mapping[str, Any]


def presence_of(session: Row | None, context: Context) -> presence.Presence:
    """Return whether the customer of a session is there now."""
    if session is None:
        return presence.Presence.INACTIVE
    return presence.presence_at(session["lastEvent"]["createdDate"], context.clock())


def ended_date_of(session: Row, context: Context) -> datetime | None:
    """Return when the session ended: the time-out after its last event, once that has passed."""
    end: datetime = session["lastEvent"]["createdDate"] + context.session_timeout
    return end if end <= context.clock() else None


def away_date_of(session: Row) -> datetime:
    """Return when the customer is considered away, if nothing happens."""
    return presence.away_date(session["lastEvent"]["createdDate"])


def idle_date_of(session: Row) -> datetime:
    """Return when the customer is considered inactive, if nothing happens."""
    return presence.idle_date(session["lastEvent"]["createdDate"])


def duration_of(session: Row) -> int:
    """Return the seconds from the first event to the last."""
    seconds: float = (session["lastEvent"]["createdDate"] - session["createdDate"]).total_seconds()
    return round(seconds)


def last_event_of(session: Row) -> Row:
    """Return the last event in short, with the id that clients see."""
    return {**session["lastEvent"], "id": to_global_id("Event", session["lastEvent"]["id"])}


def predictions_of(session: Row | None, _context: Context | None = None) -> list[Row]:
    """Return the newest predictions of a session, each with the session's id."""
    if session is None:
        return []
    return [{**prediction, "sessionId": session["_id"]} for prediction in session.get("predictions", ())]


def achievements_of(session: Row) -> list[Row]:
    """Return what a session has achieved, each with the session's id."""
    return [{**achieved, "sessionId": session["_id"]} for achieved in session.get("outcomeAchievements", ())]


def achievements_of_event(event: Row) -> list[Row]:
    """Return what was achieved by exactly this event."""
    return [
        {
            "outcomeId": outcome_id,
            "achievedDate": event["createdDate"],
            "eventId": event["_id"],
            "sessionId": event["sessionId"],
        }
        for outcome_id in event.get("outcomeAchievements", ())
    ]


def display_name_of(contact: Row) -> str | None:
    """Return the name to show for a contact."""
    return display_name(contact)


def journey_of(contact: Row) -> Row:
    """Return the value of a contact's journey."""
    return {"_id": contact["_id"], "contact": contact}
