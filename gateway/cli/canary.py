"""A canary: two events of a visitor that does not exist, followed from the collector to a live subscriber."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from gateway.cli.live_socket import Messages, subscription
from gateway.graph.node import to_global_id
from gateway.journey.contact import contact_id_of

EVENT = "doctor_canary"
VISITOR_QUERY = """query Doctor($customerId: String!) {
  contactByIdentifier(type: COOKIE, value: $customerId) { journey { events(first: 1) { nodes { eventName } } } }
}"""
PRESENCE_SUBSCRIPTION = """subscription Doctor($contactId: ID!) {
  presence(filter: {contactId: $contactId}) { session { eventCount } }
}"""


class Missing(Exception):
    """Raised when a hop answers, but not with what should be there; the text says what is wrong."""


@dataclass(slots=True)
class Canary:
    """The visitor, and how to follow it. Its customerId begins with `doctor-`, its events are named doctor_canary."""

    client: httpx.AsyncClient
    stack: AsyncExitStack
    customer_id: str = field(default_factory=lambda: f"doctor-{uuid4().hex}")
    write_key: str = ""
    token: str = ""
    _messages: Messages | None = None

    async def server_answers(self) -> str:
        """Ask whether there is a server."""
        (await self.client.get("/healthz")).raise_for_status()
        return str(self.client.base_url).rstrip("/")

    async def mongodb_ready(self) -> str:
        """Ask whether the server has a MongoDB that takes writes."""
        (await self.client.get("/readyz")).raise_for_status()
        return "a primary answers"

    async def tag_served(self) -> str:
        """Fetch the tag."""
        answer = (await self.client.get("/tag.js")).raise_for_status()
        return f"{answer.num_bytes_downloaded:,} bytes as sent, {len(answer.content):,} unpacked"

    async def token_known(self) -> str:
        """Ask GraphQL who we are."""
        viewer = (await self._ask("query Doctor { viewer { name role } }", {}))["viewer"]
        return f"{viewer['name']}, {viewer['role']}"

    async def subscribed(self) -> str:
        """Begin to listen to the canary's presence."""
        contact_id = to_global_id("Contact", contact_id_of("cookie", self.customer_id))
        url = str(self.client.base_url).rstrip("/")
        listening = subscription(url, self.token, PRESENCE_SUBSCRIPTION, {"contactId": contact_id})
        self._messages = await self.stack.enter_async_context(listening)
        return "presence, over graphql-transport-ws"

    async def collected(self) -> str:
        """Send the first event and read its receipt."""
        return f"receipt: {await self._send()}, as {self.customer_id}"

    async def queried(self) -> str:
        """Look the event up in GraphQL: its receipt said that it is committed."""
        contact = (await self._ask(VISITOR_QUERY, {"customerId": self.customer_id}))["contactByIdentifier"]
        names = [node["eventName"] for node in contact["journey"]["events"]["nodes"]] if contact else []
        if names != [EVENT]:
            raise Missing(f"the journey of {self.customer_id} holds {names}, not [{EVENT!r}]")
        return "in the visitor's journey"

    async def seen_live(self) -> str:
        """Wait until the subscriber has heard of the first event; from then on it is surely listening."""
        await self._heard(1)
        return "the visit is on the live list"

    async def streamed(self) -> str:
        """Send a second event, and wait until the change stream has carried it to the subscriber."""
        await self._send()
        await self._heard(2)
        return "from sending an event to its subscriber"

    async def _heard(self, event_count: int) -> None:
        if self._messages is None:
            raise Missing("nobody is listening")
        while (await self._messages.next_data())["presence"]["session"]["eventCount"] < event_count:
            pass

    async def _send(self) -> str:
        event = {
            "type": "track",
            "event": EVENT,
            "messageId": f"doctor-{uuid4().hex}",
            "anonymousId": self.customer_id,
            "timestamp": datetime.now(UTC).isoformat(),
            "context": {"library": {"name": "journey-gateway doctor", "version": "1"}},
        }
        body = {"batch": [event], "sentAt": event["timestamp"]}
        answer = await self.client.post("/v1/batch", json=body, auth=(self.write_key, ""))
        [receipt] = answer.raise_for_status().json()["receipts"]
        if receipt["status"] != "accepted":
            raise Missing(f"the event was {receipt['status']}: {receipt.get('message') or receipt.get('reason')}")
        return str(receipt["status"])

    async def _ask(self, query: str, variables: Mapping[str, object]) -> dict[str, Any]:
        """Return the data of an answer; its shape is that of the query."""
        body = {"query": query, "variables": dict(variables)}
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = (await self.client.post("/graphql", json=body, headers=headers)).raise_for_status().json()
        if answer.get("errors"):
            raise Missing(f"GraphQL answered: {answer['errors'][0]['message']}")
        data: dict[str, Any] = answer["data"]
        return data
