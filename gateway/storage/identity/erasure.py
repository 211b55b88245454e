"""Erasure: a customer and everything that is held of them goes, and a receipt stays that tells how much it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.storage.audit_log import AuditAction, AuditEntry, record
from gateway.storage.database import Database
from gateway.storage.identity.people import members_of
from gateway.storage.identity.removal import begin_removal, finish_removal, new_removal_id, removal_of
from gateway.storage.reading import reading
from gateway.storage.records import in_one_transaction
from gateway.storage.writing import writing


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased: by whom, when, and how many documents by collection."""

    id: str
    date: datetime
    actor: str
    counts: Mapping[str, int]


async def erase_contact(database: Database, contact_id: str, actor: str, now: datetime) -> Receipt | None:
    """Erase the merge set of a contact with all that belongs to it; None where there is no such contact.

    Once this has begun it is finished: by this call, or if that fails or its process ends, by the next sweep.

    Raises:
        StorageError: MongoDB cannot take it now. If the contact is gone already, the sweep does the rest.
    """
    removal_id = new_removal_id()

    async def work(session: AsyncClientSession) -> bool:
        members = await members_of(database, contact_id, session)
        if not members:
            return False
        removal = removal_of(removal_id, members, now, actor)
        await begin_removal(database, removal, session)
        entry = AuditEntry(now, actor, AuditAction.ERASED, removal.contact_ids, {"erasureId": removal_id})
        await record(database, entry, session)
        return True

    with writing("the erasure of a contact"):
        found = await in_one_transaction(database, work)
    if not found:
        return None
    await finish_removal(database, removal_id)
    return await _receipt(database, removal_id)


async def _receipt(database: Database, erasure_id: str) -> Receipt | None:
    with reading("erasures"):
        row = await database["erasures"].find_one({"_id": erasure_id})
    return Receipt(row["_id"], row["date"], row["actor"], row["counts"]) if row else None
