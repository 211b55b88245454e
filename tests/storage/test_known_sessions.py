"""What a process remembers of sessions: as many as it may, what is committed for sure, and only while that is so."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from pymongo.errors import OperationFailure

from gateway.intake.batch import play
from gateway.intake.crowd import load_crowd
from gateway.intake.translate import translate
from gateway.journey.definitions import Definitions
from gateway.journey.feature_state import FeatureState, Place
from gateway.journey.session import LastEvent, Session
from gateway.storage import known_sessions
from gateway.storage.batch_commit import BatchTransaction, in_transaction
from gateway.storage.database import Database
from gateway.storage.documents.session import first_revision
from gateway.storage.errors import DocumentRefused
from gateway.storage.known_sessions import SECOND_READ, KnownSession, KnownSessions
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY = WriteKey("key-1", "wk", "Shop")


def session(id_: str, places: int = 0, events: int = 1) -> Session:
    state = FeatureState(0, places={f"/{n}": Place() for n in range(places)})
    last = LastEvent("e", "page_viewed", NOON)
    return Session(id_, "c", "v", "cookie", NOON, last, event_count=events, feature_state=state)


def remembered(known: KnownSessions, ids: Iterable[str]) -> list[str]:
    """Return those of these sessions, of one event each, that are known."""
    return [id_ for id_ in ids if known.take({"_id": id_, "eventCount": 1}, with_visit=True)]


def test_no_more_than_the_latest_sessions_are_known() -> None:
    known = KnownSessions(3)
    known.remember(KnownSession(session(id_), 0, has_visit=True) for id_ in "abca")
    known.remember([KnownSession(session("d"), 0, has_visit=True)])
    assert (remembered(known, "abcd"), len(known)) == (["a", "c", "d"], 3)


def test_a_large_session_takes_the_room_of_several() -> None:
    known = KnownSessions(4)
    known.remember(KnownSession(session(id_), 0, has_visit=True) for id_ in "abc")
    known.remember([KnownSession(session("large", places=40), 0, has_visit=True)])
    assert remembered(known, ["a", "b", "c", "large"]) == ["c", "large"]


def test_what_is_old_is_forgotten_with_the_next_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    known = KnownSessions()
    known.remember([KnownSession(session("a"), 0, has_visit=True)])
    assert len(known) == 1
    monkeypatch.setattr(known_sessions, "KEPT_SECONDS", -1.0)
    known.remember([])
    assert len(known) == 0


@pytest.mark.parametrize(
    ("row", "with_visit", "is_taken"),
    [
        pytest.param({"eventCount": 2, "revision": 7}, False, True, id="the very same"),
        pytest.param({"eventCount": 3, "revision": 7}, False, False, id="another event"),
        pytest.param({"eventCount": 2, "revision": 8}, False, False, id="changed by something else"),
        pytest.param({"eventCount": 2}, False, False, id="without a revision"),
        pytest.param({"eventCount": 2, "revision": 7}, True, False, id="known without its visit"),
        pytest.param({"eventCount": 2, "revision": 7, "_id": "b"}, False, False, id="another session"),
    ],
)
def test_a_session_is_taken_in_the_state_that_is_known(
    row: dict[str, object], with_visit: bool, is_taken: bool
) -> None:
    known = KnownSessions()
    known.remember([KnownSession(session("a", events=2), 7, has_visit=False)])
    assert (known.take({"_id": "a", **row}, with_visit=with_visit) is not None) is is_taken


@pytest.mark.parametrize(
    ("visitors", "hits", "misses", "asking", "expected"),
    [
        pytest.param(0, 0, 0, 100, False, id="a process that has just begun"),
        pytest.param(100, 0, 50, 100, False, id="nothing was known"),
        pytest.param(100, 80, 0, 1, True, id="everything was known"),
        pytest.param(400, 100, 300, 400, True, id="a fourth was, of a large batch"),
        pytest.param(400, 100, 300, 40, False, id="a fourth was, of a small batch"),
    ],
)
def test_what_was_of_use_is_asked_again(visitors: int, hits: int, misses: int, asking: int, expected: bool) -> None:
    known = KnownSessions()
    known.learn(visitors, hits, misses)
    assert known.is_worth_asking(asking) is expected


def test_what_was_of_use_long_ago_counts_less() -> None:
    known = KnownSessions()
    known.learn(1_000, 1_000, 0)
    for _ in range(10):
        known.learn(1_000, 0, 1_000)
    assert not known.is_worth_asking(SECOND_READ)


def test_a_session_that_opens_again_has_another_revision() -> None:
    revisions = [first_revision(NOON.replace(microsecond=after * 1000)) for after in range(3)]
    assert revisions == [revisions[0], revisions[0] + 1, revisions[0] + 2]
    assert 0 <= first_revision(datetime.max.replace(tzinfo=UTC)) < 2**31


async def write(transaction: BatchTransaction, *messages: str) -> None:
    wires = (WireEvent(type="page", messageId=message, anonymousId="a") for message in messages)
    calls = tuple(TimedEvent(wire, NOON) for wire in wires)
    events = [translate(one, Delivery(KEY, calls, NOON, None, None)) for one in calls]
    await transaction.write(play(events, await load_crowd(transaction, events, Definitions()), Definitions()))


async def test_of_a_transaction_that_failed_nothing_is_remembered(database: Database) -> None:
    await database.command("collMod", "contacts", validator={"_id": "nobody"})
    known = KnownSessions()
    with pytest.raises(DocumentRefused):
        await in_transaction(database, lambda transaction: write(transaction, "m1"), known)
    assert len(known) == 0


async def test_of_work_that_was_done_again_the_last_time_is_remembered(database: Database) -> None:
    known, turns = KnownSessions(), 0

    async def work(transaction: BatchTransaction) -> None:
        nonlocal turns
        turns += 1
        await write(transaction, *(f"m{turns}-{n}" for n in range(turns)))
        if turns == 1:
            raise OperationFailure("collided", 112, {"errorLabels": ["TransientTransactionError"]})

    await in_transaction(database, work, known)
    (row,) = await database["sessions"].find().to_list()
    taken = known.take(row, with_visit=True)
    assert taken is not None
    assert (taken.session.event_count, row["eventCount"], len(known)) == (2, 2, 1)
