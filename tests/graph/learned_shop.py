"""A shop with ten days of visits, an outcome and a model that was learned from them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from gateway.clock import now
from gateway.graph.node import to_global_id
from gateway.intake.batch import commit_batch
from gateway.intake.definitions import InForce
from gateway.journey.definitions import SESSION_TIMEOUT
from gateway.journey.event import PAGE_VIEWED, Event
from gateway.prediction.full_training import train_fully
from gateway.storage.database import Database
from gateway.storage.definitions import OUTCOMES, add_definition
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey
from tests.graph.conftest import Api, api_over
from tests.prediction.past_visits import DEFINITIONS, ORDER, visits

KEY = WriteKey("key-1", "wk", "Shop")
ORDER_ID = to_global_id("Outcome", ORDER.id)


@asynccontextmanager
async def learned_shop(mongodb_url: str) -> AsyncIterator[Api]:
    """Open the app over the shop, which nobody visits at the moment."""
    async with api_over(mongodb_url) as api:
        await collect(api.database, visits(400, since=now() - timedelta(days=10)))
        await define_order(api.database)
        await train_fully(api.database, [ORDER], now(), SESSION_TIMEOUT)
        yield api


async def collect(database: Database, past: list[list[Event]]) -> None:
    """Store visits as they would have come in."""
    calls = [call_of(event) for events in past for event in events]
    for at in range(0, len(calls), 500):
        await commit_batch(
            database, [Delivery(KEY, tuple(calls[at : at + 500]), now(), None, None)], InForce(DEFINITIONS)
        )


async def define_order(database: Database) -> None:
    """Store the outcome that visits may reach."""
    definition = {"_id": ORDER.id, "displayName": ORDER.display_name, "eventName": ORDER.event_name, "version": 1}
    since = {"createdDate": now(), "modifiedDate": now()}
    await add_definition(database, OUTCOMES, {**definition, "isActive": True, "isPositive": True, **since})


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
    )
    return TimedEvent(wire, event.created_date)
