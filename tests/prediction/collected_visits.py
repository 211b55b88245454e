"""Past visits as they come in: through intake, into real rows."""

from datetime import datetime

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import InForce
from gateway.journey.event import PAGE_VIEWED, Event
from gateway.storage.database import Database
from gateway.storage.definitions import OUTCOMES, add_definition
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey
from tests.prediction.past_visits import BEGIN, DEFINITIONS, MOBILE, ORDER

KEY = WriteKey("key-1", "wk", "Shop")


def call_of(event: Event) -> TimedEvent:
    """Return the call that stands for the event."""
    is_page = event.event_name == PAGE_VIEWED
    url = {"url": event.page["url"]} if event.page else {}
    wire = WireEvent(
        type="page" if is_page else "track",
        event=None if is_page else event.event_name,
        messageId=event.id,
        anonymousId=event.customer_id,
        properties={**url, **event.attributes},
        context={"device": {"type": "ios"}} if event.visit == MOBILE else {},
    )
    return TimedEvent(wire, event.created_date)


def delivery_of(past: list[list[Event]]) -> Delivery:
    """Return all of them as one delivery."""
    received = past[-1][-1].created_date
    return Delivery(KEY, tuple(call_of(event) for events in past for event in events), received, None, None)


async def collect(database: Database, past: list[list[Event]], in_force: InForce | None = None) -> None:
    """Take them in."""
    for at in range(0, len(past), 200):
        await commit_batch(database, [delivery_of(past[at : at + 200])], in_force or InForce(DEFINITIONS))


def later(past: list[list[Event]]) -> list[list[Event]]:
    """Return the visits under names of their own, so that they are other visitors' and other messages."""
    return [
        [event._replace(id=f"later {event.id}", customer_id=f"later {event.customer_id}") for event in events]
        for events in past
    ]


async def define_order(database: Database, moment: datetime = BEGIN) -> None:
    """Store the outcome that the visits reach."""
    row = {"_id": ORDER.id, "displayName": ORDER.display_name, "eventName": ORDER.event_name, "version": 1}
    dates = {"createdDate": moment, "modifiedDate": moment}
    await add_definition(database, OUTCOMES, {**row, "isActive": True, "isPositive": True, **dates})
