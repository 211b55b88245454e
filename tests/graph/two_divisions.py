"""Two divisions with the same customers, and the same world with one of them alone.

Whoever sees but that one cannot tell the two worlds apart.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from gateway.access.permissions import ROLES
from gateway.access.tokens import NewToken, create_token
from gateway.access.viewer import Viewer
from gateway.clock import now
from gateway.graph.node import to_global_id
from gateway.journey.contact import contact_id_of
from gateway.journey.ids import derive_id
from gateway.storage.tokens import add_row
from gateway.storage.write_keys import new_write_key_row
from tests.graph.conftest import TOKEN, Api, api_over

NORTH, SOUTH = "north", "south"
EMAIL = "ada@shop.example"
APART = {"JOURNEY_CONTACT_DIVISIONS": "true"}
ADMIN = Viewer("root", "admin", ROLES["admin"])
START = now().replace(microsecond=0) - timedelta(seconds=30)
"""When it all began; the same for both worlds, so that what happens has the same dates and ids."""


@dataclass
class World:
    """The app over one or two divisions, and the tokens of those who see one of them."""

    api: Api
    tokens: Mapping[str, str]

    async def post(self, who: str, document: str, **variables: object) -> dict[str, Any]:
        """Return the whole answer that somebody gets: who sees north, south, or everything."""
        told = {"query": document, "variables": variables}
        answer: dict[str, Any] = (await self.api.post(told, self.tokens[who])).json()
        answer.pop("extensions", None)
        return answer

    async def ask(self, who: str, document: str, **variables: object) -> dict[str, Any]:
        """Return the `data` that somebody gets; errors fail the test."""
        answer = await self.post(who, document, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def happens(self, division: str, visitor: str, second: float, kind: str = "page", **call: object) -> str:
        """Have a visitor do something on the site of a division, and return the stored id of the event."""
        message_id = f"{division}-{visitor}-{second}-{kind}"
        timestamp = (START + timedelta(seconds=second)).isoformat()
        body = {"type": kind, "messageId": message_id, "anonymousId": visitor, "timestamp": timestamp, **call}
        answer = await self.api.client.post("/v1/batch", json={"batch": [body]}, auth=(f"wk_{division}", ""))
        assert [one["status"] for one in answer.json()["receipts"]] == ["accepted"], answer.text
        return derive_id("event", derive_id("write key", f"wk_{division}"), message_id)


@asynccontextmanager
async def world_of(mongodb_url: str, *divisions: str, environ: Mapping[str, str] | None = None) -> AsyncIterator[World]:
    """Open the app over an empty database with these divisions and what happens in each."""
    async with api_over(mongodb_url, environ) as api:
        tokens = {"all": TOKEN}
        for division in (NORTH, SOUTH):
            if division in divisions:
                added = {"_id": division, "name": division.title(), "createdDate": START, "modifiedDate": START}
                await add_row(api.database, "divisions", added)
                key = new_write_key_row(f"wk_{division}", division.title(), START)
                await add_row(api.database, "writeKeys", key | {"divisionId": division})
                wanted = NewToken(f"Agent {division}", "admin", [division])
                _, tokens[division] = await create_token(api.database, wanted, ADMIN, now())
        world = World(api, tokens)
        create = 'createOutcome(input: {displayName: "Order", eventName: "order_completed"}) { outcome { id } }'
        await api.ask(f"mutation {{ {create} }}")
        for division in (SOUTH, NORTH):  # the other one first, so that it is there when ours begins
            if division in divisions:
                await PLAYS[division](world)
        yield world


async def _north(world: World) -> None:
    page = {"page": {"url": "https://north.example/shoes?q=boots", "title": "Boots"}}
    await world.happens(NORTH, "ada", 0, context=page)
    await world.happens(NORTH, "ada", 1, "track", event="Products Searched", properties={"query": "boots"})
    await world.happens(NORTH, "ada", 2, "track", event="Order Completed", properties={"total": 12})
    await world.happens(NORTH, "ada", 2.8, "identify", traits={"email": EMAIL})
    await world.happens(NORTH, "ann", 3, "identify", traits={"email": "ann@shop.example", "name": "Ann Northern"})
    await _set_aside(world, NORTH)


async def _south(world: World) -> None:
    page = {"page": {"url": "https://south.example/secret?q=secret", "title": "Secret"}}
    await world.happens(SOUTH, "ada", 0.5, context=page)
    await world.happens(SOUTH, "ada", 1.5, "track", event="Products Searched", properties={"query": "secret"})
    await world.happens(SOUTH, "ada", 2.5, "track", event="Order Completed", properties={"total": 34})
    await world.happens(SOUTH, "ada", 2.6, "identify", traits={"email": EMAIL})
    await world.happens(SOUTH, "tablet", 4, "identify", traits={"email": EMAIL})  # of the same customer as ada
    await world.happens(SOUTH, "bob", 5, "identify", traits={"email": "bob@shop.example", "name": "Bob Southern"})
    await _set_aside(world, SOUTH)


PLAYS = {NORTH: _north, SOUTH: _south}


async def _set_aside(world: World, division: str) -> None:
    await world.api.database["rejectedEvents"].insert_one(
        {
            "_id": f"rejected-{division}",
            "messageId": f"rejected in the {division}",
            "writeKeyId": derive_id("write key", f"wk_{division}"),
            "reason": "ValueError",
            "createdDate": START,
            "receivedDate": START,
            "rejectedDate": START,
            "wire": {"type": "page", "messageId": f"rejected in the {division}", "anonymousId": "zoe"},
            "divisionId": division,
        }
    )


def contact(visitor: str) -> str:
    """Return the id of a visitor's contact, as clients know it."""
    return to_global_id("Contact", contact_id_of("cookie", visitor))


def session(division: str, visitor: str, second: float, kind: str = "page") -> str:
    """Return the id of the session that an event has opened, as clients know it."""
    return to_global_id("Session", derive_id("session", event_id(division, visitor, second, kind)))


def event(division: str, visitor: str, second: float, kind: str = "page") -> str:
    """Return the id of an event, as clients know it."""
    return to_global_id("Event", event_id(division, visitor, second, kind))


def event_id(division: str, visitor: str, second: float, kind: str = "page") -> str:
    """Return the stored id of an event."""
    return derive_id("event", derive_id("write key", f"wk_{division}"), f"{division}-{visitor}-{second}-{kind}")
