"""How contacts are written that people or other systems have told something about, with all that follows from it."""

from collections.abc import Iterable, Mapping

from pymongo import InsertOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.contact import CONTACT_FIELDS, Contact
from gateway.journey.contact_record import matchable
from gateway.storage.contact_search_keys import refresh_search_keys
from gateway.storage.database import Database, Row
from gateway.storage.documents.contact import contact_row
from gateway.storage.identity.register import Registration, reassign, register

_CHANGED = ("type", "identifiers", "modifiedDate", "expiresDate", *CONTACT_FIELDS)
"""What a writing by hand can change; all else belongs to the contact's visits and edges."""


async def write_contacts(
    database: Database, before: Mapping[str, Contact], after: Iterable[Contact], session: AsyncClientSession
) -> None:
    """Write contacts, in the transaction in which they were read; `before` has those that are stored, by id.

    What they claim is entered into the register, what they hold no longer falls to the next, and they are found by what
    is told of them now. A handful of commands, however many contacts there are.
    """
    contacts = list(after)
    if not contacts:
        return
    writes = [_write(before.get(contact.id), contact) for contact in contacts]
    await database["contacts"].bulk_write(writes, ordered=False, session=session)
    pairs = [(before.get(contact.id), contact) for contact in contacts]
    await register(database, [entry for pair in pairs for entry in _claimed(*pair)], session)
    lost = {key for was, now in pairs if was for key in matchable(was.identifiers) - matchable(now.identifiers)}
    await reassign(database, lost, session)
    await refresh_search_keys(database, {contact.root_id for contact in contacts}, session)


def _write(before: Contact | None, after: Contact) -> InsertOne[Row] | UpdateOne:
    row = contact_row(after)
    if before is None:
        return InsertOne(row)
    told = {name: row[name] for name in _CHANGED if name in row}
    gone = {name: "" for name in _CHANGED if name not in row}
    return UpdateOne({"_id": after.id}, {"$set": told, "$unset": gone})


def _claimed(before: Contact | None, after: Contact) -> Iterable[Registration]:
    keys = matchable(after.identifiers) - (matchable(before.identifiers) if before else set())
    return [Registration(*key, after.id, after.created_date) for key in sorted(keys)]
