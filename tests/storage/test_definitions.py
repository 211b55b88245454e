import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gateway.storage.database import Database, Row
from gateway.storage.definitions import (
    OUTCOMES,
    NameTaken,
    add_definition,
    add_model,
    change_definition,
    definition_version,
    newest_models,
    outcome_rows,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def outcome(name: str) -> Row:
    return {"_id": name, "displayName": name, "eventName": "x", "version": 1, "createdDate": NOON, "modifiedDate": NOON}


def model(id_: str, outcome_id: str, days: int) -> Row:
    return {"_id": id_, "outcomeId": outcome_id, "trainedDate": NOON + timedelta(days=days)}


async def test_every_change_of_a_definition_counts_the_version_up(database: Database) -> None:
    versions = [await definition_version(database)]
    for change in (
        add_definition(database, OUTCOMES, outcome("a")),
        change_definition(database, OUTCOMES, "a", lambda _: {"isActive": False}),
        add_model(database, model("m", "a", 0)),
    ):
        await change
        versions.append(await definition_version(database))
    assert versions == [0, 1, 2, 3]


async def test_a_changed_outcome_comes_back_with_its_own_version_counted_up(database: Database) -> None:
    await add_definition(database, OUTCOMES, outcome("a"))
    changed = await change_definition(database, OUTCOMES, "a", lambda _: {"isActive": False})
    assert changed == {**outcome("a"), "isActive": False, "version": 2}
    assert [row["version"] for row in await outcome_rows(database)] == [2]


async def test_an_outcome_that_is_not_there_cannot_be_changed(database: Database) -> None:
    assert await change_definition(database, OUTCOMES, "a", lambda _: {"isActive": False}) is None


async def test_two_outcomes_cannot_have_the_same_name(database: Database) -> None:
    await add_definition(database, OUTCOMES, outcome("a"))
    with pytest.raises(NameTaken, match="an outcome named 'a' already: choose another displayName"):
        await add_definition(database, OUTCOMES, {**outcome("a"), "_id": "other"})
    assert await definition_version(database) == 1


async def test_an_outcome_cannot_be_renamed_to_the_name_of_another(database: Database) -> None:
    await add_definition(database, OUTCOMES, outcome("a"))
    await add_definition(database, OUTCOMES, outcome("b"))
    with pytest.raises(NameTaken, match="an outcome named 'a' already"):
        await change_definition(database, OUTCOMES, "b", lambda _: {"displayName": "a"})
    assert {row["displayName"] for row in await outcome_rows(database)} == {"a", "b"}


async def test_changes_by_several_at_once_are_all_made(database: Database) -> None:
    names = [f"outcome {n}" for n in range(12)]
    await asyncio.gather(*(add_definition(database, OUTCOMES, outcome(name)) for name in names))
    assert {row["_id"] for row in await outcome_rows(database)} == set(names)
    assert await definition_version(database) == len(names)


async def test_one_of_several_with_the_same_name_at_once_wins(database: Database) -> None:
    rows = [{**outcome("a"), "_id": str(n)} for n in range(6)]
    results = await asyncio.gather(*(add_definition(database, OUTCOMES, row) for row in rows), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["NameTaken"] * 5 + ["NoneType"]


async def test_the_newest_model_of_each_outcome_serves(database: Database) -> None:
    for row in (model("old", "a", 0), model("new", "a", 2), model("middle", "a", 1), model("other", "b", 0)):
        await add_model(database, row)
    found = await newest_models(database, ["a", "b", "c"])
    assert {outcome_id: row["_id"] for outcome_id, row in found.items()} == {"a": "new", "b": "other"}
