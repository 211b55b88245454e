"""Presence as subscribers see it: who is there, who comes, who falls silent; also after an absence."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

from gateway.live.feed import Message
from gateway.live.hub import Hub
from gateway.live.presence import PresenceWish, presence_feed
from gateway.storage.database import Database
from tests.live.conftest import EVERYTHING, TIMEOUT, Clock, Site, Stand, settled


async def test_presence_tells_who_is_there_the_most_recent_first_and_then_who_comes(stand: Stand, site: Site) -> None:
    await site.happens("over", ago=20 * 60)
    await site.happens("idle", ago=19 * 60)
    await site.happens("away", ago=50)
    await site.happens("here")
    async with stand.presence() as subscriber:
        assert [stand.shown(await subscriber.next()) for _ in range(3)] == [
            "here 1 LIVE",
            "away 1 AWAY",
            "idle 1 INACTIVE",
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


async def test_the_snapshot_holds_only_sessions_as_present_as_the_filter_asks_for(stand: Stand, site: Site) -> None:
    live = PresenceWish({}, lambda session: stand.shown(session).endswith("LIVE"), TIMEOUT)
    await site.happens("away", ago=50)
    await site.happens("here")
    async with stand.presence(wish=live) as subscriber:
        assert stand.shown(await subscriber.next()) == "here 1 LIVE"
        await site.happens("away")
        assert stand.shown(await subscriber.next()) == "away 2 LIVE"


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
    return [
        one
        for one, is_silent in list(zip(told, silent, strict=True))[since:]
        if not is_silent or newest[one[0]] == one[1]
    ]


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


async def test_messages_of_a_feed_that_is_closed_early_leave_no_listener(stand: Stand, site: Site) -> None:
    await site.happens("a", "b", "c")
    async with aclosing(
        cast("AsyncGenerator[Message]", presence_feed(stand.hub, stand.database, EVERYTHING, None))
    ) as messages:
        await anext(messages)
    assert stand.hub.listeners == 0
