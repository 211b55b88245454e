"""Events that the domain cannot apply: kept as they came in, with the reason, and applied again when asked for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import structlog

from gateway.intake.metrics import SET_ASIDE
from gateway.intake.translate import VERIFICATION
from gateway.journey.ids import derive_id
from gateway.storage.database import Database, Row
from gateway.storage.rejected_events import keep_rejected
from snippet.delivery import Answer, Delivery, Receipt, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

REASON = "set_aside"
MAX_REASON = 500

log = structlog.get_logger(__name__)


async def set_aside(database: Database, delivery: Delivery, error: Exception) -> Answer:
    """Keep the one event of this delivery for later, and return the answer that says so.

    Raises:
        NotStored: MongoDB cannot take it now.
    """
    (timed,) = delivery.events
    row = rejected_row(timed, delivery, f"{type(error).__name__}: {error}"[:MAX_REASON])
    await keep_rejected(database, row)
    SET_ASIDE.inc()
    log.error("event set aside", event_id=row["_id"], message_id=timed.wire.messageId, exc_info=error)
    message = "The event could not be applied; it is kept, and can be replayed once the cause is mended."
    return Answer(receipts=[Receipt(timed.wire.messageId, "rejected", REASON, message)], actions=[])


def rejected_row(timed: TimedEvent, delivery: Delivery, reason: str) -> Row:
    """Return the event as it is stored among the rejected ones."""
    division_id = delivery.write_key.division_id
    row: Row = {
        "_id": derive_id("event", delivery.write_key.id, timed.wire.messageId),
        "messageId": timed.wire.messageId,
        "writeKeyId": delivery.write_key.id,
        "reason": reason,
        "createdDate": timed.created_date,
        "receivedDate": delivery.received_date,
        "rejectedDate": delivery.received_date,
        "ipAddress": delivery.ip_address,
        "userAgentString": delivery.user_agent,
        "wire": _storable_wire(timed.wire),
    }
    return row if division_id is None else row | {"divisionId": division_id}


def delivery_from(row: Mapping[str, Any], write_key: WriteKey) -> Delivery:
    """Return the delivery in which this rejected event came; it stays of the division that it came through."""
    timed = TimedEvent(msgspec.convert(row["wire"], WireEvent), row["createdDate"])
    return Delivery(
        write_key=replace(write_key, division_id=row.get("divisionId")),
        events=(timed,),
        received_date=row["receivedDate"],
        ip_address=row.get("ipAddress"),
        user_agent=row.get("userAgentString"),
    )


def _storable_wire(wire: WireEvent) -> Row:
    """Return the call as it came, but without what vouches for its claims: replayed, they are unverified."""
    row: Row = msgspec.to_builtins(wire)
    return row | {"context": {name: part for name, part in wire.context.items() if name != VERIFICATION}}
