"""What can go wrong with a live subscription.

LiveError
├── BadLiveCursor   the cursor was not given out by a subscription
├── CursorExpired   the changes since the cursor are no longer kept
└── TooSlow         the subscriber does not keep up, and was cut off so that others are not held up
"""


class LiveError(Exception):
    """Root of this room's errors; their texts are fit for a subscriber's eyes."""


class BadLiveCursor(LiveError):
    """Raised for an `after` that no subscription has given out."""


class CursorExpired(LiveError):
    """Raised for an `after` that lies before the history that MongoDB keeps."""


class TooSlow(LiveError):
    """Raised to a subscriber whose queue is full."""
