"""Past sessions as training reads them, over real rows."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import InForce
from gateway.journey.definitions import definitions_of
from gateway.journey.outcome import Outcome
from gateway.journey.replay import replayed
from gateway.storage.connection import Connection
from gateway.storage.database import Database
from gateway.storage.documents.session import session_from
from gateway.storage.histories import History, histories, newest_end
from gateway.storage.preparation import prepare
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DEFINITIONS = definitions_of([Outcome("o-1", "Order", "order_completed")])
FOREVER = (NOON - timedelta(days=99), NOON + timedelta(days=99))


def page(visitor: str, minutes: int, path: str = "/") -> TimedEvent:
    """Return a page view on a telephone, with a price that is the number of minutes."""
    wire = WireEvent(
        type="page",
        messageId=f"{visitor} {minutes}",
        anonymousId=visitor,
        properties={"url": f"https://shop.example{path}", "price": minutes},
        context={"device": {"type": "ios"}},
    )
    return TimedEvent(wire, NOON + timedelta(minutes=minutes))


@pytest.fixture
async def database(connection: Connection) -> Database:
    """Four sessions of two visitors; of one the second page came in before the first."""
    await prepare(connection)
    calls = [page("a", 0), page("a", 5, "/cart"), page("b", 20), page("a", 300), page("b", 900, "/x"), page("b", 890)]
    for call in calls:
        delivery = Delivery(WriteKey("key-1", "wk", "Shop"), (call,), NOON, None, None)
        await commit_batch(connection.database, [delivery], InForce(DEFINITIONS))
    return connection.database


async def told(database: Database, since: datetime, until: datetime, at_most: int = 1_000) -> list[History]:
    return [history async for some in histories(database, since, until, at_most) for history in some]


async def test_sessions_come_newest_first_with_their_events_in_order_of_arrival(database: Database) -> None:
    found = await told(database, *FOREVER)
    assert [[event.message_id for event in history.events] for history in found] == [
        ["b 900", "b 890"],
        ["a 300"],
        ["b 20"],
        ["a 0", "a 5"],
    ]
    assert [history.visits for history in found] == [2, 2, 1, 1]


async def test_only_sessions_that_ended_in_the_interval_come_and_no_more_than_are_asked_for(database: Database) -> None:
    since = NOON + timedelta(minutes=10)
    found = await told(database, since, since + timedelta(hours=10))
    assert [history.events[0].message_id for history in found] == ["a 300", "b 20"]
    assert len(await told(database, *FOREVER, at_most=3)) == 2
    assert await told(database, NOON + timedelta(days=2), NOON + timedelta(days=3)) == []


async def test_a_session_played_again_ends_in_the_state_that_is_stored(database: Database) -> None:
    stored = [session_from(row) async for row in database["sessions"].find().sort("activeDate", -1)]
    found = await told(database, *FOREVER)
    again = [list(replayed(history.events, DEFINITIONS, history.visits))[-1] for history in found]
    assert [session.feature_state for session in again] == [session.feature_state for session in stored]
    assert all(session.feature_state and session.feature_state.context["device"] == "mobile" for session in stored)


async def test_the_end_of_the_newest_session_is_found(database: Database) -> None:
    assert await newest_end(database, NOON + timedelta(days=1)) == NOON + timedelta(minutes=900)
    assert await newest_end(database, NOON + timedelta(minutes=10)) == NOON + timedelta(minutes=5)
    assert await newest_end(database, NOON) is None
