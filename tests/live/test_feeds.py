"""Presence, predictions and journey as subscribers see them: everything once, in order, also after an absence."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast

import pytest

from gateway.intake.definitions import InForce
from gateway.journey.contact import contact_id_of
from gateway.journey.definitions import Definitions
from gateway.journey.presence import presence_at
from gateway.live import listener as listener_module
from gateway.live.cursor import decode_cursor
from gateway.live.errors import BadLiveCursor, CursorExpired, TooSlow
from gateway.live.feed import Message, feed
from gateway.live.hub import Hub
from gateway.live.journey import JourneyWish
from gateway.live.predictions import PredictionWish
from gateway.live.presence import PresenceWish, presence_feed
from gateway.prediction.base_rate import BaseRate
from gateway.storage.database import Database, Row
from tests.live.conftest import Clock, Site

TIMEOUT = timedelta(minutes=20)
EVERYTHING = PresenceWish({}, lambda _session: True, TIMEOUT)


class Subscriber:
    """Reads a feed message by message, never waiting for ever."""

    def __init__(self, messages: AsyncIterator[Message]) -> None:
        self._messages = messages
        self.cursor: str | None = None

    async def next(self) -> Row:
        async with asyncio.timeout(10):
            message = await anext(self._messages)
        self.cursor = message.cursor
        return message.row

    async def __aenter__(self) -> "Subscriber":
        return self

    async def __aexit__(self, *_: object) -> None:
        await cast("AsyncGenerator[Message]", self._messages).aclose()


@dataclass
class Stand:
    """Where a test subscribes from."""

    hub: Hub
    database: Database
    clock: Clock

    def presence(self, after: str | None = None, wish: PresenceWish = EVERYTHING) -> Subscriber:
        return Subscriber(presence_feed(self.hub, self.database, wish, after))

    def journey(self, visitor: str, after: str | None = None) -> Subscriber:
        return Subscriber(feed(self.hub, JourneyWish(contact_id_of("cookie", visitor)).told, after))

    def predictions(self, after: str | None = None, wish: PredictionWish | None = None) -> Subscriber:
        return Subscriber(feed(self.hub, (wish or PredictionWish()).told, after))

    def shown(self, row: Row) -> str:
        """Say in short what a presence message tells."""
        presence = presence_at(row["lastEvent"]["createdDate"], self.clock())
        return f"{row['customerId']} {row['eventCount']} {presence.value}"


@pytest.fixture
def stand(hub: Hub, database: Database, clock: Clock) -> Stand:
    return Stand(hub, database, clock)


async def settled(hub: Hub) -> None:
    """Wait until the feed that was just asked for its first message listens."""
    async with asyncio.timeout(10):
        while not hub.listeners:
            await asyncio.sleep(0.01)


async def test_presence_tells_who_is_there_the_most_recent_first_and_then_who_comes(stand: Stand, site: Site) -> None:
    await site.happens("over", ago=20 * 60)
    await site.happens("idle", ago=19 * 60)
    await site.happens("away", ago=50)
    await site.happens("here")
    async with stand.presence() as subscriber:
        assert [stand.shown(await subscriber.next()) for _ in range(3)] == [
            "here 1 LIVE", "away 1 AWAY", "idle 1 INACTIVE",
        ]
        await site.happens("new")
        assert stand.shown(await subscriber.next()) == "new 1 LIVE"
        await site.happens("here")
        assert stand.shown(await subscriber.next()) == "here 2 LIVE"


async def test_presence_of_an_empty_site_waits_for_the_first_visitor(stand: Stand, site: Site) -> None:
    async with stand.presence() as subscriber:
        first = asyncio.create_task(subscriber.next())
        await settled(stand.hub)
        await site.happens("v")
        assert stand.shown(await first) == "v 1 LIVE"


async def test_a_session_turns_away_and_inactive_without_any_event_and_live_again_with_one(
    stand: Stand, site: Site, clock: Clock
) -> None:
    await site.happens("v")
    async with stand.presence() as subscriber:
        shown = [stand.shown(await subscriber.next())]
        for seconds in (45, 15):
            clock.go(seconds)
            shown.append(stand.shown(await subscriber.next()))
        await site.happens("v")
        shown.append(stand.shown(await subscriber.next()))
        clock.go(45)
        shown.append(stand.shown(await subscriber.next()))
    assert shown == ["v 1 LIVE", "v 1 AWAY", "v 1 INACTIVE", "v 2 LIVE", "v 2 AWAY"]


async def test_a_session_that_was_live_before_anybody_listened_turns_away_too(
    stand: Stand, site: Site, clock: Clock
) -> None:
    await site.happens("v", ago=44)
    async with stand.presence() as subscriber:
        assert stand.shown(await subscriber.next()) == "v 1 LIVE"
        clock.go(1)
        assert stand.shown(await subscriber.next()) == "v 1 AWAY"


async def test_presence_follows_a_filter_from_the_snapshot_on(stand: Stand, site: Site) -> None:
    wish = PresenceWish({"customerId": "b"}, lambda session: session["customerId"] == "b", TIMEOUT)
    await site.happens("a", "b")
    async with stand.presence(wish=wish) as subscriber:
        assert stand.shown(await subscriber.next()) == "b 1 LIVE"
        await site.happens("a", "b")
        assert stand.shown(await subscriber.next()) == "b 2 LIVE"


async def test_two_hubs_over_one_database_tell_the_same(site: Site, database: Database, clock: Clock) -> None:
    stands = [Stand(Hub(database, clock), database, clock) for _ in range(2)]
    subscribers = [stand.presence() for stand in stands]
    firsts = [asyncio.create_task(subscriber.next()) for subscriber in subscribers]
    for stand in stands:
        await settled(stand.hub)
    await site.happens("v")
    assert {stands[0].shown(await first) for first in firsts} == {"v 1 LIVE"}
    clock.go(45)
    assert {stands[0].shown(await subscriber.next()) for subscriber in subscribers} == {"v 1 AWAY"}
    for subscriber, stand in zip(subscribers, stands, strict=True):
        await subscriber.__aexit__()
        assert stand.hub.listeners == 0


async def happenings(site: Site, clock: Clock) -> None:
    """Come, fall silent, come back: several at once, so that one change or moment has several messages."""
    await site.happens("a")
    clock.go(0.001)
    await site.happens("b")
    clock.go(45)
    await asyncio.sleep(0.6)  # the hub looks at its timers twice a second
    await site.happens("c")
    clock.go(15)
    await asyncio.sleep(0.6)
    await site.happens("a", "c")
    await site.happens("a")


ALL_OF_IT = ["a 1", "b 1", "a 1", "b 1", "c 1", "a 1", "b 1", "a 2", "c 2", "a 3"]
"""What presence tells of it: who, and at which event; what fell silent at the same moment may change places."""


Told = tuple[str, int]
"""A session, and its number of events."""


def still_true(told: list[Told], since: int) -> list[Told]:
    """Return what was told from there on, without that a session fell silent where it came back later."""
    newest = dict(told)
    silent = [one in told[:place] for place, one in enumerate(told)]
    return [one for one, is_silent in list(zip(told, silent, strict=True))[since:] if not is_silent or newest[one[0]] == one[1]]


async def test_presence_goes_on_from_any_message_and_tells_everything_that_is_still_true_once(
    stand: Stand, site: Site, clock: Clock
) -> None:
    async with stand.presence() as listening:
        first = asyncio.create_task(listening.next())
        await settled(stand.hub)
        playing = asyncio.create_task(happenings(site, clock))
        rows, cursors = [await first], [listening.cursor]
        for _ in range(len(ALL_OF_IT) - 1):
            rows.append(await listening.next())
            cursors.append(listening.cursor)
        await playing
        assert sorted(f"{row['customerId']} {row['eventCount']}" for row in rows) == sorted(ALL_OF_IT)
        whole = [(row["_id"], row["eventCount"]) for row in rows]
        for number, cursor in enumerate(cursors, start=1):
            async with stand.presence(cursor) as back:
                rest = [await back.next() for _ in still_true(whole, number)]
                await site.happens(f"after {number}")
                end = await back.next()
            assert sorted((row["_id"], row["eventCount"]) for row in rest) == sorted(still_true(whole, number))
            assert end["customerId"] == f"after {number}"
            whole.append((end["_id"], 1))


@pytest.mark.parametrize("number", range(1, 6))
async def test_a_journey_goes_on_from_any_message(number: int, stand: Stand, site: Site) -> None:
    async with stand.journey("a") as listening:
        first = asyncio.create_task(listening.next())
        await settled(stand.hub)
        for _ in range(3):
            await site.happens("a", "b", "a")
        rows, cursors = [await first], [listening.cursor]
        for _ in range(5):
            rows.append(await listening.next())
            cursors.append(listening.cursor)
    assert {row["customerId"] for row in rows} == {"a"}
    assert [row["sequence"] for row in rows] == [1, 2, 3, 4, 5, 6]
    async with stand.journey("a", cursors[number - 1]) as back:
        rest = [(await back.next())["_id"] for _ in range(6 - number)]
        waiting = asyncio.create_task(back.next())
        await settled(stand.hub)
        await site.happens("a")
        assert (await waiting)["sequence"] == 7
    assert rest == [row["_id"] for row in rows[number:]]


@pytest.fixture
def predicting(site: Site) -> Site:
    """The site with models of three outcomes."""
    models = {id_: BaseRate(f"m-{id_}", id_, (100, 50, 20), (50, 40, 19)) for id_ in ("o1", "o2", "o3")}
    site.in_force = InForce(Definitions(), models)
    return site


async def test_predictions_are_told_one_by_one_and_go_on_within_one_change(stand: Stand, predicting: Site) -> None:
    async with stand.predictions() as listening:
        first = asyncio.create_task(listening.next())
        await settled(stand.hub)
        await predicting.happens("v")
        predicting.clock.go(1)
        await predicting.happens("v")
        rows, cursors = [await first], [listening.cursor]
        for _ in range(5):
            rows.append(await listening.next())
            cursors.append(listening.cursor)
    told = [(row["session"]["eventCount"], row["prediction"]["outcomeId"]) for row in rows]
    assert told == [(1, "o1"), (1, "o2"), (1, "o3"), (2, "o1"), (2, "o2"), (2, "o3")]
    assert rows[0]["prediction"]["probability"] < rows[3]["prediction"]["probability"]
    assert rows[0]["prediction"]["sessionId"] == rows[0]["session"]["_id"]
    for number, cursor in enumerate(cursors[:-1], start=1):
        async with stand.predictions(cursor) as back:
            rest = [await back.next() for _ in range(6 - number)]
        assert [(row["session"]["eventCount"], row["prediction"]["outcomeId"]) for row in rest] == told[number:]


async def test_predictions_of_one_outcome_or_session_are_told_alone(stand: Stand, predicting: Site) -> None:
    wish = PredictionWish(outcome_id="o2", matches=lambda session: session["customerId"] == "b")
    async with stand.predictions(wish=wish) as subscriber:
        first = asyncio.create_task(subscriber.next())
        await settled(stand.hub)
        await predicting.happens("a", "b")
        predicting.clock.go(1)
        await predicting.happens("b")
        rows = [await first, await subscriber.next()]
    assert [(row["session"]["customerId"], row["session"]["eventCount"]) for row in rows] == [("b", 1), ("b", 2)]
    assert {row["prediction"]["outcomeId"] for row in rows} == {"o2"}


async def test_a_slow_listener_is_cut_off_and_holds_nobody_up(
    stand: Stand, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stand.journey("v") as quick:
        first = asyncio.create_task(quick.next())
        await settled(stand.hub)
        monkeypatch.setattr(listener_module, "MAX_QUEUED", 3)
        async with stand.hub.listening() as slow:
            for _ in range(5):
                await site.happens("v")
            sequences = [(await first)["sequence"]] + [(await quick.next())["sequence"] for _ in range(4)]
            assert sequences == [1, 2, 3, 4, 5]
            with pytest.raises(TooSlow, match="More than 3 changes behind: subscribe again with `after`"):
                await slow.next()
            assert stand.hub.listeners == 1


@pytest.mark.parametrize("subscribe", [Stand.presence, Stand.predictions, lambda stand, after: stand.journey("v", after)])
async def test_a_cursor_that_no_subscription_gave_out_is_refused(
    subscribe: Callable[[Stand, str], Subscriber], stand: Stand
) -> None:
    with pytest.raises(BadLiveCursor):
        await subscribe(stand, "nonsense").next()
    assert stand.hub.listeners == 0


async def test_a_cursor_whose_place_the_history_does_not_hold_has_expired(stand: Stand, site: Site) -> None:
    async with stand.journey("v") as subscriber:
        first = asyncio.create_task(subscriber.next())
        await settled(stand.hub)
        await site.happens("v")
        await first
    place = decode_cursor(subscriber.cursor or "")
    no_such_change = replace(place, token=place.token[:10] + "00000000" + place.token[18:])  # of its second, the 0th
    with pytest.raises(CursorExpired, match="start again without `after`"):
        await stand.journey("v", no_such_change.encode()).next()


async def test_the_stream_runs_only_while_somebody_listens(stand: Stand, site: Site) -> None:
    for number in range(1, 4):
        async with stand.journey("v") as subscriber:
            first = asyncio.create_task(subscriber.next())
            await settled(stand.hub)
            await site.happens("v")
            assert (await first)["sequence"] == number
        assert stand.hub.listeners == 0
        names = {task.get_name() for task in asyncio.all_tasks()}
        assert names.isdisjoint({"change-stream", "presence-timers"})


async def test_a_listener_that_goes_leaves_the_others_alone(stand: Stand, site: Site) -> None:
    async with stand.hub.listening() as stays:
        async with stand.hub.listening():
            assert stand.hub.listeners == 2
        await site.happens("v")
        async with asyncio.timeout(10):
            assert (await stays.next()).collection == "events"


async def test_messages_of_a_feed_that_is_closed_early_leave_no_listener(stand: Stand, site: Site) -> None:
    await site.happens("a", "b", "c")
    async with aclosing(cast("AsyncGenerator[Message]", presence_feed(stand.hub, stand.database, EVERYTHING, None))) as messages:
        await anext(messages)
    assert stand.hub.listeners == 0
