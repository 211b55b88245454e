"""Identifiers that people give to a contact, or take from it, each in one transaction."""

from datetime import UTC, datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.contact import Contact, ContactType, HeldIdentifier
from gateway.journey.contact_record import matchable, with_held
from gateway.journey.errors import InvalidValue, UnknownContact
from gateway.journey.event import Identifier
from gateway.journey.identifier import DEFAULT_REGION, IdentifierType, normalised
from gateway.storage.audit_log import AuditAction, AuditEntry, record
from gateway.storage.database import Database, Row
from gateway.storage.documents.contact import contact_from, identifier_row
from gateway.storage.documents.registered_identifier import registered_id
from gateway.storage.identity.register import Key, reassign
from gateway.storage.identity.trees import read_trees, refreshed
from gateway.storage.records import in_one_transaction
from gateway.storage.writing import writing

BEFORE_ANYBODY = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands in the register for the age of a contact to which a person gave an identifier: nobody comes before it."""


async def claim_identifier(
    database: Database, contact_id: str, claim: Identifier, at: datetime, region: str = DEFAULT_REGION
) -> Row:
    """Have a contact hold an identifier, whoever held it before, and return the contact as it is stored.

    `claim.source` is who says so. Others that claim it keep their claims, and what was joined by it stays joined.

    Raises:
        InvalidValue: nobody can hold this, or the contact would hold more than it can be given.
        UnknownContact: there is no contact of this id.
        NotStored: MongoDB cannot take it now.
    """
    key = _key_of(claim.type, claim.value, region)

    async def work(session: AsyncClientSession) -> Row:
        row = await database["contacts"].find_one({"_id": contact_id}, session=session)
        if row is None:
            raise UnknownContact(contact_id)
        contact = contact_from(row)
        await _write(database, contact, with_held(contact.identifiers, [claim], at, region), at, session)
        await _enter(database, key, contact_id, session)
        await refreshed(database, [contact.root_id], session)
        await record(database, _entry(AuditAction.CLAIMED, claim.source, at, (contact_id,), key), session)
        return await _stored(database, contact_id, session)

    with writing("an identifier"):
        return await in_one_transaction(database, work)


async def release_identifier(
    database: Database, contact_id: str, held: Identifier, at: datetime, region: str = DEFAULT_REGION
) -> Row | None:
    """Take an identifier from a customer, all of its merge set, and return the contact as it is stored.

    None where the customer does not hold it. Of the others that claim it, whose contact was created first holds it now.

    Raises:
        InvalidValue: nobody can hold this.
        UnknownContact: there is no contact of this id.
        NotStored: MongoDB cannot take it now.
    """
    key = _key_of(held.type, held.value, region)

    async def work(session: AsyncClientSession) -> Row | None:
        trees = await read_trees(database, [contact_id], session)
        holders = [one for one in trees.contacts.values() if any(i.key == key for i in one.identifiers)]
        if not holders:
            return None
        for contact in holders:
            left = tuple(one for one in contact.identifiers if one.key != key)
            await _write(database, contact, left, at, session)
        ids = tuple(contact.id for contact in holders)
        await _leave(database, key, ids, session)
        await refreshed(database, [trees.forest.root_of(contact_id)], session)
        await record(database, _entry(AuditAction.RELEASED, held.source, at, ids, key), session)
        return await _stored(database, contact_id, session)

    with writing("an identifier"):
        return await in_one_transaction(database, work)


def _key_of(type_: str, value: str, region: str) -> Key:
    if type_ == IdentifierType.COOKIE.value:
        raise InvalidValue("type", type_, "another: the contact of a cookie is linked, or a session of it")
    form = normalised(type_, value, region)
    if form is None:
        raise InvalidValue("value", value, f"one that a contact can be found by, as a complete {type_}")
    return type_, form


async def _write(
    database: Database,
    contact: Contact,
    identifiers: tuple[HeldIdentifier, ...],
    at: datetime,
    session: AsyncClientSession,
) -> None:
    if identifiers != contact.identifiers:
        type_ = contact.type
        if type_ is not ContactType.CURATED:
            type_ = ContactType.IDENTIFIED if matchable(identifiers) else ContactType.EPHEMERAL
        rows = [identifier_row(one) for one in identifiers]
        change: Row = {"$set": {"type": type_.value, "modifiedDate": at}}
        change |= {"$unset": {"identifiers": ""}} if not rows else {}
        change["$set"] |= {"identifiers": rows} if rows else {}
        await database["contacts"].update_one({"_id": contact.id}, change, session=session)


async def _enter(database: Database, key: Key, contact_id: str, session: AsyncClientSession) -> None:
    entry = {"type": key[0], "value": key[1], "contactId": contact_id, "contactCreatedDate": BEFORE_ANYBODY}
    here = {"_id": registered_id(*key)}
    await database["identifiers"].update_one(here, {"$set": entry}, upsert=True, session=session)


async def _leave(database: Database, key: Key, contact_ids: tuple[str, ...], session: AsyncClientSession) -> None:
    theirs = {"_id": registered_id(*key), "contactId": {"$in": list(contact_ids)}}
    if await database["identifiers"].find_one(theirs, session=session):
        await reassign(database, [key], session)


async def _stored(database: Database, contact_id: str, session: AsyncClientSession) -> Row:
    row = await database["contacts"].find_one({"_id": contact_id}, session=session)
    if row is None:
        raise UnknownContact(contact_id)
    return row


def _entry(action: AuditAction, by: str, at: datetime, contact_ids: tuple[str, ...], key: Key) -> AuditEntry:
    return AuditEntry(at, by, action, contact_ids, {"type": key[0]})
