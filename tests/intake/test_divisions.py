"""What comes through a write key is of its division: sessions, events, what is set aside, and contacts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import DefinitionReader, InForce
from gateway.intake.replay import Replay
from gateway.intake.set_aside import delivery_from, set_aside
from gateway.journey.contact import contact_id_of
from gateway.journey.definitions import Definitions, definitions_of
from gateway.journey.identity_resolution import LinkPolicies
from gateway.journey.outcome import Outcome
from gateway.storage.database import Database, Row
from gateway.storage.tokens import add_row
from gateway.storage.write_keys import new_write_key_row
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOME_KEY = WriteKey("key-home", "wk_home", "Home")
SWISS_KEY = WriteKey("key-swiss", "wk_swiss", "Swiss", division_id="swiss")
APART = InForce(Definitions(link_policies=LinkPolicies(apart=True)))
TOGETHER = InForce(Definitions())
WITH_OUTCOME = InForce(definitions_of([Outcome("o-1", "Order", "order_completed")]))


def call(visitor: str, minute: float, **wire: object) -> TimedEvent:
    """Return a page view, or what `wire` makes of it."""
    told = {"type": "page", "messageId": f"{visitor}-{minute}", "anonymousId": visitor, **wire}
    return TimedEvent(WireEvent(**told), NOON + timedelta(minutes=minute))  # type: ignore[arg-type]  # fields of a WireEvent


async def send(database: Database, key: WriteKey, *calls: TimedEvent, in_force: InForce = TOGETHER) -> None:
    """Commit these calls through the write key."""
    at = max(one.created_date for one in calls)
    (answer,) = await commit_batch(database, [Delivery(key, calls, at, None, None)], in_force)
    assert {receipt.status for receipt in answer.receipts} == {"accepted"}


async def rows(database: Database, collection: str) -> Sequence[Row]:
    """Return all rows of a collection, the oldest first."""
    return await database[collection].find().sort([("createdDate", 1), ("_id", 1)]).to_list()


async def contact(database: Database, visitor: str) -> Row:
    """Return the contact of a visitor."""
    row = await database["contacts"].find_one({"_id": contact_id_of("cookie", visitor)})
    assert row is not None
    return row


async def test_sessions_and_events_are_of_the_division_of_the_write_key(database: Database) -> None:
    await send(database, SWISS_KEY, call("ada", 0), call("ada", 1))
    (session,) = await rows(database, "sessions")
    assert session["divisionId"] == "swiss"
    assert [row["divisionId"] for row in await rows(database, "events")] == ["swiss", "swiss"]
    assert (await contact(database, "ada"))["divisionIds"] == ["swiss"]


async def test_what_is_of_the_home_division_is_stored_without_any(database: Database) -> None:
    await send(database, HOME_KEY, call("ada", 0))
    for collection in ("sessions", "events", "contacts"):
        assert all({"divisionId", "divisionIds"}.isdisjoint(row) for row in await rows(database, collection))


async def test_a_visitor_of_two_divisions_at_once_has_a_session_in_each(database: Database) -> None:
    for minute in (0, 2):
        await send(database, HOME_KEY, call("ada", minute))
        await send(database, SWISS_KEY, call("ada", minute + 1))
    sessions = await rows(database, "sessions")
    assert [(row.get("divisionId"), row["eventCount"]) for row in sessions] == [(None, 2), ("swiss", 2)]
    events = await rows(database, "events")
    assert [row.get("divisionId") for row in events] == [None, "swiss", None, "swiss"]
    assert [row["sessionId"] for row in events] == [sessions[0]["_id"], sessions[1]["_id"]] * 2
    ada = await contact(database, "ada")
    assert (ada["divisionIds"], ada["sessionCount"]) == (["home", "swiss"], 2)


async def test_events_of_two_divisions_in_one_batch_stay_apart(database: Database) -> None:
    deliveries = [
        Delivery(key, (call("ada", minute),), NOON, None, None)
        for minute, key in enumerate((SWISS_KEY, HOME_KEY, SWISS_KEY))
    ]
    await commit_batch(database, deliveries, TOGETHER)
    sessions = await rows(database, "sessions")
    assert [(row.get("divisionId"), row["eventCount"]) for row in sessions] == [("swiss", 2), (None, 1)]
    assert (await contact(database, "ada"))["divisionIds"] == ["swiss", "home"]


async def test_who_stands_for_a_contact_is_seen_where_that_is_seen(database: Database) -> None:
    await send(database, HOME_KEY, call("old", 0, type="identify", traits={"email": "ada@shop.example"}))
    await send(database, HOME_KEY, call("new", 1, type="identify", traits={"email": "ada@shop.example"}))
    assert (await contact(database, "new"))["ancestors"] == [contact_id_of("cookie", "old")]
    await send(database, SWISS_KEY, call("new", 2))
    assert (await contact(database, "new"))["divisionIds"] == ["home", "swiss"]
    assert (await contact(database, "old"))["divisionIds"] == ["home", "swiss"]


@pytest.mark.parametrize(
    ("first", "second", "in_force", "joined"),
    [
        pytest.param(HOME_KEY, SWISS_KEY, TOGETHER, True, id="of different divisions, which share contacts"),
        pytest.param(HOME_KEY, SWISS_KEY, APART, False, id="of different divisions, which keep contacts apart"),
        pytest.param(SWISS_KEY, SWISS_KEY, APART, True, id="of the same division, which keeps contacts apart"),
    ],
)
async def test_the_same_email_joins_contacts_unless_their_divisions_keep_them_apart(
    first: WriteKey, second: WriteKey, in_force: InForce, joined: bool, database: Database
) -> None:
    for minute, (key, visitor) in enumerate(((first, "desktop"), (second, "tablet"))):
        identifies = call(visitor, minute, type="identify", traits={"email": "ada@shop.example"})
        await send(database, key, identifies, in_force=in_force)
    assert ("ancestors" in await contact(database, "tablet")) is joined


async def test_what_is_set_aside_stays_of_its_division_when_the_write_key_moves_on(database: Database) -> None:
    row = new_write_key_row("wk_swiss", "Swiss", NOON)
    key = WriteKey(row["_id"], "wk_swiss", "Swiss", division_id="swiss")
    await set_aside(database, Delivery(key, (call("ada", 0),), NOON, None, None), ValueError("broken"))
    (rejected,) = await rows(database, "rejectedEvents")
    assert rejected["divisionId"] == "swiss"
    assert delivery_from(rejected, HOME_KEY).write_key.division_id == "swiss"
    await add_row(database, "writeKeys", row)  # which is of the home division now
    assert await Replay(database, DefinitionReader(database, Definitions()))([rejected["_id"]]) == [rejected["_id"]]
    (event,) = await rows(database, "events")
    assert event["divisionId"] == "swiss"


async def test_the_visits_of_a_customer_are_counted_by_division(database: Database) -> None:
    """A model is told which visit to a site of the division it is, and so nothing of visits to other divisions."""
    for minute, key in enumerate((HOME_KEY, SWISS_KEY, SWISS_KEY, HOME_KEY, SWISS_KEY)):
        await send(database, key, call("ada", minute * 100), in_force=WITH_OUTCOME)
    visits = [(row.get("divisionId"), row["featureState"]["visits"]) for row in await rows(database, "sessions")]
    assert visits == [(None, 1), ("swiss", 1), ("swiss", 2), (None, 2), ("swiss", 3)]
    ada = await contact(database, "ada")
    assert (ada["sessionCount"], ada["divisionSessions"]) == (5, {"swiss": 3})
