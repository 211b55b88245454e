"""Cursors of live messages: the place in MongoDB's change stream, and how far the presence timers had been told."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from gateway.live.errors import BadLiveCursor

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LiveCursor:
    """A place to go on from.

    `token` is a place in the change stream; `told` counts the messages told of the change right after it, so that a
    change told in three messages can be resumed after the first. Presence timers that ran out before `timers_date` had
    all been told, and of those that ran out in that very millisecond, the ones up to the session `timers_id`.
    """

    token: str
    told: int
    timers_date: datetime
    timers_id: str = ""

    def encode(self) -> str:
        """Return the cursor as the opaque text that subscribers see."""
        return _encoded(self)


def decode_cursor(text: str) -> LiveCursor:
    """Return the cursor of this text.

    Raises:
        BadLiveCursor: no subscription has given out such a cursor.
    """
    try:
        parts = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").split(".")
        token, told, date, timers_id = parts
        if set(token) <= set("0123456789ABCDEF") and token:
            return LiveCursor(token, int(told), _EPOCH + timedelta(milliseconds=int(date)), timers_id)
    except (ValueError, OverflowError):
        pass
    raise BadLiveCursor(f"The cursor {text!r} is none of a subscription: pass the `cursor` of a message, unchanged.")


@lru_cache(maxsize=1_024)  # every subscriber of the same change asks for the same text
def _encoded(cursor: LiveCursor) -> str:
    date = round((cursor.timers_date - _EPOCH) / timedelta(milliseconds=1))
    text = f"{cursor.token}.{cursor.told}.{date}.{cursor.timers_id}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")
