"""Changes of who may ask and who may collect: each is stored in one transaction with its entry of the audit log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.storage.audit_log import AuditEntry, record
from gateway.storage.database import Database, Row
from gateway.storage.records import in_one_transaction
from gateway.storage.writing import writing


async def add_key(database: Database, collection: str, row: Row, entry: AuditEntry) -> None:
    """Store a new token or write key.

    Raises:
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> None:
        await database[collection].insert_one(row, session=session)
        await record(database, entry, session)

    with writing(collection):
        await in_one_transaction(database, work)


async def change_key(
    database: Database, collection: str, where: Row, changes: Mapping[str, Any], entry: AuditEntry
) -> Row | None:
    """Set fields of the token or write key that this filter finds; one that is None is taken away.

    Returns:
        The row as it is now, or None where there is none.

    Raises:
        NotStored: MongoDB cannot take it now.
    """
    told = {name: value for name, value in changes.items() if value is not None}
    gone = dict.fromkeys(changes.keys() - told.keys(), "")
    update = ({"$set": told} if told else {}) | ({"$unset": gone} if gone else {})

    async def work(session: AsyncClientSession) -> Row | None:
        changed = await database[collection].find_one_and_update(
            where, update, return_document=ReturnDocument.AFTER, session=session
        )
        if changed is not None:
            await record(database, entry, session)
        return changed

    with writing(collection):
        return await in_one_transaction(database, work)


async def revoke_key(database: Database, collection: str, where: Row, at: datetime, entry: AuditEntry) -> Row | None:
    """Revoke the token or write key that this filter finds; one that was revoked before stays as it is, unrecorded.

    Returns:
        The row as it is now, or None where there is none.

    Raises:
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> Row | None:
        revoked = await database[collection].find_one_and_update(
            {**where, "revokedDate": {"$exists": False}},
            {"$set": {"revokedDate": at}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        if revoked is None:
            return await database[collection].find_one(where, session=session)
        await record(database, entry, session)
        return revoked

    with writing(collection):
        return await in_one_transaction(database, work)
