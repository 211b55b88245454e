"""Previews: the same sessions and customers match that intake has really assigned, for the same definitions."""

import asyncio
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import InForce
from gateway.intake.session_ends import end_sessions
from gateway.journey.conditions import NEVER, Conditions, Pattern
from gateway.journey.criterion import Criterion, Operator
from gateway.journey.criterion_keys import JOURNEY_KEYS
from gateway.journey.definitions import SESSION_TIMEOUT, definitions_of
from gateway.journey.preview import Previewing, days_until
from gateway.journey.segment import Segment, SegmentScope
from gateway.prediction.errors import PreviewFailed
from gateway.prediction.preview import Previews
from gateway.prediction.preview_process import PreviewRequest, played
from gateway.storage.database import Database
from gateway.storage.errors import MongoDBUnreachable
from gateway.storage.past_sessions import Past, event_names, fields_of_event, open_archive, past_sessions
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey
from tests.running_server import free_port

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
KEY = WriteKey("key-1", "wk", "Shop")
VISITORS, EVENTS = 4, 120
PATHS = ("/", "/cart", "/checkout", "/shoes?q=boots", "/a/b#part")


def url_has(word: str, operator: Operator = Operator.CONTAINS_ANY, key: str = "page.url") -> Criterion:
    return Criterion(key, (word,), operator)


CART = Pattern((url_has("/cart"),), event_name="page_viewed")
NO_ORDER = Pattern(count=NEVER, event_name="order_completed")
FROM_NEWS = ((Criterion("mktCampaign.source", ("news",)),),)
DEFINITIONS: Mapping[str, Conditions] = {
    "an event": Conditions(journey=(Pattern(event_name="order_completed"),)),
    "a page, twice": Conditions(journey=(replace(CART, count=2),)),
    "a sequence": Conditions(journey=(CART, Pattern((url_has("/checkout", key="page.pathname"),)))),
    "left the cart": Conditions(journey=(CART, NO_ORDER)),
    "never an order": Conditions(journey=(NO_ORDER,)),
    "where from": Conditions(FROM_NEWS),
    "where from, and the cart": Conditions(FROM_NEWS, (CART,)),
    "where from, not": Conditions(((Criterion("mktCampaign.source", ("news",), Operator.NOT_EQUAL),),), (CART,)),
    "a browser": Conditions(((Criterion("browser.family", ("Firefox",)),),)),
    "an attribute": Conditions(
        journey=(Pattern((Criterion("attributes.total.value", ("20",), Operator.GREATER_THAN),)),)
    ),
    "an odd attribute": Conditions(journey=(Pattern((Criterion("attributes.a.b.value", ("1",)),)),)),
    "two attributes": Conditions(
        journey=(
            Pattern((Criterion("attributes.a.b.value", ("1",)), Criterion("attributes.total.value", ("7", "30")))),
        )
    ),
    "a search": Conditions(journey=(Pattern((Criterion("searchQuery", ("boots",)),)),)),
    "a fragment and a title": Conditions(
        journey=(Pattern((url_has("part", key="page.fragment"), url_has("B", key="page.title"))),)
    ),
}
SCOPES = [pytest.param(scope, id=scope.value) for scope in SegmentScope]


def delivery(number: int, visitor: str, at: datetime, dice: random.Random) -> Delivery:
    browser = "Firefox/130.0" if visitor < "v2" else "Chrome/130.0.0.0 Safari/537.36"
    campaign = {"campaign": {"source": "news"}} if dice.random() < 0.4 else {}
    page = {"url": f"https://shop.example{dice.choice(PATHS)}", "title": dice.choice("AB")}
    context: dict[str, object] = {
        "page": page,
        "userAgent": f"Mozilla/5.0 (X11; Linux x86_64; rv:1) {browser}",
        **campaign,
    }
    if dice.random() < 0.8:
        wire = WireEvent(type="page", messageId=f"m{number}", anonymousId=visitor, context=context)
    else:
        properties: dict[str, object] = {"total": dice.choice((7, 30)), "a.b": dice.choice((1, 2))}
        name = dice.choice(("Order Completed", "Product Added"))
        wire = WireEvent(
            type="track",
            messageId=f"m{number}",
            anonymousId=visitor,
            event=name,
            context=context,
            properties=properties,
        )
    return Delivery(KEY, (TimedEvent(wire, at),), at, None, None)


async def happens(database: Database, seed: int, in_force: InForce) -> None:
    """Have a few visitors come again and again, some events at a time, and let their sessions end."""
    dice, at, calls = random.Random(seed), NOON, list[Delivery]()  # noqa: S311 - chance that can be repeated
    for number in range(EVENTS):
        at += timedelta(minutes=dice.choice((0.1, 1, 3, 15)))
        calls.append(delivery(number, f"v{dice.randrange(VISITORS)}", at, dice))
        if dice.random() < 0.3:
            await commit_batch(database, calls, in_force)
            calls = []
    await commit_batch(database, calls, in_force)
    await end_sessions(database, in_force, LATER)


def segments(scope: SegmentScope) -> list[Segment]:
    return [Segment(name, name, 1, conditions, scope) for name, conditions in DEFINITIONS.items()]


async def assigned(database: Database, collection: str) -> dict[str, list[str]]:
    """Return the ids of what intake has assigned each segment to."""
    found: dict[str, list[str]] = {name: [] for name in DEFINITIONS}
    async for row in database[collection].find().sort("createdDate"):
        for one in row.get("segmentAssignments", ()):
            found[one["segmentId"]].append(row["_id"])
    return found


def matched(
    mongodb_url: str, database: Database, conditions: Conditions, scope: SegmentScope
) -> tuple[Sequence[str], int]:
    """Return the ids of the sessions that a preview shows, and how many contacts match."""
    days = days_until(LATER.date(), 3)
    previewing = Previewing(conditions, scope, days, LATER, SESSION_TIMEOUT)
    with open_archive(mongodb_url, database.name) as stored:
        past = Past(NOON - timedelta(days=1), LATER)
        for sessions in past_sessions(stored, past, conditions, previewing):
            for session in sessions:
                previewing.play(session)
    found = previewing.counted(is_complete=True)
    assert found.event_count == EVENTS
    return found.example_ids, found.matched_contact_count


@pytest.mark.parametrize("seed", range(4))
async def test_sessions_match_that_intake_has_assigned(seed: int, mongodb_url: str, database: Database) -> None:
    await happens(database, seed, InForce(definitions_of([], segments(SegmentScope.SESSION), number=1)))
    really = await assigned(database, "sessions")
    assert sum(map(bool, really.values())) > len(DEFINITIONS) / 2
    for name, conditions in DEFINITIONS.items():
        found, _ = await asyncio.to_thread(matched, mongodb_url, database, conditions, SegmentScope.SESSION)
        assert found == really[name][:10], name


@pytest.mark.parametrize("seed", range(4))
async def test_customers_match_that_intake_has_assigned(seed: int, mongodb_url: str, database: Database) -> None:
    await happens(database, seed, InForce(definitions_of([], segments(SegmentScope.CUSTOMER), number=1)))
    really = await assigned(database, "contacts")
    assert sum(map(bool, really.values())) > len(DEFINITIONS) / 2
    for name, conditions in DEFINITIONS.items():
        _, contacts = await asyncio.to_thread(matched, mongodb_url, database, conditions, SegmentScope.CUSTOMER)
        assert contacts == len(really[name]), name


def request(mongodb_url: str, database: Database, seconds: float = 60) -> PreviewRequest:
    conditions = {"journey": {"patterns": [{"eventName": "order_completed"}]}}
    days = days_until(LATER.date(), 3)
    return PreviewRequest(
        mongodb_url, database.name, conditions, SegmentScope.SESSION, days, LATER, 1200, None, seconds
    )


async def test_however_much_is_read_at_once_the_same_is_played(
    mongodb_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await happens(database, 1, InForce(definitions_of([])))
    await database["sessions"].update_many({}, {"$set": {"createdDate": NOON}})  # all of them in the same millisecond
    told = request(mongodb_url, database)
    at_once = await asyncio.to_thread(played, told)
    monkeypatch.setattr("gateway.storage.past_sessions.SESSIONS_AT_ONCE", 2)
    monkeypatch.setattr("gateway.storage.past_sessions.EVENTS_AT_ONCE", 7)
    assert await asyncio.to_thread(played, told) == at_once
    assert (at_once.event_count, at_once.is_complete) == (EVENTS, True)


async def test_what_takes_too_long_or_has_too_many_events_is_told_as_incomplete(
    mongodb_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await happens(database, 1, InForce(definitions_of([])))
    late = await asyncio.to_thread(played, request(mongodb_url, database, seconds=0))
    assert (late.is_complete, late.event_count) == (False, 0)
    monkeypatch.setattr("gateway.storage.past_sessions.EVENTS_AT_ONCE", 1)
    monkeypatch.setattr("gateway.storage.past_sessions.MAX_EVENTS", 3)
    cut = await asyncio.to_thread(played, request(mongodb_url, database))
    assert not cut.is_complete
    assert 0 < cut.event_count < EVENTS


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        pytest.param(
            (Pattern(event_name="b"), Pattern(event_name="a"), Pattern(event_name="b")), ["a", "b"], id="named"
        ),
        pytest.param((Pattern(event_name="a"), Pattern((url_has("a"),))), None, id="one that may be any"),
        pytest.param((), None, id="none"),
    ],
)
def test_events_that_conditions_do_not_name_are_read_only_if_they_may_matter(
    patterns: tuple[Pattern, ...], names: list[str] | None
) -> None:
    assert event_names(Conditions(journey=patterns)) == names


async def test_of_sessions_that_their_visit_rules_out_no_event_is_read(mongodb_url: str, database: Database) -> None:
    await happens(database, 1, InForce(definitions_of([])))
    conditions = Conditions(((Criterion("browser.family", ("Firefox",)),),), (Pattern((url_has("shop"),)),))
    days = days_until(LATER.date(), 3)
    previewing = Previewing(conditions, SegmentScope.SESSION, days, LATER, SESSION_TIMEOUT)
    with open_archive(mongodb_url, database.name) as stored:
        past = Past(NOON - timedelta(days=1), LATER)
        told = [one for some in past_sessions(stored, past, conditions, previewing) for one in some]
    read = {(one.visit.browser or {}).get("family") for one in told if one.events}
    assert read == {"Firefox"}
    assert {(one.visit.browser or {}).get("family") for one in told} == {"Firefox", "Chrome"}
    assert sum(one.event_count for one in told) == EVENTS


@pytest.mark.parametrize("key", [key for key in JOURNEY_KEYS if key != "eventName"])
def test_of_an_event_only_what_is_asked_about_is_read(key: str) -> None:
    asked = Conditions(journey=(Pattern((Criterion(key, ("x",)),)),))
    (path,) = fields_of_event(asked).keys() - {"_id", "sessionId", "sequence"}
    address = path == "page.url" and key.startswith("page.")
    assert path == key or address


async def test_a_preview_tells_when_mongodb_does_not_answer_it() -> None:
    previews = Previews(f"mongodb://127.0.0.1:{free_port()}", "journey", SESSION_TIMEOUT)
    with pytest.raises(MongoDBUnreachable, match="past sessions"):
        await previews.preview(DEFINITIONS["an event"], SegmentScope.SESSION, 1, LATER, None)


async def test_a_preview_whose_process_ends_without_an_answer_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.prediction.preview._PROGRAM", (sys.executable, "-c", "raise SystemExit(3)"))
    previews = Previews("mongodb://localhost", "journey", SESSION_TIMEOUT)
    with pytest.raises(PreviewFailed, match="ended with 3"):
        await previews.preview(DEFINITIONS["an event"], SegmentScope.SESSION, 1, LATER, None)
