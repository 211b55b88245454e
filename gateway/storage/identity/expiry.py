"""Expiry: merge sets that nobody keeps by hand go, some time after the last interaction of any of their contacts.

Each contact stores when it expires by itself, as `expiresDate`; a merge set expires with the last of its contacts, and
never while one of them is curated or its root is the head of a merge. So only roots are looked at, by an index of
theirs, and of each the whole set.
"""

from collections.abc import AsyncIterator, Collection
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.contact import ContactType
from gateway.storage.database import Database, Row
from gateway.storage.identity.removal import (
    Counts,
    begin_removal,
    finish_removal,
    finish_removals,
    new_removal_id,
    removal_of,
)
from gateway.storage.keyset import Order, cursor_of
from gateway.storage.merge_heads import heads_among
from gateway.storage.pages import Listing, Window, page_of
from gateway.storage.reading import reading
from gateway.storage.records import in_one_transaction
from gateway.storage.writing import writing

SETS_AT_ONCE = 100
"""Merge sets that one transaction takes: most have one contact with a visit or two."""
EXPIRING = [ContactType.EPHEMERAL.value, ContactType.IDENTIFIED.value]
FIRST_EXPIRED_FIRST = Order((("expiresDate", 1), ("_id", 1)))
_NEEDED = {"identifiers": 1, "ancestors": 1, "type": 1, "expiresDate": 1}


async def expire(database: Database, now: datetime, limit: int | None = None) -> Counts:
    """Remove the merge sets that have expired by now, or `limit` of them, with what belongs to them.

    What earlier removals have left behind, erasures included, goes first. Returns how much was deleted.

    Raises:
        StorageError: MongoDB cannot take it now; what is done is done, and the next one goes on.
    """
    counts = await finish_removals(database)
    async for removed in sweep(database, now, limit):
        counts += removed
    return counts


async def sweep(database: Database, now: datetime, limit: int | None = None) -> AsyncIterator[Counts]:
    """Do as `expire`, and tell after each step how much it deleted.

    Raises:
        StorageError: as `expire`.
    """
    left = limit
    async for root_ids in _expired_roots(database, now):
        number, counts = await _remove(database, root_ids, now, left)
        yield counts
        if left is not None:
            left -= number
            if left <= 0:
                return


async def would_expire(database: Database, now: datetime) -> AsyncIterator[Counts]:
    """Tell step by step how much `expire` would delete of contacts, sessions and events; nothing is changed.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    async for root_ids in _expired_roots(database, now):
        with reading("contacts"):
            sets = await _expired_sets(database, root_ids, now)
        contact_ids = [row["_id"] for rows in sets for row in rows]
        counts = Counts({"contacts": len(contact_ids)})
        for collection in ("sessions", "events"):
            with reading(collection):
                theirs = {"contactId": {"$in": contact_ids}}
                counts[collection] = await database[collection].count_documents(theirs)
        yield counts


async def _expired_roots(database: Database, now: datetime) -> AsyncIterator[list[str]]:
    after = None
    while True:
        listing = Listing("contacts", FIRST_EXPIRED_FIRST, filter=_expired(now))
        page = await page_of(database, listing, Window(SETS_AT_ONCE, after))
        if page.rows:
            yield [row["_id"] for row in page.rows]
        if not page.has_next:
            return
        after = cursor_of(page.rows[-1], FIRST_EXPIRED_FIRST)


def _expired(now: datetime) -> Row:
    """Return the condition that a contact is a root and has expired by itself; `ancestors` is for the index."""
    return {"ancestors": None, "type": {"$in": EXPIRING}, "expiresDate": {"$lte": now}}


async def _remove(
    database: Database, root_ids: Collection[str], now: datetime, limit: int | None
) -> tuple[int, Counts]:
    """Remove those of these merge sets that have expired; return how many, and how much was deleted."""
    removal_id = new_removal_id()

    async def work(session: AsyncClientSession) -> int:
        sets = (await _expired_sets(database, root_ids, now, session))[:limit]
        members = [row for rows in sets for row in rows]
        if members:
            await begin_removal(database, removal_of(removal_id, members, now, actor=None), session)
        return len(sets)

    with writing("the removal of what has expired"):
        number = await in_one_transaction(database, work)
    return number, await finish_removal(database, removal_id) if number else Counts()


async def _expired_sets(
    database: Database, root_ids: Collection[str], now: datetime, session: AsyncClientSession | None = None
) -> list[list[Row]]:
    """Return the contacts of those of these merge sets that have expired as a whole."""
    these = {"$in": list(root_ids)}
    contacts = database["contacts"]
    roots = contacts.find({"_id": these, **_expired(now)}, _NEEDED, session=session)
    sets = {row["_id"]: [row] async for row in roots}
    async for row in contacts.find({"ancestors": these}, _NEEDED, session=session):
        sets.get(row["ancestors"][-1], []).append(row)
    heads = await heads_among(database, sets, session)
    return [rows for id_, rows in sets.items() if id_ not in heads and all(_has_expired(row, now) for row in rows)]


def _has_expired(row: Row, now: datetime) -> bool:
    expires = row.get("expiresDate")
    return row["type"] in EXPIRING and expires is not None and expires <= now
