"""Definitions from files: stored as they are told, under the ids that they had, all at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from pymongo import InsertOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError

from gateway.journey.definition_fields import FIELDS, DefinitionKind
from gateway.journey.definition_record import DefinitionRecord
from gateway.journey.ids import derive_id
from gateway.storage.database import Database, Row
from gateway.storage.definitions import OUTCOMES, SEGMENTS, NameTaken, made_known, outcome_rows, segment_rows

COLLECTIONS = {DefinitionKind.SEGMENT: SEGMENTS, DefinitionKind.OUTCOME: OUTCOMES}
CONDITIONS = ("context", "journey", "eventName")
AT_ONCE = 500
"""Definitions that one transaction stores."""


class Imported(Enum):
    """What becomes of a definition."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class PlannedImport(NamedTuple):
    """What becomes of a definition, and the write that makes it so; `reason` is why it is refused."""

    record: DefinitionRecord
    result: Imported
    write: InsertOne[Row] | UpdateOne | None = None
    reason: str = ""


async def plan_import(
    database: Database, records: Iterable[DefinitionRecord], now: datetime
) -> Sequence[PlannedImport]:
    """Return what is to be done for each; one that is there, by its id or else its name, becomes as the file says.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    stored = {
        DefinitionKind.SEGMENT: await segment_rows(database),
        DefinitionKind.OUTCOME: await outcome_rows(database),
    }
    known = {kind: _Known(rows) for kind, rows in stored.items()}
    return [_planned(record, known, now) for record in records]


async def do_import(database: Database, planned: Iterable[PlannedImport]) -> None:
    """Store what was planned, and make it known to every process.

    Raises:
        NameTaken: somebody else has defined one of them in the meantime; those stored before it stay.
        MongoDBUnreachable: MongoDB does not answer.
    """
    writing = [one for one in planned if one.write is not None]
    for start in range(0, len(writing), AT_ONCE):
        await _store(database, writing[start : start + AT_ONCE])


class _Known:
    """The definitions of a kind, as they are once all before were imported."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.by_id = {row["_id"]: row for row in rows}
        #: By display name.
        self.ids = {row["displayName"]: id_ for id_, row in self.by_id.items()}

    def find(self, record: DefinitionRecord) -> Row | None:
        """Return the definition of the record's id, or else of its name."""
        id_ = record.id if record.id in self.by_id else self.ids.get(record.name)
        return None if id_ is None else self.by_id[id_]

    def keep(self, row: Row) -> None:
        """Note that a definition is so now."""
        if former := self.by_id.get(row["_id"]):
            self.ids.pop(former["displayName"], None)
        self.by_id[row["_id"]] = row
        self.ids[row["displayName"]] = row["_id"]


def _planned(record: DefinitionRecord, known: Mapping[DefinitionKind, _Known], now: datetime) -> PlannedImport:
    of_kind = known[record.kind]
    before = of_kind.find(record)
    if reason := _refusal(record, before, known):
        return PlannedImport(record, Imported.REFUSED, reason=reason)
    if before is None:
        row = _new_row(record, now)
        of_kind.keep(row)
        return PlannedImport(record, Imported.CREATED, InsertOne(row))
    cleared = [name for name in (*FIELDS[record.kind], *CONDITIONS) if name in before and name not in record.fields]
    if not cleared and all(before.get(name) == value for name, value in record.fields.items()):
        return PlannedImport(record, Imported.UNCHANGED)
    kept = {name: value for name, value in before.items() if name not in cleared}
    of_kind.keep({**kept, **record.fields})
    changes: dict[str, Any] = {"$set": {**record.fields, "modifiedDate": now}, "$inc": {"version": 1}}
    if cleared:
        changes["$unset"] = dict.fromkeys(cleared, "")
    return PlannedImport(record, Imported.CHANGED, UpdateOne({"_id": before["_id"]}, changes))


def _refusal(record: DefinitionRecord, before: Row | None, known: Mapping[DefinitionKind, _Known]) -> str:
    """Return why a definition cannot be stored, or nothing."""
    holder = known[record.kind].ids.get(record.name)
    if before is not None and holder not in {None, before["_id"]}:
        return f"Another {record.kind.value}, with the id {holder}, has this displayName: rename one of the two."
    others = (of_kind for kind, of_kind in known.items() if kind is not record.kind)
    if before is None and any(record.id in of_kind.by_id for of_kind in others):
        return f"A definition of another kind has the id {record.id}: leave `id` out."
    return ""


def _new_row(record: DefinitionRecord, now: datetime) -> Row:
    id_ = record.id or derive_id(record.kind.value, record.name, now.isoformat())
    return {"_id": id_, **record.fields, "version": 1, "createdDate": now, "modifiedDate": now}


async def _store(database: Database, planned: Sequence[PlannedImport]) -> None:
    writes = {
        COLLECTIONS[kind]: [one.write for one in planned if one.record.kind is kind and one.write is not None]
        for kind in DefinitionKind
    }

    async def work(session: AsyncClientSession) -> None:
        for collection, listed in writes.items():
            if listed:
                await database[collection].bulk_write(listed, session=session)

    try:
        await made_known(database, work)
    except BulkWriteError as error:
        taken = next(iter((error.details or {})["writeErrors"][0].get("keyValue", {}).values()), "One of them")
        raise NameTaken(f"{taken!r} was defined by somebody else in the meantime: import the file again.") from error
