"""Organizations by their names, as imports know them."""

from collections.abc import Collection
from datetime import datetime

from pymongo.errors import BulkWriteError

from gateway.journey.organization import new_organization
from gateway.storage.database import Database, Row
from gateway.storage.organizations import COLLECTION
from gateway.storage.reading import reading
from gateway.storage.records import stored_row
from gateway.storage.writing import writing

_DUPLICATE_KEY = 11000


def organization_called(name: str, now: datetime) -> Row:
    """Return a new organization with an id that follows from its name: whoever adds it twice adds one.

    Raises:
        InvalidValue: no organization can have this name.
    """
    return stored_row(new_organization({"name": name}, f"by name: {name}", now))


async def organization_ids(
    database: Database, names: Collection[str], now: datetime, *, add_missing: bool
) -> dict[str, str]:
    """Return the ids of the organizations with these names, of several the first; those that are missing are added.

    Without `add_missing` they only get the ids that they would have.

    Raises:
        InvalidValue: no organization can have one of these names.
        StorageError: MongoDB cannot be asked or written to now.
    """
    wanted = {name: organization_called(name, now) for name in names}
    sort_names = list({row["sortName"] for row in wanted.values()})
    called = {"sortName": {"$in": sort_names}, "name": {"$in": [row["name"] for row in wanted.values()]}}
    with reading(COLLECTION):
        rows = await database[COLLECTION].find(called, {"name": 1, "createdDate": 1}).to_list()
    rows.sort(key=lambda row: (row["createdDate"], row["_id"]), reverse=True)
    known = {row["name"]: str(row["_id"]) for row in rows}
    missing = {row["_id"]: row for row in wanted.values() if row["name"] not in known}
    if missing and add_missing:
        await _add(database, list(missing.values()))
    return {name: known.get(row["name"]) or str(row["_id"]) for name, row in wanted.items()}


async def _add(database: Database, rows: list[Row]) -> None:
    with writing(COLLECTION):
        try:
            await database[COLLECTION].insert_many(rows, ordered=False)
        except BulkWriteError as error:  # another import was first
            if any(failed["code"] != _DUPLICATE_KEY for failed in error.details.get("writeErrors", ())):
                raise
