"""Journey and predictions as subscribers see them: everything once, in order, also after an absence."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.intake.definitions import InForce
from gateway.journey.contact import contact_id_of
from gateway.journey.definitions import Definitions
from gateway.live import listener as listener_module
from gateway.live.cursor import decode_cursor
from gateway.live.errors import BadLiveCursor, CursorExpired, TooSlow
from gateway.live.predictions import PredictionWish
from gateway.prediction.base_rate import BaseRate
from tests.live.conftest import Site, Stand, Subscriber, settled


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


async def test_predictions_of_one_outcome_or_contact_are_told_alone(stand: Stand, predicting: Site) -> None:
    wish = PredictionWish(outcome_id="o2", contact_id=contact_id_of("cookie", "b"))
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
        async with stand.hub.listening(lambda _: True) as slow:
            for _ in range(5):
                await site.happens("v")
            sequences = [(await first)["sequence"]] + [(await quick.next())["sequence"] for _ in range(4)]
            assert sequences == [1, 2, 3, 4, 5]
            with pytest.raises(TooSlow, match="More than 3 changes behind: subscribe again with `after`"):
                await slow.next()
            assert stand.hub.listeners == 1


@pytest.mark.parametrize(
    "subscribe", [Stand.presence, Stand.predictions, lambda stand, after: stand.journey("v", after)]
)
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
    async with stand.hub.listening(lambda _: True) as stays:
        async with stand.hub.listening(lambda _: True):
            assert stand.hub.listeners == 2
        await site.happens("v")
        async with asyncio.timeout(10):
            assert (await stays.next()).collection == "events"
