"""The divisions that contacts are of: filled in by their visits, and set by people."""

from collections.abc import Collection, Sequence
from datetime import datetime

from pymongo import UpdateMany, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.division import HOME, kept_divisions
from gateway.journey.errors import InvalidValue
from gateway.storage.audit_log import AuditAction, AuditEntry, record
from gateway.storage.database import Database, Row
from gateway.storage.identity.people import members_of
from gateway.storage.records import in_one_transaction
from gateway.storage.sight import DIVISION, DIVISIONS, Sight
from gateway.storage.writing import writing


def also_of(contact_ids: Collection[str], division_ids: Sequence[str]) -> UpdateMany:
    """Return the write by which contacts are of these divisions as well; those of the home division alone stay so."""
    wanted: Row = {"_id": {"$in": list(contact_ids)}}
    if tuple(division_ids) == (HOME,):
        wanted[DIVISIONS] = {"$exists": True}
    told = {"$setUnion": [{"$ifNull": [f"${DIVISIONS}", [HOME]]}, {"$literal": list(division_ids)}]}
    return UpdateMany(wanted, [{"$set": {DIVISIONS: told}}])


async def set_contact_divisions(  # noqa: PLR0913, PLR0917 - of whom, what, who says so, and when
    database: Database, contact_id: str, chosen: Sequence[str], sight: Sight, by: str, at: datetime
) -> Row | None:
    """Set the divisions of a customer, of all of its merge set, and return the contact; None where there is none.

    Divisions that whoever chooses does not see stay as they are.

    Raises:
        InvalidValue: the customer has visits in a division that is left out.
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> Row | None:
        members = await members_of(database, contact_id, session)
        if not members:
            return None
        ids = [row["_id"] for row in members]
        visited = sight.seen_of(await _visited(database, ids, session))
        if not set(chosen).issuperset(visited):
            allowed = f"a list with every division in which the customer has visits: {', '.join(sorted(visited))}"
            raise InvalidValue(DIVISIONS, list(chosen), allowed)
        writes = [_write(row, chosen, sight, at) for row in members]
        await database["contacts"].bulk_write(writes, ordered=False, session=session)
        entry = AuditEntry(at, by, AuditAction.UPDATED, tuple(ids), {"fields": [DIVISIONS]})
        await record(database, entry, session)
        return await database["contacts"].find_one({"_id": contact_id}, session=session)

    with writing("the divisions of a contact"):
        return await in_one_transaction(database, work)


async def _visited(database: Database, contact_ids: Sequence[str], session: AsyncClientSession) -> list[str]:
    pipeline: list[Row] = [
        {"$match": {"contactId": {"$in": list(contact_ids)}}},
        {"$group": {"_id": {"$ifNull": [f"${DIVISION}", HOME]}}},
    ]
    return [row["_id"] async for row in await database["sessions"].aggregate(pipeline, session=session)]


def _write(row: Row, chosen: Sequence[str], sight: Sight, at: datetime) -> UpdateOne:
    hidden = [id_ for id_ in row.get(DIVISIONS) or (HOME,) if not sight.sees_division(id_)]
    kept = kept_divisions((*chosen, *hidden))
    change: Row = {"$set": {"modifiedDate": at}}
    if kept:
        change["$set"][DIVISIONS] = list(kept)
    else:
        change["$unset"] = {DIVISIONS: ""}
    return UpdateOne({"_id": row["_id"]}, change)
