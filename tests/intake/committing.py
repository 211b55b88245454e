"""Calls of visitors, committed with what a process knows of sessions, by definitions that ask for much or little."""

from datetime import UTC, datetime
from typing import Any

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import InForce
from gateway.journey.conditions import NEVER, Conditions, Pattern
from gateway.journey.criterion import Criterion
from gateway.journey.definitions import definitions_of
from gateway.journey.outcome import Outcome
from gateway.journey.segment import Segment
from gateway.prediction.base_rate import BaseRate
from gateway.storage.database import Database
from gateway.storage.known_sessions import KnownSessions
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY = WriteKey("key-1", "wk", "Shop")
ORDER = Outcome("o-1", "Order", "order_completed")
SEGMENTS = [
    Segment("news", "From the newsletter", 1, Conditions(((Criterion("mktCampaign.source", ("news",)),),))),
    Segment("left", "Ordered nothing", 1, Conditions(journey=(Pattern(count=NEVER, event_name="order_completed"),))),
]
MODELS = {"o-1": BaseRate("model-1", "o-1", (9, 7, 5, 3), (1, 2, 2, 2))}
ASKING = InForce(definitions_of([ORDER], SEGMENTS, number=1), MODELS)
"""Asks for what is known of the visit."""
PLAIN = InForce(definitions_of([ORDER], number=2), MODELS)


class Asking(KnownSessions):
    """Known sessions that are always asked for first, also where that was of little use before."""

    def is_worth_asking(self, visitors: int) -> bool:
        return visitors > 0


def call(message: str, visitor: str = "a", at: datetime = NOON, url: str = "/", **wire: Any) -> TimedEvent:
    context: dict[str, object] = {"page": {"url": f"https://shop.example{url}"}}
    told: dict[str, Any] = {"type": "page", "messageId": message, "anonymousId": visitor, "context": context}
    return TimedEvent(WireEvent(**(told | wire)), at)


async def commit(
    database: Database,
    known: KnownSessions | None,
    *calls: TimedEvent,
    in_force: InForce = ASKING,
    received: datetime = NOON,
) -> list[str]:
    delivery = Delivery(KEY, calls, received, "192.0.2.1", None)
    (answer,) = await commit_batch(database, [delivery], in_force, known)
    return [receipt.status for receipt in answer.receipts]
