"""The batch commit: what intake reads and writes, once for a whole batch, in one transaction."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pymongo import InsertOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from gateway.journey.advance import Step
from gateway.journey.contact import Contact
from gateway.journey.session import Session
from gateway.storage.database import Database, Row
from gateway.storage.documents.contact import contact_from, contact_row
from gateway.storage.documents.event import event_row
from gateway.storage.documents.session import VISIT_PARTS, session_changes, session_from, session_row
from gateway.storage.errors import DocumentRefused, NotStored

Result = TypeVar("Result")
DUPLICATE_KEY = 11000
WITHOUT_VISIT = dict.fromkeys(VISIT_PARTS.values(), 0)
COMMIT_TIMEOUT_MS = 10_000
"""How long a commit may wait for the majority before it counts as failed and is tried again."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a batch leaves behind: its events as steps, and the last state of each session and contact it touched.

    `sessions_before` holds the sessions that are stored already, by id, as they were read.
    """

    steps: Sequence[Step]
    sessions: Iterable[Session]
    sessions_before: Mapping[str, Session]
    contacts: Iterable[Contact]


class BatchTransaction:
    """One transaction of intake: reads see one snapshot, writes are there together or not at all.

    Two processes that touch the same visitor collide inside MongoDB, and one of them runs its batch again.
    """

    def __init__(self, database: Database, session: AsyncClientSession) -> None:
        self._database = database
        self._session = session

    async def known_events(self, ids: Sequence[str]) -> set[str]:
        """Return which of these events are stored already."""
        cursor = self._database["events"].find({"_id": {"$in": list(ids)}}, {"_id": 1}, session=self._session)
        return {row["_id"] async for row in cursor}

    async def sessions(self, customer_ids: Sequence[str], since: datetime) -> dict[str, list[Session]]:
        """Return the sessions of these visitors whose last event came after `since`, by contact id.

        What is known of the visit is left behind: events only ever add to it.
        """
        near = {"customerId": {"$in": list(customer_ids)}, "activeDate": {"$gt": since}}
        found: dict[str, list[Session]] = {}
        # While nobody is there MongoDB prefers the index `active`, and would stick to it for a while when many come.
        async for row in self._database["sessions"].find(near, WITHOUT_VISIT, hint="visitor", session=self._session):
            found.setdefault(row["contactId"], []).append(session_from(row))
        return found

    async def contacts(self, ids: Sequence[str]) -> dict[str, Contact]:
        """Return the contacts of these ids that exist, by id."""
        cursor = self._database["contacts"].find({"_id": {"$in": list(ids)}}, session=self._session)
        return {row["_id"]: contact_from(row) async for row in cursor}

    async def write(self, changes: Changes) -> None:
        """Write everything that the batch leaves behind; one command a collection and kind of write."""
        if not changes.steps:
            return
        await self._database["events"].insert_many(
            [event_row(step) for step in changes.steps], ordered=False, session=self._session
        )
        writes = [_session_write(changes.sessions_before.get(session.id), session) for session in changes.sessions]
        await self._database["sessions"].bulk_write(writes, ordered=False, session=self._session)
        contacts = [_contact_write(contact) for contact in changes.contacts]
        if contacts:
            await self._database["contacts"].bulk_write(contacts, ordered=False, session=self._session)


def _session_write(before: Session | None, after: Session) -> InsertOne[Row] | UpdateOne:
    if before is None:
        return InsertOne(session_row(after))
    return UpdateOne({"_id": after.id}, {"$set": session_changes(before, after)})


def _contact_write(contact: Contact) -> UpdateOne:
    row = contact_row(contact)
    return UpdateOne({"_id": row.pop("_id")}, {"$set": row}, upsert=True)


async def in_transaction(database: Database, work: Callable[[BatchTransaction], Awaitable[Result]]) -> Result:
    """Run the work in one majority-committed, journaled transaction; it runs again when another process was first.

    Raises:
        NotStored: MongoDB cannot take it now; nothing was stored.
        DocumentRefused: MongoDB will never take one of the documents; nothing was stored.
    """
    try:
        return await _transact(database, work)
    except BulkWriteError as error:
        if not _is_repeat(error):
            raise DocumentRefused(f"MongoDB refuses a document: {_first_refusal(error)}") from error
        # The same message came in through another process at the same moment; by now it is known.
        return await in_transaction(database, work)
    except PyMongoError as error:
        raise NotStored(f"MongoDB could not store the batch: {error}") from error


async def _transact(database: Database, work: Callable[[BatchTransaction], Awaitable[Result]]) -> Result:
    async with database.client.start_session() as session:
        return await session.with_transaction(
            lambda session: work(BatchTransaction(database, session)),
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern("majority", j=True),
            max_commit_time_ms=COMMIT_TIMEOUT_MS,
        )


def _is_repeat(error: BulkWriteError) -> bool:
    return any(failed["code"] == DUPLICATE_KEY for failed in error.details.get("writeErrors", ()))


def _first_refusal(error: BulkWriteError) -> str:
    return next((failed["errmsg"] for failed in error.details.get("writeErrors", ())), str(error.code))
