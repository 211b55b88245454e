"""The report over real rows: a model that was trained, and visits that it has told of."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.intake.definitions import InForce
from gateway.journey.event import Event
from gateway.prediction.full_training import train_fully
from gateway.prediction.report import EACH, LEAST_TOLD, MOST_EVENTS, ModelReport, SampleVisit, gather_report
from gateway.prediction.training import serving_models, train
from gateway.storage.database import Database
from gateway.storage.documents.prediction import probabilities_after
from tests.prediction.collected_visits import collect, later
from tests.prediction.past_visits import BEGIN, DEFINITIONS, ORDER, visits
from tests.prediction.test_full_training import NOW, TIMEOUT

LATER = NOW + timedelta(days=2)


async def report_of(database: Database) -> ModelReport:
    return await gather_report(database, ORDER, "An order is placed.", LATER, TIMEOUT)


async def tell(database: Database, past: list[list[Event]]) -> None:
    """Let the models that serve tell of new visits."""
    await collect(database, past, InForce(DEFINITIONS, await serving_models(database, [ORDER.id])))


@pytest.fixture
async def trained(database: Database) -> Database:
    """A learned model, and forty visits that it has told of."""
    await collect(database, visits(600))
    await train_fully(database, [ORDER], NOW, TIMEOUT)
    await tell(database, later(visits(40, seed=9, since=NOW)))
    return database


def curve(visit: SampleVisit) -> Sequence[float]:
    return [step.probability for step in visit.steps if step.probability is not None]


async def test_what_serves_is_told_with_its_figures_and_all_versions(trained: Database) -> None:
    await train_fully(trained, [ORDER], LATER, TIMEOUT)
    report = await report_of(trained)
    assert report.serving is not None
    assert report.serving.quality is not None
    assert report.status is not None
    assert report.status.startswith("Serves: its log-loss is ")
    assert not report.is_broken
    assert len(report.serving.quality.roc) > LEAST_TOLD
    assert "/cart" in report.serving.page_groups
    assert [version.is_rejected for version in report.versions] == [True, False]
    assert report.versions[1].id == report.serving.id


async def test_the_newest_ended_visits_are_shown_those_that_reached_the_outcome_first(trained: Database) -> None:
    found = (await report_of(trained)).visits
    assert [visit.reached for visit in found] == [True] * EACH + [False] * EACH
    for some in (found[:EACH], found[EACH:]):
        assert sorted((visit.begun for visit in some), reverse=True) == [visit.begun for visit in some]
    stored = {row["_id"]: row async for row in trained["events"].find({"createdDate": {"$gte": NOW}})}
    sessions = {row["_id"]: row async for row in trained["sessions"].find()}
    rows = [row for row in stored.values() if row.get("predictions")]
    told = {probabilities_after(row, sessions[row["sessionId"]])[ORDER.id] for row in rows}
    assert all(set(curve(visit)) <= told and visit.highest == max(curve(visit)) for visit in found)


async def test_a_curve_ends_where_the_outcome_was_reached(trained: Database) -> None:
    reached = (await report_of(trained)).visits[0]
    assert [step.achieves for step in reached.steps] == [False] * 5 + [True]
    assert (reached.steps[-1].probability, reached.steps[-1].event_name) == (None, "order_completed")
    assert [step.after for step in reached.steps] == [timedelta(seconds=20 * at) for at in range(6)]


async def test_pages_are_told_by_their_groups(trained: Database) -> None:
    found = (await report_of(trained)).visits
    pages = {step.page for visit in found for step in visit.steps if step.page}
    assert pages <= {"/cart", "/p/*"} | {f"/p/{number}" for number in range(100)}


async def test_visits_that_go_on_or_have_hardly_a_curve_or_too_long_a_one_are_not_shown(trained: Database) -> None:
    await trained["sessions"].delete_many({"createdDate": {"$gte": NOW}})
    [short] = visits(1, seed=3, since=NOW + timedelta(days=1))
    robot = [
        short[0]._replace(id=f"r {at}", customer_id="robot", created_date=short[0].created_date + timedelta(seconds=at))
        for at in range(MOST_EVENTS + 1)
    ]
    running = [event._replace(id=f"now {event.id}", created_date=LATER) for event in short[:4]]
    await tell(trained, later([short[: LEAST_TOLD - 1], robot, running]))
    assert (await report_of(trained)).visits == ()


async def test_without_a_model_nothing_is_told_but_that(database: Database) -> None:
    report = await report_of(database)
    assert (report.serving, report.status, report.shares, report.versions, report.visits) == (None, None, None, (), ())


async def test_shares_are_told_where_there_is_too_little_to_learn_from(database: Database) -> None:
    await collect(database, visits(50))
    await train(database, ORDER, NOW, TIMEOUT)
    report = await report_of(database)
    assert report.shares is not None
    assert 0 < report.shares.after(1) < 1
    assert report.status is not None
    assert "300 sessions are needed, there are 50" in report.status


async def test_a_model_that_cannot_be_read_is_told_to_be_broken(trained: Database) -> None:
    await trained["predictionModelTrees"].update_many({}, {"$set": {"packed": b"broken"}})
    report = await report_of(trained)
    assert report.is_broken
    assert report.status is not None
    assert "cannot be read" in report.status


async def test_an_outcome_sees_nothing_of_another_one(trained: Database) -> None:
    report = await gather_report(trained, replace(ORDER, id="o-2"), None, LATER, TIMEOUT)
    assert (report.serving, report.versions, report.visits) == (None, (), ())
    assert BEGIN < NOW < report.made
