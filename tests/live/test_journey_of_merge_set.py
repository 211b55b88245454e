"""Live feeds of a customer whose contacts are found to be one, or parted, while somebody follows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from gateway.intake.definitions import InForce
from gateway.journey.definitions import Definitions
from gateway.live.cursor import decode_cursor
from gateway.live.errors import CursorExpired
from gateway.live.predictions import PredictionWish
from gateway.live.presence import PresenceWish
from gateway.prediction.base_rate import BaseRate
from gateway.storage.as_of import moment_of
from tests.live.conftest import EVERYTHING, Site, Stand, Subscriber, settled
from tests.live.customers import contact_of, identifies, ids_of, join, part

EMAIL = "ada@shop.example"


async def followed(
    subscriber: Subscriber, stand: Stand, play: Callable[[], Awaitable[object]], count: int
) -> list[str]:
    """Return the ids of the events that are told while something is played."""
    first = asyncio.create_task(subscriber.next())
    await settled(stand.hub)
    await play()
    return [(await first)["_id"], *[(await subscriber.next())["_id"] for _ in range(count - 1)]]


@pytest.mark.parametrize("follows", ["desktop", "tablet"])
async def test_once_identified_all_that_was_tracked_on_the_other_device_is_told_at_once(
    follows: str, stand: Stand, site: Site
) -> None:
    """E-mail given on the desktop, the same e-mail from a tablet: both visits are one customer's."""
    other = {"desktop": "tablet", "tablet": "desktop"}[follows]
    for ago in (9, 8, 7):
        await site.happens("tablet", "desktop", ago=ago)
    await identifies(site, other, EMAIL, ago=5)
    async with stand.journey(follows) as subscriber:
        told = await followed(subscriber, stand, lambda: identifies(site, follows, EMAIL), 5)
        history = await ids_of(site.database, other)
        assert told[1:] == history
        await site.happens("stranger", other)
        assert (await subscriber.next())["customerId"] == other
        await site.happens(follows)
        assert (await subscriber.next())["customerId"] == follows


async def test_a_stream_in_which_contacts_are_joined_and_parted_goes_on_from_any_message(
    stand: Stand, site: Site
) -> None:
    async def play() -> None:
        await site.happens("a")
        (edge,) = await join(site, ("b", "a"))
        await site.happens("b", "a")
        await part(site, edge)
        await site.happens("b")
        await site.happens("a")
        await join(site, ("c", "a"), ("d", "a"))
        await site.happens("d", "c", "a", "b")

    for visitor in "bcdcdadb":
        await site.happens(visitor)
        site.clock.go(1)
    total = 1 + 2 + 2 + 1 + 5 + 3
    cursors: list[str | None] = []
    async with stand.journey("a") as subscriber:
        first = asyncio.create_task(subscriber.next())
        await settled(stand.hub)
        await play()
        rows, cursors = [await first], [subscriber.cursor]
        for _ in range(total - 1):
            rows.append(await subscriber.next())
            cursors.append(subscriber.cursor)
    told = [row["_id"] for row in rows]
    assert "".join(row["customerId"] for row in rows) == "abb" + "ba" + "a" + "cdcdd" + "dca"
    assert told[6:11] == (await ids_of(site.database, "c", "d"))[:5]
    assert len(set(told)) == total
    assert len(set(cursors)) == total
    for number, cursor in enumerate(cursors[:-1], start=1):
        async with stand.journey("a", cursor) as back:
            assert [(await back.next())["_id"] for _ in range(total - number)] == told[number:], number


async def test_nothing_is_lost_or_told_twice_while_events_and_links_come_in_at_once(stand: Stand, site: Site) -> None:
    async def visits(visitor: str) -> None:
        for _ in range(25):
            await site.happens(visitor)

    async def links() -> None:
        await asyncio.sleep(0.05)
        for visitor in "bcde":
            await identifies(site, visitor, EMAIL)

    await site.happens(*"abcde")
    await identifies(site, "a", EMAIL)
    already = await ids_of(site.database, "a")
    total = 26 * 5 + 5 - len(already)
    async with stand.journey("a") as one, stand.journey("e") as other:
        firsts = [asyncio.create_task(subscriber.next()) for subscriber in (one, other)]
        await settled(stand.hub)
        await asyncio.sleep(0.2)
        await asyncio.gather(*(visits(visitor) for visitor in "abcde"), links())
        told = [(await firsts[0])["_id"]]
        cursors = [one.cursor]
        for _ in range(total - 1):
            told.append((await one.next())["_id"])
            cursors.append(one.cursor)
        of_other = [(await firsts[1])["_id"], *[(await other.next())["_id"] for _ in range(26 * 5 + 5 - 2)]]
    assert set(told) == set(await ids_of(site.database, *"abcde")) - set(already)
    assert len(of_other) == len(set(of_other))
    for number in range(7, total, 13):
        async with stand.journey("a", cursors[number - 1]) as back:
            assert [(await back.next())["_id"] for _ in range(total - number)] == told[number:]


async def test_presence_of_a_customer_follows_the_other_contacts_as_well(stand: Stand, site: Site) -> None:
    wish = replace(EVERYTHING, topic=("contact", contact_of("a")))
    await site.happens("a", "b", "c")
    async with stand.presence(wish=wish) as subscriber:
        assert stand.shown(await subscriber.next()) == "a 1 LIVE"
        (edge,) = await join(site, ("b", "a"))
        assert stand.shown(await subscriber.next()) == "b 1 LIVE"
        joined = subscriber.cursor
        await site.happens("c", "b")
        assert stand.shown(await subscriber.next()) == "b 2 LIVE"
        await part(site, edge)
        await site.happens("b")
        await site.happens("a")
        assert stand.shown(await subscriber.next()) == "a 2 LIVE"
    async with stand.presence(joined, wish) as back:
        assert [stand.shown(await back.next()) for _ in range(2)] == ["b 2 LIVE", "a 2 LIVE"]


async def test_the_snapshot_of_a_customer_holds_the_sessions_of_every_contact(stand: Stand, site: Site) -> None:
    await site.happens("a", "b", "c")
    await join(site, ("b", "a"))
    wish = PresenceWish({}, lambda _session: True, EVERYTHING.session_timeout, ("contact", contact_of("b")))
    async with stand.presence(wish=wish) as subscriber:
        assert {stand.shown(await subscriber.next()) for _ in range(2)} == {"a 1 LIVE", "b 1 LIVE"}


async def test_predictions_of_a_customer_follow_the_other_contacts_as_well(stand: Stand, site: Site) -> None:
    models = {id_: BaseRate(f"m-{id_}", id_, (100, 50, 20), (50, 40, 19)) for id_ in ("o1", "o2")}
    site.in_force = InForce(Definitions(), models)
    wish = PredictionWish(outcome_id="o2", contact_id=contact_of("a"))
    async with stand.predictions(wish=wish) as subscriber:
        first = asyncio.create_task(subscriber.next())
        await settled(stand.hub)
        await site.happens("b", "a")
        rows = [await first]
        await join(site, ("b", "a"))
        rows.append(await subscriber.next())
        await site.happens("b")
        rows.append(await subscriber.next())
    assert [(row["session"]["customerId"], row["session"]["eventCount"]) for row in rows] == [
        ("a", 1),
        ("b", 1),
        ("b", 2),
    ]
    assert {row["prediction"]["outcomeId"] for row in rows} == {"o2"}


@pytest.fixture
async def forgetful(site: Site) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """MongoDB keeps no past; the function waits until the moment of a cursor is gone."""
    admin = site.database.client.admin
    window = "minSnapshotHistoryWindowInSeconds"
    before = (await admin.command({"getParameter": 1, window: 1}))[window]
    await admin.command({"setParameter": 1, window: 0})

    async def wait(cursor: str) -> None:
        at = moment_of(decode_cursor(cursor).token).timestamp
        snapshot = {"level": "snapshot", "atClusterTime": at}
        async with asyncio.timeout(60):
            while True:
                await site.database["elsewhere"].insert_one({})
                found = await admin.command({"find": "system.version", "readConcern": snapshot}, check=False)
                if not found["ok"]:
                    return
                await asyncio.sleep(0.1)

    yield wait
    await admin.command({"setParameter": 1, window: before})


async def test_a_cursor_from_before_a_link_that_is_no_longer_kept_has_expired(
    stand: Stand, site: Site, forgetful: Callable[[str], Awaitable[None]]
) -> None:
    async with stand.journey("a") as subscriber:
        await followed(subscriber, stand, lambda: site.happens("a"), 1)
    cursor = subscriber.cursor or ""
    await site.happens("b")
    await forgetful(cursor)
    async with stand.journey("a", cursor) as unchanged:
        first = asyncio.create_task(unchanged.next())
        await settled(stand.hub)
        await site.happens("a")
        assert (await first)["sequence"] == 2
    await join(site, ("b", "a"))
    with pytest.raises(CursorExpired, match="joined or parted since this cursor: start again without `after`"):
        await stand.journey("a", cursor).next()
