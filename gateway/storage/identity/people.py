"""Whole customers: the contacts that are one person, and the persons who hold an identifier."""

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.storage.database import Database, Row
from gateway.storage.reading import reading

MAX_HOLDERS = 1_000
"""Contacts with the same identifier that are looked at; beyond it a script has given it to strangers."""


async def members_of(database: Database, contact_id: str, session: AsyncClientSession | None = None) -> list[Row]:
    """Return the contacts of a contact's merge set as they are stored, the root first; none if it is not there.

    With a session, in its transaction. The caller says how it fails.
    """
    contacts = database["contacts"]
    row = await contacts.find_one({"_id": contact_id}, session=session)
    if row is None:
        return []
    root_id = (row.get("ancestors") or [contact_id])[-1]
    root = row if root_id == contact_id else await contacts.find_one({"_id": root_id}, session=session)
    merged = await contacts.find({"ancestors": root_id}, session=session).sort({"createdDate": 1, "_id": 1}).to_list()
    return [*([root] if root else []), *merged]


async def customers_with(database: Database, identifier_type: str, value: str) -> list[str]:
    """Return the ids of the canonical contacts of all who hold an identifier, given in normal form.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    held = {"identifiers": {"$elemMatch": {"type": identifier_type, "value": value, "isNormalised": True}}}
    with reading("contacts"):
        cursor = database["contacts"].find(held, {"ancestors": 1}).sort({"createdDate": 1, "_id": 1})
        rows = await cursor.limit(MAX_HOLDERS).to_list()
    return list(dict.fromkeys((row.get("ancestors") or [row["_id"]])[-1] for row in rows))
