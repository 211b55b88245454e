"""Models as clients read them: how good they are, what they look at, and what is missing to learn more."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from gateway.clock import now
from tests.graph.conftest import Api
from tests.graph.learned_shop import define_order, learned_shop
from tests.graph.two_divisions import NORTH, world_of

CARD = """id kind status isRejected trainedDate dataSince dataUntil sessionCount achievedCount
    auc logLoss brier calibrationError calibration { bin predicted observed count }
    roc { falsePositiveRate truePositiveRate } featureImportance { feature share } pageGroups treeCount
    drift { status measuredDate since until sessionCount achievedCount calibrationError stabilityIndex isAlarming }"""
MODEL = f"{{ outcomes {{ model {{ {CARD} }} }} }}"
MODELS = f"{{ outcomes {{ models(first: 5) {{ nodes {{ {CARD} }} }} }} }}"
OF_LEARNED_MODELS = ("auc", "logLoss", "brier", "calibrationError", "treeCount", "dataSince", "dataUntil", "drift")


@pytest.fixture(scope="module")
async def shop(mongodb_url: str) -> AsyncIterator[Api]:
    async with learned_shop(mongodb_url) as api:
        yield api


@pytest.fixture
async def young(api: Api) -> Api:
    """A shop with an outcome, and no model yet."""
    await define_order(api.database)
    return api


async def card(api: Api) -> dict[str, Any]:
    (outcome,) = (await api.ask(MODEL))["outcomes"]
    found: dict[str, Any] = outcome["model"]
    return found


def row(**fields: Any) -> dict[str, Any]:  # of a stored document
    return {
        "_id": "m",
        "outcomeId": "o-1",
        "kind": "BASE_RATE",
        "trainedDate": now(),
        "sessionCount": 20,
        "achievedCount": 3,
        "reached": [],
        "achieved": [],
        **fields,
    }


async def test_the_card_of_a_learned_model_says_what_it_learned_from_and_how_good_it_is(shop: Api) -> None:
    told = await card(shop)
    assert (told["kind"], told["isRejected"]) == ("LEARNED", False)
    assert told["status"].startswith("Serves: its log-loss is ")
    assert told["dataSince"] < told["dataUntil"] < told["trainedDate"]
    assert told["sessionCount"] > told["achievedCount"] > 0
    assert 0.6 < told["auc"] < 1
    assert 0 < told["brier"] < told["logLoss"] < 1
    assert 0 <= told["calibrationError"] < 0.2
    assert told["treeCount"] > 0


async def test_the_card_draws_calibration_and_roc(shop: Api) -> None:
    told = await card(shop)
    bins, points = told["calibration"], told["roc"]
    assert [one["bin"] for one in bins] == list(range(1, len(bins) + 1))
    assert [one["predicted"] for one in bins] == sorted(one["predicted"] for one in bins)
    assert all(0 <= one["observed"] <= 1 and one["count"] > 0 for one in bins)
    ends = [(one["falsePositiveRate"], one["truePositiveRate"]) for one in (points[0], points[-1])]
    assert ends == [(0, 0), (1, 1)]


async def test_the_card_shows_what_the_model_looks_at_and_how_pages_are_folded(shop: Api) -> None:
    told = await card(shop)
    shares = [one["share"] for one in told["featureImportance"]]
    assert shares == sorted(shares, reverse=True)
    assert "/cart" in told["featureImportance"][0]["feature"]
    assert set(told["pageGroups"]) == {"/cart", "/p/*"}


async def test_a_model_of_shares_says_what_is_missing_to_learn_more(young: Api) -> None:
    await young.database["predictionModels"].insert_one(row())
    told = await card(young)
    assert told["status"].startswith(
        "Shares by page views serve, as there is too little to learn from: 300 sessions are needed, there are 20; "
    )
    assert {told[name] for name in OF_LEARNED_MODELS} == {None}
    assert (told["calibration"], told["roc"], told["featureImportance"], told["pageGroups"]) == ([], [], [], [])


async def test_figures_that_are_no_numbers_are_null(young: Api) -> None:
    nan = float("nan")
    quality = {"auc": nan, "logLoss": 0.4, "brier": float("inf"), "calibrationError": nan, "sessionCount": 1.0}
    calibration = [{"predicted": 0.5, "observed": nan, "count": 2.0}]
    drift = {"measuredDate": now(), "sessionCount": 7, "calibrationError": nan, "stabilityIndex": nan}
    await young.database["predictionModels"].insert_one(
        row(quality={**quality, "calibration": calibration}, drift={**drift, "isAlarming": False})
    )
    told = await card(young)
    assert [told[name] for name in ("auc", "logLoss", "brier", "calibrationError")] == [None, 0.4, None, None]
    assert told["calibration"] == [{"bin": 1, "predicted": 0.5, "observed": None, "count": 2}]
    assert (told["drift"]["calibrationError"], told["drift"]["stabilityIndex"]) == (None, None)


async def test_drift_is_told_as_it_was_measured(young: Api) -> None:
    measured, since, until = (now() - timedelta(days=days) for days in (0, 3, 1))
    dates = {"measuredDate": measured, "since": since, "until": until}
    counts = {"status": "No longer to be taken by its word.", "sessionCount": 800, "achievedCount": 90}
    figures = {**counts, "calibrationError": 0.09, "stabilityIndex": 0.3, "isAlarming": True}
    await young.database["predictionModels"].insert_one(row(drift={**dates, **figures}))
    told = (await card(young))["drift"]
    assert {name: told[name] for name in figures} == figures
    assert told["since"] < told["until"] < told["measuredDate"]


async def test_every_version_is_kept_with_its_card_the_newest_first(young: Api) -> None:
    hours = {"shares": 3, "learned": 2, "rejected": 1}
    for id_, ago in hours.items():
        kind = "BASE_RATE" if id_ == "shares" else "LEARNED"
        told = {"isRejected": True, "status": "Does not serve: it is worse."} if id_ == "rejected" else {}
        trained = now() - timedelta(hours=ago)
        await young.database["predictionModels"].insert_one(row(_id=id_, kind=kind, trainedDate=trained, **told))
    (outcome,) = (await young.ask(MODELS))["outcomes"]
    nodes = outcome["models"]["nodes"]
    assert [(one["kind"], one["isRejected"]) for one in nodes] == [
        ("LEARNED", True),
        ("LEARNED", False),
        ("BASE_RATE", False),
    ]
    assert nodes[0]["status"] == "Does not serve: it is worse."
    assert (await card(young))["id"] == nodes[1]["id"]


async def test_a_learned_model_that_cannot_be_read_says_so(young: Api) -> None:
    await young.database["predictionModels"].insert_one(row(kind="LEARNED", status="Serves."))
    await young.database["predictionModelTrees"].insert_one({"_id": "m", "packed": b"broken"})
    assert "cannot be read: shares by page views serve; train again." in (await card(young))["status"]
    (version,) = (await young.ask(MODELS))["outcomes"][0]["models"]["nodes"]
    assert version["status"] == (await card(young))["status"]


async def test_who_sees_one_division_is_told_nothing_that_counts_or_names_what_others_have(mongodb_url: str) -> None:
    async with world_of(mongodb_url, NORTH) as world:
        (outcome,) = (await world.ask("all", "{ outcomes { id model { id } } }"))["outcomes"]
        quality = {"auc": 0.8, "calibration": [{"predicted": 0.5, "observed": 0.4, "count": 20.0}]}
        schema = {"pageGroups": ["/secret"], "eventNames": [], "numbers": [], "categories": []}
        importance = [{"feature": "/secret times", "share": 1.0}]
        told = {"quality": quality, "schema": schema, "featureImportance": importance, "status": "Of 900 sessions."}
        drift = {"status": "Of 5 sessions.", "sessionCount": 5, "achievedCount": 1, "isAlarming": True}
        await world.api.database["predictionModels"].update_many({}, {"$set": {**told, "drift": drift}})
        seen = (await world.ask(NORTH, MODEL))["outcomes"][0]["model"]
        everything = (await world.ask("all", MODEL))["outcomes"][0]["model"]
    assert outcome["model"]["id"] == seen["id"]
    hidden = {name for name, value in seen.items() if value != everything[name]}
    assert hidden == {
        *("status", "sessionCount", "achievedCount", "featureImportance", "pageGroups"),
        *("calibration", "drift"),
    }
    assert seen["calibration"] == [{**everything["calibration"][0], "count": None}]
    assert seen["drift"] == {**everything["drift"], "status": None, "sessionCount": None, "achievedCount": None}
    assert {seen[name] for name in hidden - {"calibration", "drift"}} == {None}
