"""What is stored stays small: no document grows with every event, and what expires goes by itself."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import bson
import pytest

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import InForce
from gateway.journey.contact import MAX_IDENTIFIERS
from gateway.journey.definitions import definitions_of
from gateway.journey.outcome import Outcome
from gateway.journey.search import MAX_QUERY_LENGTH
from gateway.journey.session import MAX_SEARCH_TERMS
from gateway.prediction.base_rate import BaseRate
from gateway.storage.database import Database, Row
from gateway.storage.documents.prediction import prediction_rows
from gateway.storage.documents.rejected_event import KEPT_FOR
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY = WriteKey("key-1", "wk", "Shop")
KILOBYTE = 1024
ORDER = Outcome("o-1", "Order", "order_completed")
IN_FORCE = InForce(definitions_of([ORDER]), {"o-1": BaseRate("model-1", "o-1", reached=(), achieved=())})


def page(number: int) -> WireEvent:
    address = {"url": f"https://shop.example/articles/{number}?ref=list", "title": f"Article {number}"}
    context: dict[str, object] = {"page": address, "locale": "de-CH", "screen": {"width": 1920, "height": 1080}}
    return WireEvent(type="page", context=context)


def order(number: int) -> WireEvent:
    return WireEvent(type="track", event="Order Completed", properties={"number": number})


def search(number: int) -> WireEvent:
    query = f"{number:05d} " + "\U0001f45f" * 1_000
    return WireEvent(type="track", event="Products Searched", properties={"query": query})


def person(number: int) -> WireEvent:
    email = f"{number:05d}{'x' * 200}@mail.example"
    return WireEvent(type="identify", traits={"email": email, "name": "x" * 5_000})


def ordinary(number: int) -> WireEvent:
    return order(number) if number % 100 == 99 else page(number)


async def one_visit(database: Database, wires: Iterator[WireEvent]) -> tuple[Row, Row]:
    """Let one visitor do all that, a second apart, and return the session and the contact as they are stored."""
    happened = []
    for number, wire in enumerate(wires):
        wire.messageId, wire.anonymousId = f"m{number}", "v"
        happened.append(TimedEvent(wire, NOON + timedelta(seconds=number)))
    for start in range(0, len(happened), 500):
        delivery = Delivery(KEY, tuple(happened[start : start + 500]), NOON, "192.0.2.1", "Mozilla/5.0")
        await commit_batch(database, [delivery], IN_FORCE)
    (session,) = await database["sessions"].find().to_list()
    (contact,) = await database["contacts"].find().to_list()
    assert session["eventCount"] == len(happened)
    return session, contact


async def test_a_session_with_ten_thousand_events_is_as_small_as_one_with_hundred(database: Database) -> None:
    session, contact = await one_visit(database, map(ordinary, range(10_000)))
    assert (session["eventCount"], session["pageviewCount"]) == (10_000, 9_900)
    assert len(session["outcomeAchievements"]) == len(prediction_rows(session)) == 1
    assert len(bson.encode(session)) < 2 * KILOBYTE
    assert len(bson.encode(contact)) < KILOBYTE


async def test_a_session_keeps_the_newest_search_terms_cut_to_length(database: Database) -> None:
    session, _ = await one_visit(database, map(search, range(3 * MAX_SEARCH_TERMS)))
    assert [term[:5] for term in session["searchTerms"]] == [f"{n:05d}" for n in range(200, 300)]
    assert {len(term) for term in session["searchTerms"]} == {MAX_QUERY_LENGTH}
    assert len(bson.encode(session)) < 2 * KILOBYTE + MAX_SEARCH_TERMS * (MAX_QUERY_LENGTH * 4 + 16)


async def test_a_contact_keeps_as_many_identifiers_as_a_person_may_have(database: Database) -> None:
    _, contact = await one_visit(database, map(person, range(3 * MAX_IDENTIFIERS)))
    assert len(contact["identifiers"]) == MAX_IDENTIFIERS
    assert contact["identifiers"][0]["value"] == "v"
    assert len(bson.encode(contact)) < 96 * KILOBYTE


@pytest.mark.parametrize(
    ("collection", "index", "kept_for"),
    [pytest.param("rejectedEvents", "expiry", KEPT_FOR, id="rejected events")],
)
async def test_what_expires_is_deleted_by_mongodb(
    collection: str, index: str, kept_for: timedelta, database: Database
) -> None:
    expiry = (await database[collection].index_information())[index]
    assert expiry["expireAfterSeconds"] == kept_for.total_seconds()
    assert expiry["key"] == [("rejectedDate", 1)]
