from datetime import timedelta

import pytest

from gateway.storage import model_history
from gateway.storage.connection import Connection
from gateway.storage.database import Database
from gateway.storage.model_history import newest_visits, told_events, versions_of
from gateway.storage.preparation import prepare
from tests.prediction.past_visits import BEGIN


@pytest.fixture
async def database(connection: Connection) -> Database:
    await prepare(connection)
    return connection.database


async def test_versions_come_newest_first_and_without_what_they_are_made_of(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_history, "VERSIONS", 3)
    rows = [
        {"_id": f"m{day}", "outcomeId": "o", "trainedDate": BEGIN + timedelta(days=day), "highest": [0.5], "schema": {}}
        for day in range(5)
    ]
    await database["predictionModels"].insert_many([*rows, {"_id": "x", "outcomeId": "other", "trainedDate": BEGIN}])
    found = await versions_of(database, "o")
    assert [row["_id"] for row in found] == ["m4", "m3", "m2"]
    assert set(found[0]) == {"_id", "outcomeId", "trainedDate"}


async def test_only_visits_that_have_ended_are_found_the_newest_first(database: Database) -> None:
    await database["sessions"].insert_many(
        {"_id": f"s{minute}", "activeDate": at, "lastEvent": {"createdDate": at}, "contactId": "secret"}
        for minute in (5, 35, 20, 50)
        for at in (BEGIN + timedelta(minutes=minute),)
    )
    found = await newest_visits(database, BEGIN + timedelta(minutes=40))
    assert [row["_id"] for row in found] == ["s35", "s20", "s5"]
    assert all("contactId" not in row for row in found)


async def test_the_first_events_of_each_visit_are_found_in_order(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_history, "STEPS", 2)
    await database["events"].insert_many(
        {"_id": f"{session} {number}", "sessionId": session, "sequence": number, "traits": {"email": "secret"}}
        for session in ("a", "b", "c")
        for number in (3, 1, 2)
    )
    found = await told_events(database, ["a", "b", "none"])
    assert {id_: [row["sequence"] for row in rows] for id_, rows in found.items()} == {
        "a": [1, 2],
        "b": [1, 2],
        "none": [],
    }
    assert "traits" not in found["a"][0]
