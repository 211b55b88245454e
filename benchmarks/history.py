"""Journeys of the past, made by the product's own functions: what translate, advance and the documents make of calls.

Two visits a visitor within thirty days, five page views each; days are written one after the other, the visits of a day
interleaved, as they would have come in.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from benchmarks.shop import Call
from benchmarks.traffic import page_call
from gateway.intake.translate import translate
from gateway.journey.advance import Step, Visitor, advance
from gateway.journey.contact import contact_id_of
from gateway.journey.definitions import Definitions
from gateway.journey.event import Event
from gateway.storage.database import Row
from gateway.storage.documents.contact import contact_row
from gateway.storage.documents.event import event_row
from gateway.storage.documents.session import session_row
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

DAYS = 30
VISITS = 2
EVENTS_A_VISIT = 5
EVENTS_A_VISITOR = VISITS * EVENTS_A_VISIT
_BETWEEN_PAGES = timedelta(seconds=40)
_WRITE_KEY = WriteKey("write-key", "wk", "benchmark", ("*",), ())
_DEFINITIONS = Definitions()


@dataclass
class Rows:
    """What is to be written, by collection."""

    events: list[Row] = field(default_factory=list)
    sessions: list[Row] = field(default_factory=list)
    contacts: list[Row] = field(default_factory=list)


def days_of(visitors: range) -> Iterator[Rows]:
    """Yield the rows of each day, for these numbers of visitors; contacts come with the day of their last visit."""
    known: dict[int, Visitor] = {}
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    apart = DAYS // VISITS
    for day in range(DAYS):
        rows, steps = Rows(), list[Step]()
        for number in (number for number in visitors if number % apart == day % apart):
            visitor, last = _visit(known.pop(number, _stranger(number)), number, today, DAYS - day)
            steps += last
            rows.sessions.append(session_row(last[-1].session))
            if day < DAYS - apart:
                known[number] = visitor
            elif visitor.first is not None:
                rows.contacts.append(contact_row(visitor.first))
        steps.sort(key=lambda step: step.event.created_date)
        rows.events = [event_row(step) for step in steps]
        yield rows


def event_of(message_id: str, visitor: str, at: datetime) -> Event:
    """Return the event that a page view of this visitor becomes."""
    return event_from(page_call(message_id, visitor), at)


def event_from(call: Call, at: datetime) -> Event:
    """Return the event that a call becomes."""
    timed = TimedEvent(msgspec.convert(call, WireEvent), at)
    return translate(timed, Delivery(_WRITE_KEY, (timed,), at, "127.0.0.1", None))


def stranger(name: str) -> Visitor:
    """Return a visitor of whom nothing is known."""
    return Visitor(contact_id_of("cookie", name))


def _stranger(number: int) -> Visitor:
    return stranger(f"visitor-{number}")


def _visit(visitor: Visitor, number: int, today: datetime, days_ago: int) -> tuple[Visitor, list[Step]]:
    begun = today - timedelta(days=days_ago) + timedelta(milliseconds=random.randrange(80_000_000))
    steps = []
    for page in range(EVENTS_A_VISIT):
        id_ = f"past-{number}-{days_ago}-{page}"
        event = event_of(id_, f"visitor-{number}", begun + page * _BETWEEN_PAGES)
        visitor, step = advance(visitor, event, _DEFINITIONS)
        steps.append(step)
    return visitor, steps
