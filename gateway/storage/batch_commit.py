"""The batch commit: what intake reads and writes, once for a whole batch, in one transaction."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import TypeVar

from pymongo import InsertOne, UpdateMany, UpdateOne, timeout
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from gateway.journey.contact import Contact, ContactType, contact_id_of
from gateway.journey.directory import MergeSet
from gateway.journey.identity import Party, kind_of
from gateway.journey.session import Session
from gateway.storage.batch_changes import Changes
from gateway.storage.contact_search_keys import WITHOUT_SEARCH_FIELDS, refresh_search_keys, search_fields
from gateway.storage.database import Database, Row
from gateway.storage.documents.contact import contact_row
from gateway.storage.documents.event import event_row
from gateway.storage.documents.session import first_revision, session_changes, session_row
from gateway.storage.errors import DocumentRefused, NotStored
from gateway.storage.identity.contact_divisions import also_of
from gateway.storage.identity.edges import make, moves
from gateway.storage.identity.parties import contacts_by_id, parties_of, registered, undone_links
from gateway.storage.identity.register import Key, register
from gateway.storage.known_sessions import KnownSession, KnownSessions
from gateway.storage.orphans import end_orphans
from gateway.storage.visitor_sessions import Snapshot, sessions_of_visitors

Result = TypeVar("Result")
DUPLICATE_KEY = 11000
OF_THE_DOCUMENT = frozenset({2, 14, 52, 57, 121, 10334})
"""Codes that blame what a document contains: BadValue, TypeMismatch, DollarPrefixedFieldName, DottedFieldName,
DocumentValidationFailure, BSONObjectTooLarge. Others, such as OutOfDiskSpace, pass."""
ATTEMPTS = 5
"""Times that a batch is tried in which an event turns out to be stored already; after the first it is looked for."""
COMMIT_SECONDS = 8.0
"""How long a batch may take, with every retry, before its senders are asked to come back."""
PATIENCE_SECONDS = 1.0
"""For so long a batch gives way to others; then it looks whether they are alive."""


class BatchTransaction:
    """One transaction of intake: reads see one snapshot, writes are there together or not at all.

    Two processes that touch the same visitor collide inside MongoDB, and one of them runs its batch again.
    """

    def __init__(
        self, database: Database, session: AsyncClientSession, known: KnownSessions, *, has_repeats: bool
    ) -> None:
        self._database = database
        self._session = session
        self._known = known
        self._sessions: dict[str, KnownSession] = {}
        #: Whether some event is known to be stored already. Few batches have one, and MongoDB refuses those that do.
        self.has_repeats = has_repeats
        #: The sessions that were written, as they are once the transaction is committed.
        self.written: list[KnownSession] = []

    async def known_events(self, ids: Sequence[str]) -> set[str]:
        """Return which of these events are stored already."""
        cursor = self._database["events"].find({"_id": {"$in": list(ids)}}, {"_id": 1}, session=self._session)
        return {row["_id"] async for row in cursor}

    async def sessions(
        self, customer_ids: Sequence[str], since: datetime, *, with_visit: bool = False
    ) -> dict[str, list[Session]]:
        """Return the sessions of these visitors whose last event came after `since`, by first contact.

        What is known of the visit is left behind unless it is asked for: events only ever add to it.
        """
        snapshot = Snapshot(self._database, self._session)
        self._sessions = await sessions_of_visitors(snapshot, customer_ids, since, self._known, with_visit=with_visit)
        found: dict[str, list[Session]] = {}
        for session, _, _ in self._sessions.values():
            visitor = contact_id_of(session.customer_id_type, session.customer_id)
            found.setdefault(visitor, []).append(session)
        return found

    async def contacts(self, ids: Sequence[str]) -> dict[str, Contact]:
        """Return the contacts of these ids that exist, by id."""
        return await contacts_by_id(self._database, ids, self._session)

    async def parties(self, contacts: Iterable[Contact]) -> dict[str, Party]:
        """Return these contacts with the roots of their merge sets, by id."""
        return await parties_of(self._database, contacts, self._session)

    async def registered(self, keys: Collection[Key]) -> dict[Key, str]:
        """Return the ids of the contacts that hold these identifiers, by type and value in normal form."""
        return await registered(self._database, keys, self._session)

    async def undone_links(self, child_ids: Collection[str]) -> set[str]:
        """Return the ids of the links that were made to these contacts and undone by somebody."""
        return await undone_links(self._database, child_ids, self._session)

    async def write(self, changes: Changes) -> None:
        """Write everything that the batch leaves behind; one command a collection and kind of write."""
        await self.write_visits(changes)
        await self.write_contacts(changes)

    async def write_visits(self, changes: Changes) -> None:
        """Write the events and the sessions, each with what is predicted."""
        if not changes.steps:
            return
        await self._database["events"].insert_many(
            [event_row(*told) for told in changes.told_steps], ordered=False, session=self._session
        )
        await self._write_sessions(changes)

    async def write_contacts(self, changes: Changes) -> None:
        """Write the contacts, and whom they are joined to; nothing of it depends on what is predicted."""
        if not changes.contacts:
            return
        writes: list[UpdateOne | UpdateMany] = [*_contact_writes(changes), *moves(changes.edges)]
        # whoever sees a contact sees those that stand for it
        writes += (also_of(one.ancestors, one.division_ids) for one in changes.seen_elsewhere if one.ancestors)
        await self._database["contacts"].bulk_write(writes, ordered=bool(changes.edges), session=self._session)
        if changes.claims:
            await register(self._database, changes.claims, self._session)
        if changes.edges:
            await make(self._database, changes.edges, self._session)
        if unknown := changes.roots_found_otherwise - changes.merge_sets.keys():
            await refresh_search_keys(self._database, unknown, self._session)

    async def _write_sessions(self, changes: Changes) -> None:
        opened = {step.session.id: step.event.received_date for step in changes.steps if step.opened_session}
        writes: list[InsertOne[Row] | UpdateOne] = []
        for session in changes.sessions:
            if (before := changes.sessions_before.get(session.id)) is None:
                now = KnownSession(session, first_revision(opened[session.id]), has_visit=True)
                writes.append(InsertOne(session_row(session) | {"revision": now.revision}))
            else:
                now = _known_after(self._sessions[session.id], session)
                writes.append(UpdateOne({"_id": session.id}, {"$set": session_changes(before, session)}))
            self.written.append(now)
        await self._database["sessions"].bulk_write(writes, ordered=False, session=self._session)


def _known_after(read: KnownSession, after: Session) -> KnownSession:
    """Return what is known of a stored session once it is as given; a visit that has grown is read when asked for."""
    return KnownSession(after, read.revision, read.has_visit and after.visit is read.session.visit)


def _contact_writes(changes: Changes) -> Iterator[UpdateOne]:
    """Return the writes of the contacts; then of what roots are found by, unless it went with their own write."""
    found = {
        root_id: _found_by(changes.merge_sets[root_id])
        for root_id in changes.roots_found_otherwise & changes.merge_sets.keys()
    }
    for change in changes.contacts:
        contact, row = change.after, change.news
        is_known = contact.type is not ContactType.EPHEMERAL
        seen = {"$max": {"lastSeenDate": contact.modified_date}} if is_known else {}
        own = found.pop(contact.id, None) or (dict(seen) if contact.root_id == contact.id else {})
        row |= own.pop("$set", {})
        own |= {"$set": row} if row else {}
        if own:
            yield UpdateOne({"_id": contact.id}, own, upsert=change.before is None)
        if is_known and contact.root_id != contact.id and contact.root_id not in found:
            yield UpdateOne({"_id": contact.root_id}, seen)
    yield from (UpdateOne({"_id": root_id}, write) for root_id, write in found.items())
    yield from (UpdateOne({"_id": attached.edge.child_id}, WITHOUT_SEARCH_FIELDS) for attached in changes.edges)


def _found_by(one: MergeSet) -> Row:
    """Return the write that makes the root of a merge set be found by all of its contacts."""
    rows = [contact_row(contact) for contact in (one.root, *one.merged)]
    kind = kind_of(one.root.type, is_head=one.is_head)
    write = {"$set": search_fields(kind.value, rows[0], rows[1:])}
    return write | ({"$max": {"lastSeenDate": one.last_seen_date}} if one.last_seen_date else {})


Work = Callable[[BatchTransaction], Awaitable[Result]]
"""What is done in a transaction of intake."""


async def in_transaction(database: Database, work: Work[Result], known: KnownSessions | None = None) -> Result:
    """Run the work in one majority-committed, journaled transaction; it runs again when another process was first.

    `known` are the sessions that need not be read where they have not changed; those that the work leaves behind are
    known once it is committed.

    Raises:
        NotStored: MongoDB cannot take it now; nothing was stored.
        DocumentRefused: MongoDB will never take one of the documents; nothing was stored.
    """
    sessions = KnownSessions() if known is None else known
    for number in range(ATTEMPTS - 1):
        with suppress(_AlreadyThere):
            return await _attempt(database, work, sessions, has_repeats=number > 0)
    return await _attempt(database, work, sessions, has_repeats=True)


async def _attempt(database: Database, work: Work[Result], known: KnownSessions, *, has_repeats: bool) -> Result:
    try:
        return await _transact(database, work, known, has_repeats=has_repeats)
    except BulkWriteError as error:
        reasons = {failed["errmsg"] for failed in error.details.get("writeErrors", ())}
        kind = next((kind for kind, codes in REFUSALS if _failed_with(error, codes)), NotStored)
        raise kind(f"MongoDB refuses the batch: {'; '.join(sorted(reasons)) or error.code}"[:1000]) from error
    except PyMongoError as error:
        raise NotStored(f"MongoDB could not store the batch: {error}") from error


async def _transact(database: Database, work: Work[Result], known: KnownSessions, *, has_repeats: bool) -> Result:
    begun = monotonic()
    last: list[BatchTransaction] = []

    async def attempt(session: AsyncClientSession) -> Result:
        if monotonic() - begun > PATIENCE_SECONDS:
            await end_orphans(database.client)
        last[:] = [BatchTransaction(database, session, known, has_repeats=has_repeats)]
        return await work(last[0])

    # Without it the driver tries for two minutes: while no server is there, and while one is silent.
    with timeout(COMMIT_SECONDS):
        async with database.client.start_session() as session:
            result = await session.with_transaction(
                attempt,
                read_concern=ReadConcern("snapshot"),
                write_concern=WriteConcern("majority", j=True),
            )
    known.remember(last[0].written)  # only here it is sure that the last attempt is committed
    return result


class _AlreadyThere(DocumentRefused):
    """Raised when an event is stored already: it came in before, or through another process at this moment."""


REFUSALS = ((_AlreadyThere, frozenset({DUPLICATE_KEY})), (DocumentRefused, OF_THE_DOCUMENT))


def _failed_with(error: BulkWriteError, codes: AbstractSet[int]) -> bool:
    return any(failed["code"] in codes for failed in error.details.get("writeErrors", ()))
