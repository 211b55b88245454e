"""When an event happened: the sender's clock, corrected by the server's.

Source of the correction: https://segment.com/docs/connections/spec/common/#timestamp-overview
"""

from datetime import UTC, datetime

from snippet.errors import RefusedEvent
from snippet.refusal import Refusal

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


def whole_milliseconds(moment: datetime) -> datetime:
    """Return the moment truncated to milliseconds, which is what BSON keeps."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def read_timestamp(text: str, field: str) -> datetime:
    """Return an ISO 8601 time as aware UTC; without an offset it is UTC, digits beyond microseconds are dropped.

    Raises:
        RefusedEvent: it is no time; `field` is named in the message.
    """
    try:
        moment = datetime.fromisoformat(text.strip().upper())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise RefusedEvent(
            Refusal.UNREADABLE_TIMESTAMP, f"{field} is {text[:50]!r}; send a time such as '2026-01-31T09:30:00.123Z'."
        ) from None


def event_time(timestamp: datetime | None, sent_at: datetime | None, received_date: datetime) -> datetime:
    """Return receivedAt - (sentAt - timestamp): how long before sending it happened, counted back from the arrival.

    Without sentAt the timestamp is believed, without a timestamp the arrival counts. Never later than the arrival.

    Raises:
        RefusedEvent: the result would lie before 1970.
    """
    if timestamp is None:
        return received_date
    try:
        moment = timestamp if sent_at is None else received_date - (sent_at - timestamp)
    except OverflowError:
        moment = timestamp
    if moment < EARLIEST:
        raise RefusedEvent(Refusal.UNREADABLE_TIMESTAMP, f"timestamp is {timestamp.isoformat()}, that is before 1970.")
    return min(whole_milliseconds(moment), received_date)
