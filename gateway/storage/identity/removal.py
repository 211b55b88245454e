"""Taking contacts away with all that belongs to them: out of reach at once, then deleted in portions.

The contacts go in one transaction, together with whatever leads to them and whatever a new event could join: sessions,
register, edges, links, notes. A visitor who comes at that very moment collides with it, and one of the two begins
again: either the removal sees the visit, or the visit is that of a new visitor.

What is left, above all the events, belongs to sessions that are no more. It is written down in `removals`, and deleted
in portions that no transaction is too small for. Whoever finds a row there can go on with it, several at once as well.
"""

import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.storage.audit_log import AuditAction
from gateway.storage.database import Database, Row
from gateway.storage.identity.register import Key, reassign
from gateway.storage.identity.traces import rejected_by_sender, rejected_with_traces
from gateway.storage.reading import reading
from gateway.storage.records import in_one_transaction
from gateway.storage.writing import writing

COLLECTION = "removals"
PORTION = 1_000
"""Documents that one transaction deletes at most, beside those that go with the contacts."""
SESSIONS_AT_ONCE = 200
"""Sessions whose events are looked for by one command."""
_ID_BYTES = 15  # 120 bits, as all our ids have

Counts = Counter[str]
"""Documents that were deleted, by collection."""


@dataclass(frozen=True, slots=True)
class Removal:
    """Which contacts are to be taken away: whole merge sets, with all that they hold. `actor` is who asked for it."""

    id: str
    date: datetime
    contact_ids: tuple[str, ...]
    identifiers: tuple[Key, ...]
    actor: str | None = None


def new_removal_id() -> str:
    """Return an id that nobody can guess and that tells nothing."""
    return secrets.token_urlsafe(_ID_BYTES)


def removal_of(removal_id: str, members: Sequence[Mapping[str, Any]], date: datetime, actor: str | None) -> Removal:
    """Return the removal of these contacts, given as they are stored."""
    held = dict.fromkeys((one["type"], one["value"]) for row in members for one in row.get("identifiers", ()))
    return Removal(removal_id, date, tuple(row["_id"] for row in members), tuple(held), actor)


async def begin_removal(database: Database, removal: Removal, session: AsyncClientSession) -> None:
    """Take the contacts out of reach, in the transaction in which they were read."""
    contact_ids = list(removal.contact_ids)
    with_them = {"contactId": {"$in": contact_ids}}
    session_ids = [row["_id"] async for row in database["sessions"].find(with_them, {"_id": 1}, session=session)]
    registered = database["identifiers"].find(with_them, session=session)
    keys = [(row["type"], row["value"]) async for row in registered]
    counts = Counts()
    for collection, filter_ in _belonging(contact_ids, session_ids).items():
        deleted = await database[collection].delete_many(filter_, session=session)
        counts[collection] = deleted.deleted_count
    await reassign(database, keys, session)
    await database[COLLECTION].insert_one(_row(removal, session_ids, +counts), session=session)


async def finish_removal(database: Database, removal_id: str) -> Counts:
    """Delete what a removal has left, and return how much it deleted in all; nothing if it is finished already.

    Raises:
        StorageError: MongoDB cannot take it now; the next one goes on.
    """
    with reading(COLLECTION):
        row = await database[COLLECTION].find_one({"_id": removal_id})
    if row is None:
        return Counts()
    await _delete_events(database, row)
    await _delete_rejected_events(database, row)
    await _clear_audit_details(database, row)
    return await _close(database, row["_id"])


async def finish_removals(database: Database) -> Counts:
    """Go on with every removal that is not finished, and return how much they deleted in all.

    Raises:
        StorageError: MongoDB cannot take it now; the next one goes on.
    """
    with reading(COLLECTION):
        left = await database[COLLECTION].find({}, {"_id": 1}).sort("date", 1).to_list()
    counts = Counts()
    for row in left:
        counts += await finish_removal(database, row["_id"])
    return counts


def _belonging(contact_ids: Sequence[str], session_ids: Sequence[str]) -> Mapping[str, Row]:
    """Return what goes together with the contacts, by collection."""
    these = {"$in": contact_ids}
    links = [{"sessionId": {"$in": session_ids}}, {"contactId": these}, {"formerContactId": these}]
    return {
        "contacts": {"_id": these},
        "sessions": {"contactId": these},
        "identifiers": {"contactId": these},
        "identityEdges": {"$or": [{"childId": these}, {"parentId": these}]},
        "sessionLinks": {"$or": links},
        "notes": {"contactId": these},
    }


def _row(removal: Removal, session_ids: Sequence[str], counts: Counts) -> Row:
    row: Row = {
        "_id": removal.id,
        "date": removal.date,
        "contactIds": list(removal.contact_ids),
        "sessionIds": session_ids,
        "identifiers": [{"type": kind, "value": value} for kind, value in removal.identifiers],
        "counts": dict(counts),
    }
    return row | ({"actor": removal.actor} if removal.actor is not None else {})


async def _delete_events(database: Database, row: Row) -> None:
    for session_ids in _portions(row["sessionIds"], SESSIONS_AT_ONCE):
        # The event that opened a session goes last: as long as it is there, its sender's next attempt is a duplicate,
        # and cannot open the session once more under the same id.
        for sequence in ({"$gt": 1}, 1):
            while await _delete_some_events(database, row["_id"], session_ids, sequence) == PORTION:
                pass


async def _delete_some_events(database: Database, removal_id: str, session_ids: Sequence[str], sequence: object) -> int:
    """Delete some events of these sessions, but none of a session that was opened anew; return how many."""

    async def work(session: AsyncClientSession) -> int:
        anew = await database["sessions"].distinct("_id", {"_id": {"$in": session_ids}}, session=session)
        gone = [id_ for id_ in session_ids if id_ not in anew]
        theirs = {"sessionId": {"$in": gone}, "sequence": sequence}
        found = database["events"].find(theirs, {"_id": 1}, session=session).limit(PORTION)
        ids = [event["_id"] async for event in found]
        await _delete_counted(database, removal_id, "events", ids, session)
        return len(ids)

    with writing("the removal of events"):
        return await in_one_transaction(database, work)


async def _delete_rejected_events(database: Database, row: Row) -> None:
    identifiers = [(one["type"], one["value"]) for one in row["identifiers"]]
    find = rejected_with_traces if "actor" in row else rejected_by_sender
    async for ids in _id_portions(find(database, identifiers)):

        async def work(session: AsyncClientSession, ids: Sequence[str] = ids) -> None:
            await _delete_counted(database, row["_id"], "rejectedEvents", ids, session)

        with writing("the removal of rejected events"):
            await in_one_transaction(database, work)


async def _clear_audit_details(database: Database, row: Row) -> None:
    """Leave of the audit log who did what with which ids, and when; only after an erasure."""
    if "actor" not in row:
        return
    entries = {
        "contactIds": {"$in": row["contactIds"]},
        "action": {"$ne": AuditAction.ERASED.value},
        "details": {"$ne": {}},
    }
    with writing("the audit log"):
        await database["auditLog"].update_many(entries, {"$set": {"details": {}}})


async def _close(database: Database, removal_id: str) -> Counts:
    async def work(session: AsyncClientSession) -> Counts:
        row = await database[COLLECTION].find_one_and_delete({"_id": removal_id}, session=session)
        if row is None:  # another process was first
            return Counts()
        if "actor" in row:
            receipt = {name: row[name] for name in ("_id", "date", "actor", "counts")}
            await database["erasures"].insert_one(receipt, session=session)
        return Counts(row["counts"])

    with writing("the end of a removal"):
        return await in_one_transaction(database, work)


async def _delete_counted(
    database: Database, removal_id: str, collection: str, ids: Sequence[str], session: AsyncClientSession
) -> None:
    deleted = await database[collection].delete_many({"_id": {"$in": ids}}, session=session)
    if deleted.deleted_count:
        counted = {"$inc": {f"counts.{collection}": deleted.deleted_count}}
        await database[COLLECTION].update_one({"_id": removal_id}, counted, session=session)


async def _id_portions(rows: AsyncIterator[Row]) -> AsyncIterator[list[str]]:
    ids: list[str] = []
    async for row in rows:
        ids.append(row["_id"])
        if len(ids) == PORTION:
            yield ids
            ids = []
    if ids:
        yield ids


def _portions(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
