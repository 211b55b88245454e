"""Limit B: MongoDB alone doing the writes that batches of ours come to, without us."""

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pymongo import InsertOne, MongoClient, UpdateOne
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

from benchmarks.figures import Bench, Figure
from benchmarks.history import event_of, stranger
from benchmarks.intake import BATCHED, SINGLE
from benchmarks.server import DATABASE
from benchmarks.traffic import VISITORS
from gateway.intake.batch import play
from gateway.intake.crowd import Crowd
from gateway.journey.advance import Visitor
from gateway.journey.contact import contact_id_of
from gateway.journey.definitions import Definitions
from gateway.journey.event import Event
from gateway.storage.batch_changes import Changes
from gateway.storage.connection import connect
from gateway.storage.database import Row
from gateway.storage.documents.contact import contact_row
from gateway.storage.documents.event import event_row
from gateway.storage.documents.session import session_changes, session_row
from gateway.storage.embedded import embedded_mongodb
from gateway.storage.preparation import prepare

THREADS = 2
BATCH = 500
WARM_UP_PART = 3
_DEFINITIONS = Definitions()
_BETWEEN_BATCHES = timedelta(milliseconds=50)


@dataclass(frozen=True, slots=True)
class Writes:
    """The writes of one batch."""

    events: list[Row]
    sessions: list[InsertOne[Row] | UpdateOne]
    contacts: list[UpdateOne]


def measure_mongod_alone(bench: Bench) -> list[Figure]:
    """The event, session and contact writes of single page views in batches of 500, by PyMongo in two threads.

    The first third, in which most visitors are new, is warm-up here as it is there. Nothing is read, there are no
    transactions, and what is to be written was made before; same indexes, same write concern, same mongod. Also the
    events alone, by insert_many: the number that is usually quoted.
    """
    return asyncio.run(_measure(bench))


async def _measure(bench: Bench) -> list[Figure]:
    bench.say("mongod alone: making documents")
    halves = [list(_batches(half, bench.scale.documents_alone // THREADS)) for half in range(THREADS)]
    with tempfile.TemporaryDirectory(prefix="journey-bench-") as directory:
        async with embedded_mongodb(Path(directory), join=False) as url, await connect(url, DATABASE) as connection:
            await prepare(connection)
            bench.say("mongod alone: writing")
            whole = await asyncio.to_thread(_rate, url, DATABASE, halves)
            await connection.client.drop_database(DATABASE)
            await prepare(connection)
            alone = [[Writes(batch.events, [], []) for batch in half] for half in halves]
            events_only = await asyncio.to_thread(_rate, url, DATABASE, alone)
    singles, batched = (bench.numbers.get(name) for name in (SINGLE, BATCHED))
    ratios = [f"{name} {number / whole:.2f}" for name, number in (("singles", singles), ("batches", batched)) if number]
    load = f"batches of {BATCH}, {VISITORS:,} visitors, {THREADS} threads of PyMongo; no reads, no transaction"
    return [
        Figure("limit B: mongod alone, the same writes", f"{whole:,.0f} events/s", load, ratio=", ".join(ratios)),
        Figure("mongod alone, insert_many of the events only", f"{events_only:,.0f} events/s", load),
    ]


def _batches(half: int, events: int) -> Iterator[Writes]:
    """Yield the writes of batches of page views, of one half of the visitors."""
    now = datetime.now(UTC).replace(microsecond=0)
    visitors: dict[str, Visitor] = {}
    for number in range(events // BATCH):
        at = now + number * _BETWEEN_BATCHES
        batch = [_event(f"alone-{half}-{number}-{place}", half, at) for place in range(BATCH)]
        ids = {contact_id_of(event.customer_id_type, event.customer_id): event.customer_id for event in batch}
        before = {id_: visitors.get(id_) or stranger(name) for id_, name in ids.items()}
        changes = play(batch, Crowd(before), _DEFINITIONS)
        _remember(visitors, before, changes)
        yield _writes(changes)


def _event(message_id: str, half: int, at: datetime) -> Event:
    return event_of(message_id, f"visitor-{random.randrange(VISITORS // THREADS) * THREADS + half}", at)


def _remember(visitors: dict[str, Visitor], before: Mapping[str, Visitor], changes: Changes) -> None:
    """Keep each visitor as it stands after the batch, as the database would."""
    contacts = {change.after.id: change.after for change in changes.contacts}
    for session in changes.sessions:
        known = before[session.contact_id]
        contact = contacts.get(session.contact_id) or known.first
        visitors[session.contact_id] = Visitor(session.contact_id, {contact.id: contact} if contact else {}, (session,))


def _writes(changes: Changes) -> Writes:
    sessions: list[InsertOne[Row] | UpdateOne] = []
    for session in changes.sessions:
        before = changes.sessions_before.get(session.id)
        if before is None:
            sessions.append(InsertOne(session_row(session)))
        else:
            sessions.append(UpdateOne({"_id": session.id}, {"$set": session_changes(before, session)}))
    contacts = [(row.pop("_id"), row) for row in (contact_row(change.after) for change in changes.contacts)]
    return Writes(
        [event_row(step) for step in changes.steps],
        sessions,
        [UpdateOne({"_id": id_}, {"$set": row}, upsert=True) for id_, row in contacts],
    )


def _rate(url: str, name: str, halves: list[list[Writes]]) -> float:
    with MongoClient[Row](url) as client, ThreadPoolExecutor(THREADS) as threads:
        database = client.get_database(name, write_concern=WriteConcern(w="majority", j=True))
        starts = [len(half) // WARM_UP_PART for half in halves]
        _together(threads, database, [half[:start] for half, start in zip(halves, starts, strict=True)])
        measured = [half[start:] for half, start in zip(halves, starts, strict=True)]
        begun = time.perf_counter()
        _together(threads, database, measured)
        took = time.perf_counter() - begun
    return sum(len(batch.events) for half in measured for batch in half) / took


def _together(threads: ThreadPoolExecutor, database: Database[Row], halves: list[list[Writes]]) -> None:
    for done in [threads.submit(_write, database, half) for half in halves]:
        done.result()


def _write(database: Database[Row], batches: list[Writes]) -> None:
    for batch in batches:
        database["events"].insert_many(batch.events, ordered=False)
        if batch.sessions:
            database["sessions"].bulk_write(batch.sessions, ordered=False)
        if batch.contacts:
            database["contacts"].bulk_write(batch.contacts, ordered=False)
