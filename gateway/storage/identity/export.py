"""Export: everything that is held of a customer, as JSON, page by page, however much it is."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.storage.audit_log import AuditAction, AuditEntry, record
from gateway.storage.database import Database, Row
from gateway.storage.identity.people import members_of
from gateway.storage.identity.traces import rejected_with_traces
from gateway.storage.keyset import LAST_RECORDED_FIRST, NEWEST_EVENT_FIRST, NEWEST_FIRST, Order, cursor_of
from gateway.storage.pages import Listing, Window, page_of
from gateway.storage.reading import reading

PAGE = 1_000
OURS = frozenset({"searchWords", "searchKeys", "searchPlace", "edgesChangedDate"})
"""Fields that hold nothing of the person that does not stand elsewhere: they make searches and transactions work."""
BY_ID = Order((("_id", 1),))
OF_EACH_CONTACT: Mapping[str, tuple[str, Order]] = {
    "sessions": ("contactId", NEWEST_FIRST.reversed()),
    "events": ("contactId", NEWEST_EVENT_FIRST.reversed()),
    "notes": ("contactId", NEWEST_FIRST.reversed()),
    "auditLog": ("contactIds", LAST_RECORDED_FIRST.reversed()),
}
"""Collections of which one contact may have any number of documents: the field that leads to them, and their order."""
OF_ALL_CONTACTS: Mapping[str, tuple[str, ...]] = {
    "identifiers": ("contactId",),
    "identityEdges": ("childId", "parentId"),
    "sessionLinks": ("contactId", "formerContactId"),
}
"""Collections of which a merge set has a few documents, and the fields that lead to them."""
COLLECTIONS = ("contacts", *OF_ALL_CONTACTS, *OF_EACH_CONTACT, "rejectedEvents")
"""What an export consists of, in this order."""

Part = tuple[str, Row]
"""A collection, and one document of it as JSON."""


async def begin_export(database: Database, contact_id: str, actor: str, now: datetime) -> list[Row]:
    """Return the contacts of the merge set that is to be exported, and note it in the audit log; none if none is there.

    Raises:
        StorageError: MongoDB does not answer, or cannot take the entry now.
    """
    with reading("contacts"):
        members = await members_of(database, contact_id)
    if members:
        await record(database, AuditEntry(now, actor, AuditAction.EXPORTED, tuple(row["_id"] for row in members)))
    return members


async def exported(database: Database, members: Sequence[Row]) -> AsyncIterator[Part]:
    """Yield every document that is held of these contacts, collection after collection, each in order of time.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    contact_ids = [row["_id"] for row in members]
    for row in members:
        yield "contacts", as_json(row)
    for collection, fields in OF_ALL_CONTACTS.items():
        filter_: Row = {"$or": [{field: {"$in": contact_ids}} for field in fields]}
        async for row in _rows(database, Listing(collection, BY_ID, filter=filter_)):
            yield collection, as_json(row)
    for collection, (field, order) in OF_EACH_CONTACT.items():
        for contact_id in contact_ids:
            async for row in _rows(database, Listing(collection, order, filter={field: contact_id})):
                if _first_of(row[field], contact_ids) == contact_id:  # an entry of the log may name several of them
                    yield collection, as_json(row)
    held = {(one["type"], one["value"]) for row in members for one in row.get("identifiers", ())}
    async for row in rejected_with_traces(database, held):
        yield "rejectedEvents", as_json(row)


async def export_contact(database: Database, contact_id: str, actor: str, now: datetime) -> Row | None:
    """Return everything that is held of a contact's merge set as one JSON object; None where there is no such contact.

    Raises:
        StorageError: as `begin_export`.
    """
    members = await begin_export(database, contact_id, actor, now)
    if not members:
        return None
    found: dict[str, list[Row]] = defaultdict(list)
    async for collection, row in exported(database, members):
        found[collection].append(row)
    return head_of(members, now) | {name: found[name] for name in COLLECTIONS}


def head_of(members: Sequence[Row], now: datetime) -> Row:
    """Return what stands at the beginning of an export: when it was made, and of which canonical contact."""
    return {"exportedDate": _plain(now), "contactId": members[0]["_id"]}


def as_json(row: Mapping[str, Any]) -> Row:
    """Return a stored document as JSON: `_id` is called `id`, dates are ISO-8601 in UTC, what is OURS is left out."""
    return {"id" if name == "_id" else name: _plain(value) for name, value in row.items() if name not in OURS}


async def _rows(database: Database, listing: Listing) -> AsyncIterator[Row]:
    after = None
    while True:
        page = await page_of(database, listing, Window(PAGE, after))
        for row in page.rows:
            yield row
        if not page.has_next:
            return
        after = cursor_of(page.rows[-1], listing.order)


def _first_of(named: str | list[str], contact_ids: Sequence[str]) -> str:
    return named if isinstance(named, str) else next(id_ for id_ in named if id_ in contact_ids)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
