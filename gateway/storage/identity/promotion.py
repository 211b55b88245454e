"""Promotion: a contact that came to be by itself becomes one that is kept by hand, and never expires."""

from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.contact import ContactType
from gateway.storage.audit_log import AuditAction, AuditEntry, record
from gateway.storage.database import Database, Row
from gateway.storage.identity.trees import known_roots, refreshed
from gateway.storage.records import in_one_transaction
from gateway.storage.writing import writing


async def promote_contact(database: Database, contact_id: str, by: str, at: datetime) -> Row:
    """Have a customer be kept, and return the contact as it is stored; an alias stands for its root.

    A customer that is kept already stays as it is.

    Raises:
        UnknownContact: there is none of this id.
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> Row:
        root_id = (await known_roots(database, [contact_id], session))[contact_id]
        if await promote(database, root_id, at, session):
            await record(database, AuditEntry(at, by, AuditAction.PROMOTED, (root_id,)), session)
        (root,) = await refreshed(database, [root_id], session)
        return root

    with writing("a contact"):
        return await in_one_transaction(database, work)


async def promote(database: Database, root_id: str, at: datetime, session: AsyncClientSession) -> bool:
    """Have this root be kept, in the transaction of the caller, who refreshes its search keys; tell whether it is new.

    Whatever a person has linked is kept as well: features D15.
    """
    curated = ContactType.CURATED.value
    change = {"$set": {"type": curated, "modifiedDate": at}, "$unset": {"expiresDate": ""}}
    others = {"_id": root_id, "type": {"$ne": curated}}
    promoted = await database["contacts"].update_one(others, change, session=session)
    return promoted.matched_count > 0
