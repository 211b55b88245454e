"""The journey of a customer with 50 contacts and 10,000 events: the time of a page, as a client of the API gets it."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from benchmarks.figures import Bench, Figure
from gateway.access.first_keys import ensure_first_keys
from gateway.app import open_app
from gateway.clock import now
from gateway.graph.node import to_global_id
from gateway.intake.batch import commit_batch
from gateway.intake.definitions import InForce
from gateway.journey.definitions import Definitions
from gateway.settings import Settings
from gateway.storage.connection import connect
from gateway.storage.database import Database
from gateway.storage.embedded import embedded_mongodb
from gateway.storage.preparation import prepare
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

CONTACTS, EVENTS = 50, 10_000
VISITS = 10
"""Visits of each contact; the events of a contact are spread over them evenly."""
AT_A_TIME = 500
PAGE = 20
WARM_UP = 20
GOAL_MILLISECONDS = 50
TOKEN = "jg_of-the-benchmark"  # noqa: S105 - opens a database that lives as long as a measurement
_WRITE_KEY = WriteKey("write-key", "wk", "benchmark")
_EVENT = "nodes { eventName createdDate page { url title } session { shortId browser { family } } contact { id } }"
_PAGE_INFO = "pageInfo { hasNextPage endCursor }"
PAGES: Mapping[str, str] = {
    "first page of events": f"journey {{ events(first: {PAGE}) {{ {_EVENT} {_PAGE_INFO} }} }}",
    "page in the middle": f"journey {{ events(first: {PAGE}, after: $after) {{ {_EVENT} {_PAGE_INFO} }} }}",
    "first page of sessions": f"sessions(first: {PAGE}) {{ nodes {{ shortId eventCount lastPage {{ url }} }} }}",
    "the whole card": f"""displayName kind presence sessionCount identifiers {{ type value }}
        sessions(first: {PAGE}) {{ nodes {{ shortId }} }}
        journey {{ events(first: {PAGE}) {{ {_EVENT} }} outcomeAchievements {{ achievedDate }} }}""",
}


def measure_journey_of_merge_set(bench: Bench) -> list[Figure]:
    """Pages of a customer's journey by GraphQL, one request at a time, from the request to the whole answer.

    Its contacts were linked by the product itself: each told the same e-mail address.
    """
    return asyncio.run(_measure(bench))


async def _measure(bench: Bench) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="journey-bench-") as directory:
        async with embedded_mongodb(Path(directory), join=False) as url, await connect(url, "journey") as connection:
            await prepare(connection)
            await ensure_first_keys(connection.database, "wk", TOKEN, lambda: "drawn", now())
            await _fill(bench, connection.database)
            (root,) = await connection.database["contacts"].find({"ancestors": {"$exists": False}}).to_list()
            async with open_app(Settings.read({"JOURNEY_DATABASE": "journey"}), url) as app:
                transport = httpx.ASGITransport(app)
                async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
                    return [await _figure(bench, client, root["_id"], name) for name in PAGES]


async def _fill(bench: Bench, database: Database) -> None:
    """Let the visits happen through the intake's own commit: this is not measured."""
    today = datetime.now(UTC)
    apart = timedelta(days=30) / VISITS
    pages = EVENTS // CONTACTS // VISITS
    calls = [
        _call(contact, visit, page, today - (VISITS - visit) * apart + timedelta(minutes=contact, seconds=10 * page))
        for visit in range(VISITS)
        for contact in range(CONTACTS)
        for page in range(pages)
    ]
    in_force = InForce(Definitions())
    for start in range(0, len(calls), AT_A_TIME):
        bench.say(f"journey of a merge set: filling in event {start:,} of {len(calls):,}")
        part = tuple(calls[start : start + AT_A_TIME])
        await commit_batch(database, [Delivery(_WRITE_KEY, part, today, "127.0.0.1", None)], in_force)


def _call(contact: int, visit: int, page: int, at: datetime) -> TimedEvent:
    is_first = visit == page == 0
    told: dict[str, object] = {"email": "ada@shop.example", "name": "Ada King"} if is_first else {}
    context: dict[str, object] = {"page": {"url": f"https://shop.example/{visit}/{page}", "title": f"Page {page}"}}
    wire = WireEvent(
        type="identify" if is_first else "page",
        messageId=f"{contact}-{visit}-{page}",
        anonymousId=f"device-{contact}",
        traits=told,
        context=context,
    )
    return TimedEvent(wire, at)


async def _figure(bench: Bench, client: httpx.AsyncClient, contact_id: str, name: str) -> Figure:
    bench.say(f"journey of a merge set: {name}")
    after = await _middle(client, contact_id)
    times = []
    for number in range(bench.scale.searches + WARM_UP):
        begun = time.perf_counter()
        await _ask(client, contact_id, PAGES[name], after)
        if number >= WARM_UP:
            times.append(1000 * (time.perf_counter() - begun))
    p95 = statistics.quantiles(times, n=20)[-1]
    return Figure(
        f"journey of a merge set: {name}",
        f"p50 {statistics.median(times):.1f} ms, p95 {p95:.1f} ms, worst {max(times):.1f} ms",
        f"{CONTACTS} contacts, {EVENTS:,} events, a page of {PAGE}, {len(times)} requests, one at a time",
        f"p95 under {GOAL_MILLISECONDS} ms",
        p95 < GOAL_MILLISECONDS,
    )


async def _middle(client: httpx.AsyncClient, contact_id: str) -> str:
    """Return the cursor of an event some thousand events before the newest."""
    cursor: str | None = None
    for _ in range(EVENTS // 2 // 200 // 5):
        page = "journey { events(first: 200, after: $after) { pageInfo { endCursor } } }"
        cursor = (await _ask(client, contact_id, page, cursor))["journey"]["events"]["pageInfo"]["endCursor"]
    return cursor or ""


async def _ask(client: httpx.AsyncClient, contact_id: str, selection: str, after: str | None) -> dict[str, Any]:
    given = "$id: ID!, $after: String" if "$after" in selection else "$id: ID!"
    variables = {"id": to_global_id("Contact", contact_id), "after": after}
    body = {"query": f"query({given}) {{ contact(id: $id) {{ {selection} }} }}", "variables": variables}
    answer = (await client.post("/graphql", json=body, headers={"Authorization": f"Bearer {TOKEN}"})).json()
    if "errors" in answer:
        raise RuntimeError(str(answer["errors"]))
    contact: dict[str, Any] = answer["data"]["contact"]
    return contact
