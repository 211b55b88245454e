"""Order and lateness: events count at the time at which they happened, however and whenever they come in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.call_lines import open_calls
from gateway.cli.import_batches import batches
from gateway.intake.batch import commit_batch, play
from gateway.intake.crowd import Crowd
from gateway.intake.definitions import DefinitionReader, InForce
from gateway.intake.translate import translate
from gateway.intake.writer import Writer
from gateway.journey.advance import Visitor
from gateway.journey.contact import contact_id_of
from gateway.journey.definitions import Definitions
from gateway.storage.database import Database
from snippet.collector import MAX_AGE, Collector
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY = WriteKey("key-1", "wk", "Shop")
IN_FORCE = InForce(Definitions())
MINUTE = 60
VISITOR = contact_id_of("cookie", "v")
Visits = list[tuple[int, int, int]]


def call(seconds: float) -> TimedEvent:
    """A page view so many seconds after noon, whose message is named after them."""
    return TimedEvent(
        WireEvent(type="page", messageId=f"{seconds:g}", anonymousId="v", context={"page": {"title": f"{seconds:g}"}}),
        NOON + timedelta(seconds=seconds),
    )


def delivery(*seconds: float) -> Delivery:
    return Delivery(KEY, tuple(map(call, seconds)), NOON + timedelta(days=1), None, None)


def minute(moment: object) -> int:
    assert isinstance(moment, datetime)
    return round((moment - NOON) / timedelta(minutes=1))


async def visits(database: Database) -> Visits:
    """Return (minute of the first event after noon, of the last one, number of events) of each session, in order."""
    return sorted(
        [
            (minute(row["createdDate"]), minute(row["lastEvent"]["createdDate"]), row["eventCount"])
            async for row in database["sessions"].find()
        ]
    )


@given(st.lists(st.integers(0, 4 * 60 * MINUTE), min_size=1, max_size=30, unique=True), st.randoms())
def test_events_of_a_batch_are_applied_in_order_of_their_time(seconds: list[int], random: Random) -> None:
    shuffled = seconds.copy()
    random.shuffle(shuffled)
    ordered, mixed = (
        play(
            [translate(timed, delivery()) for timed in map(call, order)],
            Crowd({VISITOR: Visitor(VISITOR)}),
            Definitions(),
        )
        for order in (sorted(seconds), shuffled)
    )
    assert [step.event.created_date for step in mixed.steps] == [
        call(second).created_date for second in sorted(seconds)
    ]
    assert (list(mixed.sessions), list(mixed.contacts)) == (list(ordered.sessions), list(ordered.contacts))
    assert [step.sequence for step in mixed.steps] == [step.sequence for step in ordered.steps]


async def test_a_batch_in_any_order_is_stored_as_it_happened(database: Database) -> None:
    await commit_batch(database, [delivery(3_600, 30), delivery(10, 0, 3_660), delivery(20)], IN_FORCE)
    assert await visits(database) == [(0, 0, 4), (60, 61, 2)]
    events = await database["events"].find().sort({"sessionId": 1, "sequence": 1}).to_list()
    by_session: dict[str, list[str]] = {}
    for event in events:
        by_session.setdefault(event["sessionId"], []).append(event["messageId"])
    assert sorted(by_session.values()) == [["0", "10", "20", "30"], ["3600", "3660"]]


@pytest.mark.parametrize(
    ("stored", "late", "expected"),
    [
        pytest.param([0, 10], 5, [(0, 10, 3)], id="within a visit"),
        pytest.param([0, 10], 29, [(0, 29, 3)], id="shortly after a visit, which goes on until then"),
        pytest.param([0, 10], -19, [(-19, 10, 3)], id="shortly before a visit, which began then"),
        pytest.param([0, 10], 30, [(0, 10, 2), (30, 30, 1)], id="after a visit by the time-out: another one"),
        pytest.param([0, 10], -20, [(-20, -20, 1), (0, 10, 2)], id="before a visit by the time-out: another one"),
        pytest.param([0, 1_440], 5, [(0, 5, 2), (1_440, 1_440, 1)], id="in the first of two visits"),
        pytest.param([0, 1_440], 1_430, [(0, 0, 1), (1_430, 1_440, 2)], id="shortly before the second of two visits"),
        pytest.param([0, 60], 30, [(0, 0, 1), (30, 30, 1), (60, 60, 1)], id="between two visits, near to none"),
        pytest.param([0, 30], 15, [(0, 15, 2), (30, 30, 1)], id="near to two visits: of the one that had begun"),
        pytest.param([0, 30, 60], 45, [(0, 0, 1), (30, 45, 2), (60, 60, 1)], id="among three visits"),
        pytest.param([1_440], 0, [(0, 0, 1), (1_440, 1_440, 1)], id="a day before the only visit"),
    ],
)
async def test_a_late_event_belongs_to_the_visit_of_its_own_time(
    stored: list[int], late: int, expected: Visits, database: Database
) -> None:
    for at in stored:
        await commit_batch(database, [delivery(at * MINUTE)], IN_FORCE)
    await commit_batch(database, [delivery(late * MINUTE)], IN_FORCE)
    assert await visits(database) == expected
    event = await database["events"].find_one({"messageId": f"{late * MINUTE:g}"})
    contact = await database["contacts"].find_one({})
    assert event is not None
    assert contact is not None
    assert minute(event["createdDate"]) == late
    assert contact["sessionCount"] == len(expected)
    assert minute(contact["createdDate"]) == min(first for first, _, _ in expected)


async def test_a_late_event_does_not_turn_a_visit_back(database: Database) -> None:
    await commit_batch(database, [delivery(0, 600)], IN_FORCE)
    await commit_batch(database, [delivery(300)], IN_FORCE)
    (session,) = await database["sessions"].find().to_list()
    assert session["lastPage"]["title"] == "600"
    assert session["previousEventDate"] == call(300).created_date
    late = await database["events"].find_one({"messageId": "300"})
    assert late is not None
    assert late["sequence"] == 3  # sequences tell the order of arrival


@asynccontextmanager
async def collecting(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of the real collector in front of real intake; there it is noon."""

    async def find_write_key(_: str) -> WriteKey:
        return KEY

    writer = Writer(database, DefinitionReader(database, Definitions()))
    async with writer.running():
        transport = httpx.ASGITransport(Collector(find_write_key, writer, lambda: NOON))
        async with httpx.AsyncClient(transport=transport, base_url="http://collector.example") as client:
            yield client


def page(message: str, timestamp: datetime, **fields: object) -> dict[str, object]:
    return {"type": "page", "messageId": message, "anonymousId": "v", "timestamp": timestamp.isoformat(), **fields}


LATEST = NOON - MAX_AGE
TOO_OLD = LATEST - timedelta(milliseconds=1)


async def test_more_than_a_day_late_it_is_refused_and_the_answer_names_its_time(database: Database) -> None:
    async with collecting(database) as client:
        sent = [page("late", LATEST), page("too late", TOO_OLD), page("now", NOON)]
        answer = await client.post("/v1/batch", json={"writeKey": "wk", "batch": sent})
    receipts = {receipt.pop("messageId"): receipt for receipt in answer.json()["receipts"]}
    assert receipts["late"] == receipts["now"] == {"status": "accepted"}
    assert (receipts["too late"]["status"], receipts["too late"]["reason"]) == ("rejected", "too_old")
    assert TOO_OLD.isoformat() in receipts["too late"]["message"]
    assert "24 hours" in receipts["too late"]["message"]
    assert await visits(database) == [(-1_440, -1_440, 1), (0, 0, 1)]


async def test_how_late_it_is_is_told_by_the_clock_of_its_sender(database: Database) -> None:
    """A telephone whose clock is two days slow sends what has just happened, and its batch of the day before."""
    behind = timedelta(days=2)
    sent = [page("fresh", NOON - behind - timedelta(hours=23)), page("stale", NOON - behind - timedelta(hours=25))]
    async with collecting(database) as client:
        answer = await client.post(
            "/v1/batch", json={"writeKey": "wk", "batch": sent, "sentAt": (NOON - behind).isoformat()}
        )
    assert [receipt.get("reason") for receipt in answer.json()["receipts"]] == [None, "too_old"]
    assert await visits(database) == [(-23 * 60, -23 * 60, 1)]


async def test_an_import_takes_events_of_any_age(database: Database, tmp_path: Path) -> None:
    calls = [page("years ago", datetime(2015, 5, 17, 10, 5, tzinfo=UTC)), page("too late", TOO_OLD), page("now", NOON)]
    path = tmp_path / "calls.ndjson"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, calls)))
    with open_calls(str(path)) as file:
        (batch,) = batches(file, KEY, 0, NOON)
    assert not batch.refused
    imported = Delivery(KEY, tuple(event.timed for event in batch.events), NOON, None, None)
    (answer,) = await commit_batch(database, [imported], IN_FORCE)
    assert [receipt.status for receipt in answer.receipts] == ["accepted"] * 3
    assert len(await visits(database)) == 3
