"""Divisions as they are stored: the home division, which is always there, and those that people have added."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from gateway.journey.division import HOME
from gateway.storage.database import Database, Row
from gateway.storage.errors import StorageError
from gateway.storage.reading import reading
from gateway.storage.rows import all_rows, rows_by_id
from gateway.storage.sight import EVERYTHING, Sight
from gateway.storage.writing import writing

COLLECTION = "divisions"
HOME_ROW: Row = {
    "_id": HOME,
    "name": "Home",
    "description": "Whatever belongs to no other division.",
    "createdDate": datetime(1970, 1, 1, tzinfo=UTC),
    "modifiedDate": datetime(1970, 1, 1, tzinfo=UTC),
}
_USES: Mapping[str, Row] = {
    "writeKeys": {"divisionId": ..., "revokedDate": None},
    "tokens": {"divisionIds": ..., "revokedDate": None},
    "sessions": {"divisionId": ...},
    "contacts": {"divisionIds": ...},
    "rejectedEvents": {"divisionId": ...},
}
"""Where a division is used, by collection, with its id in the place of the dots. Events go with their sessions."""


class DivisionInUse(StorageError):
    """Raised when a division that something belongs to is to be deleted; `uses` are the collections."""

    def __init__(self, uses: Sequence[str]) -> None:
        self.uses = tuple(uses)
        super().__init__(f"The division is in use by {', '.join(uses)}: give these another division first.")


async def divisions_by_id(database: Database, ids: Sequence[str], sight: Sight = EVERYTHING) -> dict[str, Row]:
    """Return the divisions of these ids that are there, and seen, by id."""
    seen = sight.seen_of(ids)
    added = [id_ for id_ in seen if id_ != HOME]
    home = {HOME: HOME_ROW} if HOME in seen else {}
    return home | (await rows_by_id(database, COLLECTION, added) if added else {})


async def all_divisions(database: Database, sight: Sight = EVERYTHING) -> list[Row]:
    """Return the divisions that are seen: the home division first, then the others, the oldest first."""
    rows = [HOME_ROW, *await all_rows(database, COLLECTION)]
    return [row for row in rows if sight.sees_division(row["_id"])]


async def delete_division(database: Database, id_: str) -> Row | None:
    """Delete a division that nothing belongs to; return it as it was, or None where there is none.

    Raises:
        DivisionInUse: something belongs to it.
        StorageError: MongoDB does not answer, or cannot take it now.
    """
    with reading(COLLECTION):
        uses = [name for name, use in _USES.items() if await _is_used(database, name, use, id_)]
    if uses:
        raise DivisionInUse(uses)
    with writing(COLLECTION):
        return await database[COLLECTION].find_one_and_delete({"_id": id_})


async def _is_used(database: Database, collection: str, use: Mapping[str, Any], id_: str) -> bool:
    wanted = {field: id_ if value is ... else value for field, value in use.items()}
    return await database[collection].find_one(wanted, {"_id": 1}) is not None
