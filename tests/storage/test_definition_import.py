"""Definitions from files, stored while others define something as well."""

from datetime import UTC, datetime

import pytest

from gateway.journey.definition_record import DefinitionRecord, read_definitions
from gateway.storage.database import Database
from gateway.storage.definition_import import Imported, do_import, plan_import
from gateway.storage.definitions import NameTaken

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def records(*told: dict[str, object]) -> list[DefinitionRecord]:
    journey = {"patterns": [{"eventName": "order_completed"}]}
    read = read_definitions({"segments": [{"journey": journey, **one} for one in told]})
    return [one for one in read if isinstance(one, DefinitionRecord)]


@pytest.mark.parametrize(
    ("others", "taken"),
    [
        pytest.param({"displayName": "Shoppers"}, "Shoppers", id="of the same name"),
        pytest.param({"displayName": "Others", "id": "s-1"}, "s-1", id="of the same id"),
    ],
)
async def test_what_somebody_else_defines_in_the_meantime_is_told_and_nothing_of_the_file_is_stored(
    others: dict[str, object], taken: str, database: Database
) -> None:
    planned = await plan_import(
        database, records({"displayName": "First"}, {"displayName": "Shoppers", "id": "s-1"}), NOON
    )
    assert [one.result for one in planned] == [Imported.CREATED] * 2
    await do_import(database, await plan_import(database, records(others), NOON))
    with pytest.raises(NameTaken, match=f"'{taken}' was defined by somebody else in the meantime: import the file"):
        await do_import(database, planned)
    assert await database["segments"].count_documents({}) == 1
