"""Models asked in a process of their own say what they say here, and no event waits for one that does not answer."""

import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from gateway.intake.definitions import DefinitionReader, InForce
from gateway.journey.replay import replayed
from gateway.prediction import scorer as scorer_module
from gateway.prediction.model_rows import StoredModel, models_of
from gateway.prediction.scene import Moment, moment_of
from gateway.prediction.scorer import Scorer
from gateway.prediction.scoring import scored
from gateway.storage.database import Database
from gateway.storage.definitions import add_model
from tests.prediction.collected_visits import collect, define_order
from tests.prediction.past_visits import BEGIN, DEFINITIONS, ORDER, visits
from tests.prediction.test_model_rows import PACKED, ROW

LEARNED = StoredModel(ROW, PACKED)
SHARES = StoredModel({**ROW, "_id": "m-2", "outcomeId": "o-2", "kind": "BASE_RATE"})
STORED = {ORDER.id: LEARNED, "o-2": SHARES}
MODELS = models_of(STORED)
MOMENTS = [
    moment_of(state._replace(id=f"s{number}"))
    for number, events in enumerate(visits(30, seed=3))
    for state in replayed(events, DEFINITIONS, visits=1)
]
FIRST, SECOND = MOMENTS[:60], MOMENTS[60:]


@pytest.fixture
async def scorer() -> AsyncIterator[Scorer]:
    scorer = Scorer()
    await scorer.use(STORED.values())
    yield scorer
    await scorer.close()


def process_of(scorer: Scorer) -> int:
    running = scorer._running
    assert running is not None
    return running._process.pid


async def test_the_process_says_what_the_models_say_here(scorer: Scorer) -> None:
    first = await scorer.scored(FIRST, {})
    assert first == scored(FIRST, MODELS, {})
    assert await scorer.scored(SECOND, first.predictions) == scored(SECOND, MODELS, first.predictions)


async def test_from_the_next_moment_on_other_models_are_asked(scorer: Scorer) -> None:
    await scorer.use([SHARES])
    assert await scorer.scored(FIRST, {}) == scored(FIRST, {"o-2": MODELS["o-2"]}, {})


def test_sessions_that_have_reached_everything_are_told_nothing_and_nothing_is_wrong_with_that() -> None:
    done = [moment._replace(reached=(ORDER.id, "o-2")) for moment in FIRST]
    with capture_logs() as logged:
        told, predictions = scored(done, MODELS, {})
    assert (set(told), {one.sheet for one in predictions.values()}, logged) == ({b""}, {b""}, [])


async def test_a_model_that_cannot_be_read_is_replaced_by_its_shares(scorer: Scorer) -> None:
    broken = {ORDER.id: StoredModel({**ROW, "_id": "m-3"}, b"broken")}
    await scorer.use(broken.values())
    told = await scorer.scored(FIRST, {})
    assert told == scored(FIRST, models_of(broken), {})
    assert told.told[0]


async def test_a_process_that_is_killed_is_replaced_before_anybody_notices(scorer: Scorer) -> None:
    before = process_of(scorer)
    os.kill(before, signal.SIGKILL)
    assert await scorer.scored(FIRST, {}) == scored(FIRST, MODELS, {})
    assert process_of(scorer) != before


async def test_a_request_that_cannot_be_answered_tells_nothing_and_the_next_one_is_answered(scorer: Scorer) -> None:
    strange = Moment("s", FIRST[0].date, 1, feature_state=FIRST[0].feature_state._replace(recent=(99,)))  # type: ignore[union-attr]  # it has one
    process = process_of(scorer)
    assert len((await scorer.scored([strange], {})).told) == 1
    assert await scorer.scored(FIRST, {}) == scored(FIRST, MODELS, {})
    assert process_of(scorer) == process


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("raise SystemExit(3)", id="ends at once"),
        pytest.param("import time; time.sleep(60)", id="never answers"),
        pytest.param("print('what?', flush=True); input()", id="says something else"),
    ],
)
async def test_without_a_process_nothing_is_told_and_nobody_waits(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scorer_module, "ANSWER_SECONDS", 0.2)
    scorer = Scorer((sys.executable, "-c", program))
    await scorer.use(STORED.values())
    told = await scorer.scored(FIRST, {})
    await scorer.close()
    assert told == ([b"" for _ in FIRST], {})


async def test_a_process_that_stops_answering_is_given_up_and_started_again(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.kill(process_of(scorer), signal.SIGSTOP)
    monkeypatch.setattr(scorer_module, "ANSWER_SECONDS", 2.0)
    assert await scorer.scored(FIRST, {}) == scored(FIRST, MODELS, {})


async def test_the_process_ends_with_the_server(scorer: Scorer) -> None:
    running = scorer._running
    assert running is not None
    assert running._process.stdin is not None
    running._process.stdin.close()  # as when the server is killed
    assert await running._process.wait() == 0


async def test_events_are_stored_with_what_the_process_says(database: Database) -> None:
    await define_order(database)
    await add_model(database, {**ROW, "sessionCount": 10, "achievedCount": 4, "trainedDate": BEGIN}, PACKED)
    past, scorer = visits(10, seed=5, since=BEGIN + timedelta(days=1)), Scorer()
    in_force = await DefinitionReader(database, DEFINITIONS, scorer).read()
    assert in_force.scorer is scorer
    await collect(database, past, in_force)
    await scorer.close()
    beside = {row["_id"]: row async for row in database["sessions"].find()}
    told = {row["_id"]: row.get("predictions") async for row in database["events"].find()}
    for name in ("sessions", "events", "contacts"):
        await database[name].delete_many({})
    await collect(database, past, InForce(in_force.definitions, models_of({ORDER.id: LEARNED})))
    assert {row["_id"]: row async for row in database["sessions"].find()} == beside
    assert {row["_id"]: row.get("predictions") async for row in database["events"].find()} == told
    assert any(told.values())
