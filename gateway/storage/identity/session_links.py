"""Sessions that people move, with their events, to another contact, and back again, each in one transaction.

A session that was moved keeps the id of the visitor's own contact as `formerContactId`: while it runs, intake finds it
by that, and the events to come go to where it was moved.
"""

from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.division import HOME
from gateway.journey.errors import SameCustomer
from gateway.journey.identity_path import SessionLink
from gateway.storage.audit_log import DIVISIONS, AuditAction, AuditEntry, record
from gateway.storage.database import Database, Row
from gateway.storage.documents.identity_edge import IN_FORCE
from gateway.storage.documents.session import REVISED
from gateway.storage.documents.session_link import session_link_row
from gateway.storage.identity.contact_divisions import also_of
from gateway.storage.identity.promotion import promote
from gateway.storage.identity.trees import known_roots, refreshed
from gateway.storage.records import in_one_transaction
from gateway.storage.sight import DIVISION
from gateway.storage.writing import writing


async def link_session(database: Database, session_id: str, contact_id: str, by: str, at: datetime) -> Row | None:
    """Move a session to a contact, have that customer be kept, and return the session, or None where there is none.

    A session that was moved before is moved on; undone, it goes back to the visitor's own contact all the same.

    Raises:
        UnknownContact: there is none of this id.
        SameCustomer: the session is this customer's already.
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> Row | None:
        moved = await database["sessions"].find_one({"_id": session_id}, session=session)
        if moved is None:
            return None
        roots = await known_roots(database, [moved["contactId"], contact_id], session)
        if roots[moved["contactId"]] == roots[contact_id]:
            raise SameCustomer((moved["contactId"], contact_id))
        number = 1 + await _undo_link(database, session_id, by, at, session)
        own = _own_contact(moved)
        if own != contact_id:
            link = SessionLink(f"{session_id}.{number}", session_id, contact_id, own, by, at)
            await database["sessionLinks"].insert_one(session_link_row(link), session=session)
        await promote(database, roots[contact_id], at, session)
        row = await _move(database, moved, contact_id, session)
        await refreshed(database, roots.values(), session)
        ids = (moved["contactId"], contact_id)
        await record(database, AuditEntry(at, by, AuditAction.LINKED, ids, _details(moved)), session)
        return row

    with writing("a session"):
        return await in_one_transaction(database, work)


async def unlink_session(database: Database, session_id: str, by: str, at: datetime) -> Row | None:
    """Move a session back to the visitor's own contact, with all events that came since, and return it.

    None where there is no such session, or nobody has moved it.

    Raises:
        UnknownContact: the visitor's own contact is not there any more.
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> Row | None:
        linked = {"_id": session_id, "formerContactId": {"$exists": True}}
        moved = await database["sessions"].find_one(linked, session=session)
        if moved is None:
            return None
        own = _own_contact(moved)
        roots = await known_roots(database, [own, moved["contactId"]], session)
        await _undo_link(database, session_id, by, at, session)
        row = await _move(database, moved, own, session)
        await refreshed(database, roots.values(), session)
        ids = (moved["contactId"], own)
        await record(database, AuditEntry(at, by, AuditAction.UNLINKED, ids, _details(moved)), session)
        return row

    with writing("a session"):
        return await in_one_transaction(database, work)


async def _see(database: Database, contact_id: str, division_id: str, session: AsyncClientSession) -> None:
    """Have the contact, and those that stand for it, be of the division of a session that is theirs now."""
    place = await database["contacts"].find_one({"_id": contact_id}, {"ancestors": 1}, session=session) or {}
    ids = [contact_id, *place.get("ancestors", ())]
    await database["contacts"].bulk_write([also_of(ids, (division_id,))], session=session)


def _details(moved: Row) -> Row:
    """Return what the audit log is told of a session: to those alone who see its division."""
    return {"sessionId": moved["_id"], DIVISIONS: [moved.get(DIVISION, HOME)]}


def _own_contact(row: Row) -> str:
    return str(row.get("formerContactId", row["contactId"]))


async def _undo_link(database: Database, session_id: str, by: str, at: datetime, session: AsyncClientSession) -> int:
    """Mark the link in force as undone, if there is one, and return how many links there have been."""
    links = database["sessionLinks"]
    undone = {"$set": {"undoneBy": by, "undoneDate": at}}
    await links.update_one({"sessionId": session_id, **IN_FORCE}, undone, session=session)
    return await links.count_documents({"sessionId": session_id}, session=session)


async def _move(database: Database, moved: Row, contact_id: str, session: AsyncClientSession) -> Row:
    """Write the session, its events and the numbers of sessions of both contacts, and return the session."""
    own = _own_contact(moved)
    here = {"contactId": contact_id}
    row = {**moved, **here, "formerContactId": own, "revision": moved.get("revision", 0) + 1}
    change: Row = {"$set": {**here, "formerContactId": own}}
    if own == contact_id:
        del row["formerContactId"]
        change = {"$set": here, "$unset": {"formerContactId": ""}}
    await database["sessions"].update_one({"_id": moved["_id"]}, change | REVISED, session=session)
    await database["events"].update_many({"sessionId": moved["_id"]}, {"$set": here}, session=session)
    await _see(database, contact_id, moved.get(DIVISION, HOME), session)
    counted = ["sessionCount", *(f"divisionSessions.{id_}" for id_ in [moved.get(DIVISION)] if id_)]
    for id_, number in ((moved["contactId"], -1), (contact_id, 1)):
        change = {"$inc": dict.fromkeys(counted, number)}
        await database["contacts"].update_one({"_id": id_}, change, session=session)
    return row
