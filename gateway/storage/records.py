"""Records that people keep by hand: organizations, relationships, notes, external sources. Added, changed, deleted.

A record that is about another one is stored in a transaction which also touches that one: whoever deletes it at the
same moment collides with the transaction, and nothing is left behind that belongs to nothing.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from gateway.storage.database import Database, Row
from gateway.storage.errors import StorageError
from gateway.storage.writing import writing

Result = TypeVar("Result")


class AlreadyThere(StorageError):
    """Raised when a record that must be there only once is there already."""


@dataclass(frozen=True, slots=True)
class Parent:
    """What a record is about. `touched` names the date that is set when something is stored under it."""

    collection: str
    id: str
    touched: str


def contact_parent(contact_id: str) -> Parent:
    """Return a contact as the thing that a record is about."""
    return Parent("contacts", contact_id, "edgesChangedDate")


def organization_parent(organization_id: str) -> Parent:
    """Return an organization as the thing that a record is about."""
    return Parent("externalOrganizations", organization_id, "recordsChangedDate")


def stored_row(record: Mapping[str, Any]) -> Row:
    """Return a record of the domain as it is stored."""
    return {"_id" if name == "id" else name: value for name, value in record.items()}


async def add_record(database: Database, collection: str, row: Row) -> None:
    """Store a new record.

    Raises:
        AlreadyThere: another record has what must be unique.
        NotStored: MongoDB cannot take it now.
    """
    with writing(collection), _once(collection):
        await database[collection].insert_one(row)


async def add_record_under(database: Database, collection: str, row: Row, parent: Parent, now: datetime) -> bool:
    """Store a new record about something; return False, and store nothing, where that is not there.

    Raises:
        AlreadyThere: another record has what must be unique.
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> bool:
        # later than before in any case: MongoDB passes over a change that changes nothing, and it would not collide
        touch = [{"$set": {parent.touched: {"$max": [now, {"$add": [f"${parent.touched}", 1]}]}}}]
        touched = await database[parent.collection].update_one({"_id": parent.id}, touch, session=session)
        if touched.matched_count:
            await database[collection].insert_one(row, session=session)
        return bool(touched.matched_count)

    with writing(collection), _once(collection):
        return await in_one_transaction(database, work)


async def change_record(database: Database, collection: str, id_: str, changes: Mapping[str, Any]) -> Row | None:
    """Set fields of a record, or take away those that are None; return it as it is now, or None where there is none.

    Raises:
        AlreadyThere: another record has what must be unique.
        NotStored: MongoDB cannot take it now.
    """
    told = {name: value for name, value in changes.items() if value is not None}
    gone = dict.fromkeys(changes.keys() - told.keys(), "")
    update = {"$set": told} | ({"$unset": gone} if gone else {})
    with writing(collection), _once(collection):
        return await database[collection].find_one_and_update(
            {"_id": id_}, update, return_document=ReturnDocument.AFTER
        )


async def delete_record(database: Database, collection: str, id_: str) -> Row | None:
    """Delete a record; return it as it was, or None where there is none.

    Raises:
        NotStored: MongoDB cannot take it now.
    """
    with writing(collection):
        return await database[collection].find_one_and_delete({"_id": id_})


async def in_one_transaction(database: Database, work: Callable[[AsyncClientSession], Awaitable[Result]]) -> Result:
    """Do the work in one transaction; it is done again when somebody else was first."""
    async with database.client.start_session() as session:
        return await session.with_transaction(work)


class _once:  # noqa: N801 - reads as `with writing(...), _once(...)`
    """Turns what MongoDB says of a second record of the same key into AlreadyThere."""

    def __init__(self, collection: str) -> None:
        self._collection = collection

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, DuplicateKeyError):
            key = (error.details or {}).get("keyValue", {})
            raise AlreadyThere(f"{self._collection} has one with {key} already.") from error
