"""Cursors of live messages: the place in MongoDB's change stream, which message of that place, and when it was told."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.live.errors import BadLiveCursor

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LiveCursor:
    """A place to go on from.

    `token` is a place in the change stream; `told` counts the messages told of the change right after it, so that a
    change told in three messages can be resumed after the first; `told_date` says which presence timers had run out.
    """

    token: str
    told: int
    told_date: datetime

    def encode(self) -> str:
        """Return the cursor as the opaque text that subscribers see."""
        when = round((self.told_date - _EPOCH) / timedelta(milliseconds=1))
        return urlsafe_b64encode(f"{self.token}.{self.told}.{when}".encode()).decode().rstrip("=")


def decode_cursor(text: str) -> LiveCursor:
    """Return the cursor of this text.

    Raises:
        BadLiveCursor: no subscription has given out such a cursor.
    """
    try:
        token, told, when = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").split(".")
        if set(token) <= set("0123456789ABCDEF") and token:
            return LiveCursor(token, int(told), _EPOCH + timedelta(milliseconds=int(when)))
    except (ValueError, OverflowError):
        pass
    raise BadLiveCursor(f"The cursor {text!r} is none of a subscription: pass the `cursor` of a message, unchanged.")
