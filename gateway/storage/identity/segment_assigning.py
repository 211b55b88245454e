"""Segments that another system assigns to customers and sessions: read, changed and written in one transaction.

Intake writes the same documents in transactions of its own: of two at the same moment one begins again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.division import HOME
from gateway.journey.external_segments import Held
from gateway.journey.segment import SegmentAssignment
from gateway.storage.audit_log import DIVISIONS, AuditAction, AuditEntry, record
from gateway.storage.database import Database, Row
from gateway.storage.documents.fulfilment import assignment_rows, assignments_from
from gateway.storage.documents.session import REVISED
from gateway.storage.identity.trees import known_roots
from gateway.storage.records import in_one_transaction
from gateway.storage.sight import DIVISION, Sight
from gateway.storage.writing import writing

FIELD = "segmentAssignments"


@dataclass(frozen=True, slots=True)
class Assigning:
    """What is done to the assignments of something, by whom, and who sees what of it."""

    action: AuditAction
    segment_ids: Sequence[str]
    change: Callable[[Held], Held]
    actor: str
    at: datetime
    sight: Sight


async def change_segments_of_contact(database: Database, contact_id: str, wanted: Assigning) -> None:
    """Change the assignments of a customer, those of all its contacts that are seen.

    Raises:
        UnknownContact: there is none of this id.
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> None:
        root_id = (await known_roots(database, [contact_id], session))[contact_id]
        members = {"$or": [{"_id": root_id}, {"ancestors": root_id}]}
        found = database["contacts"].find(members, {FIELD: 1, "divisionIds": 1}, session=session)
        held = {row["_id"]: assignments_from(row) async for row in found if wanted.sight.sees_contact(row)}
        after = await _changed(database, "contacts", held, wanted, session)
        if after is not None:
            divisions = {DIVISIONS: _divisions_told(held, after)}
            await _noted(database, dict.fromkeys((root_id, contact_id)), divisions, wanted, session)

    with writing("segments of a contact"):
        await in_one_transaction(database, work)


async def change_segments_of_session(database: Database, session_id: str, wanted: Assigning) -> Row | None:
    """Change the assignments of a session, and return it as it is now; None where there is none.

    Raises:
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> Row | None:
        row = await database["sessions"].find_one({"_id": session_id}, session=session)
        if row is None:
            return None
        held = {session_id: assignments_from(row)}
        if await _changed(database, "sessions", held, wanted, session) is not None:
            of_session = {"sessionId": session_id, DIVISIONS: [row.get(DIVISION, HOME)]}
            await _noted(database, [row["contactId"]], of_session, wanted, session)
        return await database["sessions"].find_one({"_id": session_id}, session=session)

    with writing("segments of a session"):
        return await in_one_transaction(database, work)


async def _changed(
    database: Database, collection: str, held: Held, wanted: Assigning, session: AsyncClientSession
) -> Held | None:
    """Write what has changed, and return all of it as it is now; None where nothing has."""
    after = wanted.change(held)
    also = REVISED if collection == "sessions" else {}
    writes = [UpdateOne({"_id": id_}, _write(listed) | also) for id_, listed in after.items() if listed != held[id_]]
    if writes:
        await database[collection].bulk_write(writes, ordered=False, session=session)
    return after if writes else None


def _divisions_told(before: Held, after: Held) -> list[str]:
    """Return the divisions whose assignments have changed; one for everybody is of none."""
    changed = {one for id_, listed in after.items() for one in {*before[id_]} ^ {*listed}}
    return sorted({one.division_id or HOME for one in changed if not one.is_for_everybody})


def _write(assignments: Sequence[SegmentAssignment]) -> Row:
    return {"$set": {FIELD: assignment_rows(assignments)}} if assignments else {"$unset": {FIELD: ""}}


async def _noted(
    database: Database, contact_ids: Iterable[str], details: Row, wanted: Assigning, session: AsyncClientSession
) -> None:
    told = {"segmentIds": list(wanted.segment_ids), **details}
    await record(database, AuditEntry(wanted.at, wanted.actor, wanted.action, tuple(contact_ids), told), session)
