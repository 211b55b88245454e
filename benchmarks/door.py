"""What access costs: permitted queries through the door, and the same ones without its checks, limits and budgets."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson
from graphql import GraphQLSchema, OperationType
from starlette.types import Message

from benchmarks.figures import Bench, Figure
from gateway.access.audit_trail import AuditTrail
from gateway.access.authentication import Authenticator
from gateway.access.budget import Budgets
from gateway.access.first_keys import ensure_first_keys
from gateway.access.viewer import Viewer
from gateway.clock import now
from gateway.graph.context import Context, Services
from gateway.graph.http import GraphQLOverHTTP
from gateway.graph.limits import Limits
from gateway.graph.operation import Operation
from gateway.graph.operations import Operations
from gateway.graph.persisted import AutomaticDocuments
from gateway.graph.preparing import EVERY_KIND, Prepared, Preparing
from gateway.graph.schema import make_schema
from gateway.graph.valid_document import ValidDocuments
from gateway.intake.batch import commit_batch
from gateway.intake.definitions import InForce
from gateway.journey.definitions import Definitions
from gateway.live.hub import Hub
from gateway.prediction.preview import Previews
from gateway.settings import Settings
from gateway.storage.connection import connect
from gateway.storage.database import Database
from gateway.storage.embedded import embedded_mongodb
from gateway.storage.preparation import prepare
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

GOAL = 1.1
OK = 200
VISITORS, PAGES = 60, 5
ROUNDS = 40
"""Times that each query is asked in a turn; the turns of both sides alternate, and their medians count."""
TURNS = 9
QUERIES: Mapping[str, str] = {
    "who asks": "{ viewer { name role } }",
    "20 sessions": """{ sessions(first: 20) { nodes {
        shortId presence eventCount lastPage { url } browser { family } } } }""",
    "50 contacts, 5 sessions, 3 events": """{ contacts(first: 50) { nodes {
        displayName identifiers { type value }
        sessions(first: 5) { nodes { shortId events(first: 3) { nodes { eventName createdDate } } } } } } }""",
}
TOKEN = "jg_of-the-benchmark"  # noqa: S105 - opens a database that lives as long as a measurement
_NOTHING: Mapping[Any, Any] = MappingProxyType({})


class _WithoutChecks(Preparing):
    """Reads and validates, once for each text as the door does, and checks nothing else."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._read = ValidDocuments(schema, Limits.of(Settings.read({})))

    def prepare(self, request: Operation, viewer: Viewer, kinds: Collection[OperationType] = EVERY_KIND) -> Prepared:  # noqa: ARG002 - as the door
        """Return the operation as it is."""
        document = self._read.read(request.query or "")
        operation, cost = document.operation(None), document.cost(None)
        variables = request.variables or {}
        return Prepared(request.query or "", document.document, operation, None, variables, viewer, cost, 0, _NOTHING)

    def settle(self, prepared: Prepared, data: Mapping[str, Any] | None) -> float:  # noqa: ARG002 - as the door
        """Count nothing."""
        return 0


def measure_door(bench: Bench) -> list[Figure]:
    """Permitted queries in one process, from the request to its answer, by turns with and without checks.

    Both sides look the token up, as they always did.
    """
    return asyncio.run(_measure(bench))


async def _measure(bench: Bench) -> list[Figure]:
    core = make_schema()._schema  # noqa: SLF001 - Strawberry has no public way to its graphql-core schema
    settings = Settings.read({"JOURNEY_REQUESTS_PER_MINUTE": "0", "JOURNEY_COST_BUDGET": "0"})
    async with _services() as services:
        door = Preparing(core, Limits.of(settings), AutomaticDocuments(), Budgets.of(settings))
        budgets = Budgets.of(settings)
        sides = [
            GraphQLOverHTTP(
                Operations(core, side, 10, lambda: Context(services)),
                services.authenticator,
                budgets,
                allow_get=False,
                origins=(),
            )
            for side in (door, _WithoutChecks(core))
        ]
        return [await _figure(bench, sides, name) for name in QUERIES]


async def _figure(bench: Bench, sides: Sequence[GraphQLOverHTTP], name: str) -> Figure:
    bench.say(f"door: {name}")
    times: list[list[float]] = [[], []]
    for _ in range(TURNS):
        for side, taken in zip(sides, times, strict=True):
            taken.append(await _turn(side, QUERIES[name]))
    checked, bare = (1000 * statistics.median(taken) for taken in times)
    return Figure(
        f"permitted query: {name}",
        f"{checked:.2f} ms of the process, {bare:.2f} ms without checks",
        f"{VISITORS} visitors, {TURNS} turns of {ROUNDS} on each side",
        f"at most {GOAL} of it without",
        checked <= GOAL * bare,
        f"{checked / bare:.2f} of it without",
    )


async def _turn(side: GraphQLOverHTTP, query: str) -> float:
    """Return the processor seconds of one query."""
    body = orjson.dumps({"query": query})
    told = [(b"authorization", b"Bearer " + TOKEN.encode()), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": told, "client": None}

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message.get("status", OK) != OK:
            raise RuntimeError(f"the query is answered {message['status']}")

    begun = time.process_time()
    for _ in range(ROUNDS):
        await side(dict(scope), receive, send)
    return (time.process_time() - begun) / ROUNDS


@asynccontextmanager
async def _services() -> AsyncIterator[Services]:
    with tempfile.TemporaryDirectory(prefix="journey-bench-") as directory:
        async with embedded_mongodb(Path(directory), join=False) as url, await connect(url, "journey") as connection:
            await prepare(connection)
            database = connection.database
            await ensure_first_keys(database, "wk", TOKEN, lambda: "drawn", now())
            await _fill(database)
            hub, timeout = Hub(database, now), timedelta(minutes=20)
            try:
                trail, authenticator = AuditTrail(database), Authenticator(database, now)
                previews = Previews(url, "journey", timeout)
                yield Services(database, hub, now, timeout, _no_replay, trail, authenticator, previews)
            finally:
                await hub.close()


async def _fill(database: Database) -> None:
    at = datetime.now(UTC).replace(microsecond=0)
    calls = tuple(
        TimedEvent(
            WireEvent(
                type="page",
                messageId=f"{visitor}-{page}",
                anonymousId=f"visitor-{visitor}",
                context={"page": {"url": f"https://shop.example/{page}", "title": f"Page {page}"}},
            ),
            at - timedelta(hours=page, seconds=visitor),
        )
        for visitor in range(VISITORS)
        for page in range(PAGES)
    )
    delivery = Delivery(WriteKey("write-key", "wk", "benchmark"), calls, at, "127.0.0.1", None)
    await commit_batch(database, [delivery], InForce(Definitions()))


async def _no_replay(_ids: Sequence[str]) -> list[str]:
    return []
