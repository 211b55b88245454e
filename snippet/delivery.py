"""What the collector hands over, and what it expects back."""
# ruff: noqa: N815 - attributes of Receipt are named as on the wire

from datetime import datetime
from typing import Literal, NamedTuple, Protocol

import msgspec

from snippet.event import WireEvent
from snippet.write_key import WriteKey

Status = Literal["accepted", "duplicate", "rejected"]


class TimedEvent(NamedTuple):
    """A readable event whose `wire.messageId` is set. `created_date` is when it happened, by the server's clock."""

    wire: WireEvent
    created_date: datetime


class Delivery(NamedTuple):
    """The events of one request that passed every check, in the order in which they were sent.

    Datetimes are aware UTC in whole milliseconds. `user_agent` is the sender's header: the visitor's own where a
    browser sent the request, a library's where a back end did; `wire.context["userAgent"]` is the visitor's where it is
    given. `size` is that of the request's body in bytes.
    """

    write_key: WriteKey
    events: tuple[TimedEvent, ...]
    received_date: datetime
    ip_address: str | None
    user_agent: str | None
    size: int = 0


class Receipt(msgspec.Struct, omit_defaults=True):
    """What became of one event. `message` is a sentence for the developer who reads the answer."""

    messageId: str
    status: Status
    reason: str | None = None
    message: str | None = None


class Answer(NamedTuple):
    """One receipt per event of the delivery, in the same order, and the actions that the page should take now."""

    receipts: list[Receipt]
    actions: list[dict[str, object]]


class Intake(Protocol):
    """Whoever takes deliveries and makes them last."""

    async def accept(self, delivery: Delivery) -> Answer:
        """Take the delivery; return only once it is stored.

        Raises:
            IntakeBusy: nothing can be taken now, and nothing of the delivery was done.
        """
        ...
