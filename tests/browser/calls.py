"""What the tag has sent and what became of it: the exact calls that are expected, and no other."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Request

from tests.browser.site import Site
from tests.running_server import RunningServer, until

SETTLE_SECONDS = 0.5
"""How long to wait for calls that must not come: the tag holds calls for 0.05 s, and a request takes milliseconds."""

EVENTS = """{
  sessions(first: 60) { nodes {
    id customerId
    contact { id type displayName identifiers { type value } }
    events(first: 200) { nodes {
      messageId eventName createdDate sequence searchQuery referrerUrl attributes traits page { url title }
    } }
  } }
}"""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that the server has stored. Reads "page_viewed /path?query"."""

    name: str
    address: str  #: path, query and fragment of the page
    session: Mapping[str, Any]  #: as EVENTS asks for it
    event: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.name} {self.address}"


@dataclass
class Sent:
    """Every request that a browser made to the collector, also those that never arrived."""

    requests: list[str] = field(default_factory=list)
    message_ids: set[str] = field(default_factory=set)

    def record(self, context: BrowserContext) -> None:
        """Record from now on."""
        context.on("request", self._note)

    def _note(self, request: Request) -> None:
        path = urlsplit(request.url).path
        if path.startswith("/v1/"):
            self.requests.append(f"{request.method} {path}")
            if request.method == "POST" and request.post_data:
                self.message_ids |= {event["messageId"] for event in json.loads(request.post_data)["batch"]}


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one test: those of its own site."""

    server: RunningServer
    site: Site
    sent: Sent

    async def stored(self) -> list[Call]:
        """Return what the server has stored of this site, in the order in which it happened."""
        sessions = (await self.server.query(EVENTS))["sessions"]["nodes"]
        found = [
            Call(event["eventName"], event["page"]["url"].removeprefix(self.site.url), session, event)
            for session in sessions
            for event in session["events"]["nodes"]
            if (event["page"] or {}).get("url", "").startswith(self.site.url + "/")
        ]
        return sorted(found, key=lambda call: (call.event["createdDate"], call.event["sequence"]))

    async def expect(self, expected: Sequence[str], refuted: Sequence[str] = ()) -> list[Call]:
        """Wait until exactly the expected calls are stored, make sure that no other follows, and return them.

        Args:
            expected: Calls as Call reads, in their order, each once.
            refuted: Beginnings of calls that a tag might make here and must not; they tell the reader what is at stake.
        """

        async def are_there() -> bool:
            _compare(await self.stored(), expected)
            return True

        await until(are_there, patience=20)
        await asyncio.sleep(SETTLE_SECONDS)
        calls = await self.stored()
        _compare(calls, expected)
        assert not [str(call) for call in calls if str(call).startswith(tuple(refuted))]
        stored_ids = [call.event["messageId"] for call in calls]
        assert len(set(stored_ids)) == len(stored_ids)
        assert self.sent.message_ids <= set(stored_ids), "the tag sent what the server did not store"
        return calls

    async def expect_silence(self) -> None:
        """Make sure that nothing was asked of the collector, and that it has stored nothing."""
        await asyncio.sleep(SETTLE_SECONDS)
        assert self.sent.requests == []
        assert await self.stored() == []


def _compare(calls: Sequence[Call], expected: Sequence[str]) -> None:
    stored = [str(call) for call in calls]
    assert stored == list(expected), f"expected {list(expected)}, and the server has {stored}"
