"""The audit log: who looked at, changed, merged, exported or erased which contacts, and when.

It tells of tokens, roles and write keys as well: who made, changed and revoked or deleted which.
"""

import secrets
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError, OperationFailure

from gateway.storage.database import Database, Row
from gateway.storage.sight import Sight
from gateway.storage.writing import writing

COLLECTION = "auditLog"
DIVISIONS = "divisionIds"
"""Among the details of an entry about visits: the divisions that they are of."""
EXPIRY = "expiry"
"""The index by which MongoDB deletes what is old. How old, is a setting: so it is not among the declared ones."""
_DUPLICATE_KEY = 11000
_OTHER_OPTIONS = 85
_ID_BYTES = 15  # 120 bits, as all our ids have
_ABOUT_VISITS = ("sessionId", "segmentIds")


class AuditAction(Enum):
    """What was done."""

    LOOKED_AT = "LOOKED_AT"
    SEARCHED = "SEARCHED"
    CREATED = "CREATED"
    UPDATED = "UPDATED"
    DELETED = "DELETED"
    MERGED = "MERGED"
    UNMERGED = "UNMERGED"
    LINKED = "LINKED"
    UNLINKED = "UNLINKED"
    ASSIGNED = "ASSIGNED"
    UNASSIGNED = "UNASSIGNED"
    PROMOTED = "PROMOTED"
    CLAIMED = "CLAIMED"
    RELEASED = "RELEASED"
    ENRICHED = "ENRICHED"
    EXPORTED = "EXPORTED"
    ERASED = "ERASED"
    IMPORTED = "IMPORTED"
    REVOKED = "REVOKED"


def _new_id() -> str:
    return secrets.token_urlsafe(_ID_BYTES)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the log. `date` is aware UTC, `actor` the name of the token that was used.

    `details` tell which fields or how many, never what stood in them: the log outlives the contacts that it speaks of.
    """

    date: datetime
    actor: str
    action: AuditAction
    contact_ids: tuple[str, ...]
    details: Mapping[str, object] = field(default_factory=dict)
    id: str = field(default_factory=_new_id)


async def record(database: Database, entry: AuditEntry, session: AsyncClientSession | None = None) -> None:
    """Add an entry; with a session, in its transaction, so that what was done and its entry are there together.

    Raises:
        NotStored: MongoDB cannot take it now. In a transaction the driver's own errors pass, which begin it again.
    """
    with nullcontext() if session else writing("an entry of the audit log"):
        await database[COLLECTION].insert_one(audit_row(entry), session=session)


async def record_all(database: Database, entries: Iterable[AuditEntry]) -> None:
    """Add entries; those that an earlier attempt has added already stay as they are.

    Raises:
        NotStored: MongoDB cannot take them now; some of them may be stored.
    """
    with writing("entries of the audit log"):
        try:
            await database[COLLECTION].insert_many(map(audit_row, entries), ordered=False)
        except BulkWriteError as error:
            if any(failed["code"] != _DUPLICATE_KEY for failed in error.details.get("writeErrors", ())):
                raise


async def keep_audit_log(database: Database, kept_for: timedelta) -> None:
    """Have MongoDB delete entries that are older than this; a change of it applies to those that are there as well.

    Raises:
        NotStored: MongoDB cannot take it now.
    """
    seconds = int(kept_for.total_seconds())
    with writing("for how long the audit log is kept"):
        try:
            await database[COLLECTION].create_index([("date", 1)], name=EXPIRY, expireAfterSeconds=seconds)
        except OperationFailure as error:
            if error.code != _OTHER_OPTIONS:
                raise
            await database.command("collMod", COLLECTION, index={"name": EXPIRY, "expireAfterSeconds": seconds})


def entries_seen(sight: Sight) -> Row:
    """Return the condition for the entries of a contact that are told to somebody who sees so much.

    What was done with a visit, or with a segment that a division has assigned, is told to those alone who see all
    divisions concerned; where nobody noted which these are, to those who see every division.
    """
    if sight.divisions is None:
        return {}
    of_others = {f"details.{DIVISIONS}": {"$elemMatch": {"$nin": sorted(sight.divisions)}}}
    about_visits = {"$or": [{f"details.{name}": {"$exists": True}} for name in _ABOUT_VISITS]}
    return {"$nor": [of_others, {f"details.{DIVISIONS}": {"$exists": False}, **about_visits}]}


def audit_row(entry: AuditEntry) -> Row:
    """Return the entry as it is stored."""
    row: Row = {"_id": entry.id, "date": entry.date, "actor": entry.actor, "action": entry.action.value}
    return row | {"contactIds": list(entry.contact_ids), "details": dict(entry.details)}
