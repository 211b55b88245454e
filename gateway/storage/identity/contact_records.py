"""Contacts that people keep by hand: created, changed and deleted, each in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.contact import Contact
from gateway.journey.contact_record import curated_contact, matchable, rewritten
from gateway.journey.division import Divisions
from gateway.journey.enrichment_plan import one_a_customer
from gateway.journey.event import Identifier
from gateway.journey.identity_resolution import Candidate, candidates_of
from gateway.storage.audit_log import AuditAction, AuditEntry, record
from gateway.storage.database import Database, Row
from gateway.storage.documents.contact import contact_from
from gateway.storage.errors import StorageError
from gateway.storage.identity.contact_writes import write_contacts
from gateway.storage.identity.enriching import Teller
from gateway.storage.identity.parties import holders
from gateway.storage.identity.register import reassign
from gateway.storage.records import in_one_transaction
from gateway.storage.sight import Sight
from gateway.storage.writing import writing

Kept = tuple[Row, tuple[Candidate, ...]]
"""A contact as it is stored now, and other customers that hold an identifier of its."""


class ContactInUse(StorageError):
    """A contact cannot be deleted by itself: others are joined to it, or visits belong to it."""


async def create_contact(  # noqa: PLR0913, PLR0917 - what is told of it, and by whom
    database: Database,
    contact_id: str,
    fields: Mapping[str, object],
    claims: Sequence[Identifier],
    teller: Teller,
    divisions: Divisions = (),
) -> Kept:
    """Store a new contact of these divisions; it holds those of its identifiers that nobody held before.

    Raises:
        InvalidValue: it is given too many identifiers.
        NotStored: MongoDB cannot take it now.
    """
    contact = replace(curated_contact(contact_id, fields, claims, teller.at, teller.region), division_ids=divisions)

    async def work(session: AsyncClientSession) -> Kept:
        candidates = await _candidates(database, contact, session, teller.sight)
        await write_contacts(database, {}, [contact], session)
        return await _kept(database, contact, AuditAction.CREATED, teller, session), candidates

    with writing("a contact"):
        return await in_one_transaction(database, work)


async def update_contact(
    database: Database,
    contact_id: str,
    changes: Mapping[str, object],
    claims: Sequence[Identifier] | None,
    teller: Teller,
) -> Kept | None:
    """Change a contact's own record, None takes a field away; return it, or None where there is no such contact.

    Raises:
        InvalidValue: it is given too many identifiers.
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> Kept | None:
        row = await database["contacts"].find_one({"_id": contact_id}, session=session)
        if row is None:
            return None
        before = contact_from(row)
        after = rewritten(before, changes, claims, teller.at, teller.region)
        candidates = await _candidates(database, after, session, teller.sight)
        if after is before:
            return row, candidates
        await write_contacts(database, {before.id: before}, [after], session)
        return await _kept(database, after, AuditAction.UPDATED, teller, session, changes), candidates

    with writing("a contact"):
        return await in_one_transaction(database, work)


async def delete_contact(database: Database, contact_id: str, teller: Teller) -> Row | None:
    """Delete a contact with its notes; its identifiers fall to the next that claims them. None: there is no such one.

    Raises:
        ContactInUse: it is joined with others, or has visits.
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> Row | None:
        row = await database["contacts"].find_one_and_delete({"_id": contact_id}, session=session)
        if row is None:
            return None
        await _check_alone(database, contact_id, session)
        await database["notes"].delete_many({"contactId": contact_id}, session=session)
        await reassign(database, matchable(contact_from(row).identifiers), session)
        await record(database, AuditEntry(teller.at, teller.actor, AuditAction.DELETED, (contact_id,)), session)
        return row

    with writing("a contact"):
        return await in_one_transaction(database, work)


async def _check_alone(database: Database, contact_id: str, session: AsyncClientSession) -> None:
    ends = {"$or": [{"childId": contact_id}, {"parentId": contact_id}], "undoneDate": {"$exists": False}}
    edge = await database["identityEdges"].find_one(ends, session=session)
    if edge is not None:
        undo = f"undo the merge {edge['mergeId']!r}" if "mergeId" in edge else f"undo the link {edge['_id']!r}"
        raise ContactInUse(f"The contact is joined with others: {undo} first, or erase all of them.")
    if await database["sessions"].find_one({"contactId": contact_id}, {"_id": 1}, session=session) is not None:
        raise ContactInUse("Sessions belong to the contact: erase it, which deletes them as well.")


async def _candidates(
    database: Database, contact: Contact, session: AsyncClientSession, sight: Sight
) -> tuple[Candidate, ...]:
    """Return who else, of those that are seen, holds an identifier of this contact."""
    parties = await holders(database, sorted(matchable(contact.identifiers)), session, sight)
    others = {key: parties[key] for key in sorted(parties) if parties[key].root.id != contact.root_id}
    return one_a_customer(one for key, party in others.items() for one in candidates_of([party], Identifier(*key)))


async def _kept(  # noqa: PLR0913, PLR0917 - what was done, by whom, in which transaction
    database: Database,
    contact: Contact,
    action: AuditAction,
    teller: Teller,
    session: AsyncClientSession,
    changes: Mapping[str, object] | None = None,
) -> Row:
    fields = {"fields": sorted(contact.fields if changes is None else changes)}
    await record(database, AuditEntry(teller.at, teller.actor, action, (contact.id,), fields), session)
    row = await database["contacts"].find_one({"_id": contact.id}, session=session)
    return row or {}
