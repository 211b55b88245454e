"""The register: which contact holds an identifier. The one that was created first, of those that claim it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.storage.database import Database, Row
from gateway.storage.documents.registered_identifier import registered_id

Key = tuple[str, str]
"""Type and value of an identifier, in normal form."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A contact that claims an identifier, and when the contact was created."""

    type: str
    value: str
    contact_id: str
    contact_created_date: datetime


async def register(database: Database, entries: Iterable[Registration], session: AsyncClientSession) -> None:
    """Enter these claims; a contact that was created before the holder takes its place."""
    writes = [_entry(one) for one in entries]
    if writes:
        await database["identifiers"].bulk_write(writes, ordered=False, session=session)


async def reassign(database: Database, keys: Collection[Key], session: AsyncClientSession) -> None:
    """Hand each of these identifiers to the contact that claims it and was created first, or to nobody.

    Call it after a contact has lost them, or is gone. Whoever holds one and claims it still keeps it.
    """
    lost = [key for key in keys if not await _is_held(database, key, session)]
    if not lost:
        return
    found = {key: await _first_claimer(database, key, session) for key in lost}
    kept = [Registration(*key, row["_id"], row["createdDate"]) for key, row in found.items() if row]
    gone = [registered_id(*key) for key, row in found.items() if row is None]
    await database["identifiers"].delete_many({"_id": {"$in": gone}}, session=session)
    writes = [UpdateOne({"_id": registered_id(one.type, one.value)}, {"$set": _row(one)}, upsert=True) for one in kept]
    if writes:
        await database["identifiers"].bulk_write(writes, ordered=False, session=session)


async def _is_held(database: Database, key: Key, session: AsyncClientSession) -> bool:
    entry = await database["identifiers"].find_one({"_id": registered_id(*key)}, session=session)
    if entry is None:
        return False
    holder = {"_id": entry["contactId"], **_claiming(key)}
    return await database["contacts"].find_one(holder, {"_id": 1}, session=session) is not None


async def _first_claimer(database: Database, key: Key, session: AsyncClientSession) -> Row | None:
    order = [("createdDate", 1), ("_id", 1)]
    return await database["contacts"].find_one(_claiming(key), {"createdDate": 1}, sort=order, session=session)


def _claiming(key: Key) -> Row:
    return {"identifiers": {"$elemMatch": {"type": key[0], "value": key[1], "isNormalised": True}}}


def _entry(one: Registration) -> UpdateOne:
    """Return the write of one claim; unlike a look and a write, it decides inside MongoDB who came first."""
    claimed = _row(one)
    is_first = {
        "$or": [
            {"$eq": [{"$type": "$contactId"}, "missing"]},
            {"$lt": [one.contact_created_date, "$contactCreatedDate"]},
        ]
    }
    fields = {name: {"$cond": [is_first, {"$literal": value}, f"${name}"]} for name, value in claimed.items()}
    return UpdateOne({"_id": registered_id(one.type, one.value)}, [{"$set": fields}], upsert=True)


def _row(one: Registration) -> Row:
    return {
        "type": one.type,
        "value": one.value,
        "contactId": one.contact_id,
        "contactCreatedDate": one.contact_created_date,
    }
