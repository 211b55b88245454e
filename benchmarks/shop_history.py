"""Past visits to the made-up shop, made by the product's own functions, for models to learn from."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pymongo import MongoClient

from benchmarks.history import Rows, event_from, stranger
from benchmarks.server import DATABASE, Running
from benchmarks.shop import VISITORS, call_of
from gateway.journey.advance import Step, Visitor, advance
from gateway.journey.definitions import Definitions
from gateway.storage.database import Row
from gateway.storage.documents.contact import contact_row
from gateway.storage.documents.event import event_row
from gateway.storage.documents.session import session_row

MINUTES_BETWEEN_VISITS = 4
SHORTEST, LONGEST, USUAL = 2, 40, 8
"""Steps of a visit."""
SECONDS_BETWEEN_STEPS = 25.0
AT_A_TIME = 1_000
_DEFINITIONS = Definitions()


def fill_in_visits(server: Running, count: int) -> int:
    """Store so many past visits, and return of how many events they are."""
    events = 0
    with MongoClient[Row](server.mongodb_url, tz_aware=True) as client:
        database = client[DATABASE]
        for rows in _past(count):
            database["events"].insert_many(rows.events, ordered=False)
            database["sessions"].insert_many(rows.sessions, ordered=False)
            database["contacts"].insert_many(rows.contacts, ordered=False)
            events += len(rows.events)
        client.admin.command("fsync")
    return events


def _past(count: int) -> Iterator[Rows]:
    """Yield the rows of past visits, some at a time, oldest first; each is of a visitor who comes just once."""
    begun = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1, minutes=count * MINUTES_BETWEEN_VISITS)
    chance = random.Random()
    rows = Rows()
    for number in range(count):
        at = begun + timedelta(minutes=number * MINUTES_BETWEEN_VISITS)
        visitor, steps = _visit(VISITORS + number, at, chance)
        rows.events += [event_row(step) for step in steps]
        rows.sessions.append(session_row(steps[-1].session))
        rows.contacts += [contact_row(contact) for contact in visitor.contacts.values()]
        if len(rows.sessions) == AT_A_TIME or number == count - 1:
            yield rows
            rows = Rows()


def _visit(number: int, at: datetime, chance: random.Random) -> tuple[Visitor, list[Step]]:
    """Return a visitor who has come once, and the steps of the visit."""
    name = f"past-{number}"
    visitor, steps = stranger(name), list[Step]()
    for place in range(min(SHORTEST + int(chance.expovariate(1 / (USUAL - SHORTEST))), LONGEST)):
        event = event_from(call_of(f"{name}-{place}", name, number, chance), at)
        visitor, step = advance(visitor, event, _DEFINITIONS)
        steps.append(step)
        at += timedelta(milliseconds=int(1000 * chance.expovariate(1 / SECONDS_BETWEEN_STEPS)))
    return visitor, steps
