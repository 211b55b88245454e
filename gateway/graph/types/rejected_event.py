"""Rejected events: what could not be applied, and why."""

from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from gateway.access.permissions import Permission
from gateway.graph.node import Node, global_id
from gateway.graph.requires import requires
from gateway.graph.words import Row, stored


@strawberry.type(
    description="An event that could not be applied. It is kept as it came in, and can be replayed.",
    directives=[requires(Permission.REJECTED_EVENT_VIEW)],
)
class RejectedEvent(Node):
    """A rejected event."""

    id: strawberry.ID = global_id("RejectedEvent")
    message_id: str = stored("messageId", "The sender's id of the message.")
    reason: str = stored("reason", "Why it could not be applied.")
    created_date: datetime = stored("createdDate", "When it happened.")
    received_date: datetime = stored("receivedDate", "When it arrived.")
    rejected_date: datetime = stored("rejectedDate", "When it was set aside.")
    wire: JSON = stored("wire", "The call, as it was sent.")

    @classmethod
    def is_type_of(cls, value: Row, _info: strawberry.Info) -> bool:
        """Tell whether this is a stored rejected event."""
        return "rejectedDate" in value
