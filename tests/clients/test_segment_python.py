"""The official Segment client for Python, pointed at the gateway by `host=` and otherwise left as it is."""

from datetime import UTC, datetime
from typing import Any

import pytest
from segment.analytics.client import Client

from tests.running_server import WRITE_KEY, RunningServer

EVENTS_OF_CUSTOMER = """
query EventsOfCustomer($id: String!) {
  contactByIdentifier(type: EXTERNAL_ID, value: $id) {
    type displayName identifiers { type value }
    journey { events(first: 50) { nodes { eventName searchQuery attributes createdDate page { url } } } }
  }
}
"""


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"sync_mode": True}, id="one request a call"),
        pytest.param({"sync_mode": True, "gzip": True}, id="compressed"),
        pytest.param({"gzip": True}, id="from its own thread, in batches"),
    ],
)
async def test_what_a_back_end_sends_is_the_journey_of_its_customer(
    server: RunningServer, visitor: str, options: dict[str, Any]
) -> None:
    errors: list[object] = []
    client = Client(
        WRITE_KEY, host=server.url, max_retries=1, on_error=lambda error, _: errors.append(error), **options
    )
    page = {"page": {"url": "https://shop.example/lamps?q=reading+lamp"}}
    client.identify(visitor, {"email": f"{visitor}@shop.example", "firstName": "Ada"})
    client.page(visitor, name="Lamps", properties=page["page"], context=page)
    client.track(visitor, "Products Searched", {"query": "reading lamp"})
    client.track(
        visitor, "Order Completed", {"order_id": "HH-1", "revenue": 89.5, "placed": datetime(2026, 1, 2, tzinfo=UTC)}
    )
    client.flush()  # sends what waits in its own thread

    assert errors == []
    contact = (await server.query(EVENTS_OF_CUSTOMER, id=visitor))["contactByIdentifier"]
    assert contact["type"] == "IDENTIFIED"
    assert contact["displayName"] == "Ada"
    assert {"type": "EMAIL", "value": f"{visitor}@shop.example"} in contact["identifiers"]
    events = {event["eventName"]: event for event in contact["journey"]["events"]["nodes"]}
    assert set(events) == {"user_identified", "page_viewed", "search_performed", "order_completed"}
    assert events["page_viewed"]["page"] == page["page"]
    assert events["search_performed"]["searchQuery"] == "reading lamp"
    assert events["order_completed"]["attributes"]["revenue"] == 89.5
    assert events["order_completed"]["attributes"]["placed"] == "2026-01-02T00:00:00+00:00"


def test_a_wrong_write_key_is_told_to_the_back_end(server: RunningServer, visitor: str) -> None:
    client = Client("wk_of_somebody_else", host=server.url, sync_mode=True, max_retries=1)
    with pytest.raises(Exception, match="unknown_write_key"):
        client.track(visitor, "Order Completed")
