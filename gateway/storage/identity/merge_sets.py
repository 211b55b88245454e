"""Merge sets as they are read: what stands below contacts, and everything that is one customer, now or at a moment."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from gateway.storage.as_of import Moment, rows_as_of, rows_now
from gateway.storage.contact_search_keys import SEARCH_FIELDS
from gateway.storage.database import Database, Row
from gateway.storage.documents.identity_edge import IN_FORCE
from gateway.storage.documents.registered_identifier import registered_id
from gateway.storage.identity.seen import as_seen
from gateway.storage.reading import reading
from gateway.storage.sight import EVERYTHING, Sight

MAX_MEMBERS = 1_000
"""Contacts of one merge set that are read; beyond it a script has given strangers the same identifier."""
MAX_CLAIMANTS = 25
MAX_EDGES = 1_000
"""Edges of one merge set that are told, those undone included."""


async def rows_below(database: Database, contact_ids: Sequence[str], sight: Sight = EVERYTHING) -> dict[str, list[Row]]:
    """Return by contact the rows of all that was merged into it and is seen, the oldest first; one command.

    A second one, where contacts are hidden, tells what of their ancestors is seen.
    """
    wanted = set(contact_ids)
    below: dict[str, list[Row]] = defaultdict(list)
    limit = MAX_MEMBERS * len(wanted)
    with reading("contacts"):
        found = {"ancestors": {"$in": list(wanted)}, **sight.of("contacts")}
        cursor = database["contacts"].find(found, dict.fromkeys(SEARCH_FIELDS, 0))
        rows = await cursor.limit(limit).batch_size(limit + 1).to_list()
    seen = await as_seen(database, rows, sight)
    for row in sorted(seen, key=lambda row: (row["createdDate"], row["_id"])):
        for ancestor in wanted.intersection(row.get("ancestors", ())):
            below[ancestor].append(row)
    return below


async def merge_set_now(database: Database, contact_id: str) -> tuple[frozenset[str], Moment]:
    """Return the ids of all that is one customer with this contact, and the moment of the last thing that happened."""
    found, moment = await rows_now(database, "contacts", _merge_set(contact_id))
    return _ids(contact_id, found), moment


async def merge_set_as_of(database: Database, contact_id: str, moment: Moment) -> frozenset[str]:
    """Return the ids of all that was one customer with this contact at that moment, itself included.

    Raises:
        PastLost: MongoDB no longer keeps that moment.
    """
    return _ids(contact_id, await rows_as_of(database, "contacts", _merge_set(contact_id), moment))


async def event_ids_as_of(database: Database, contact_ids: Collection[str], moment: Moment) -> list[str]:
    """Return the ids of the events that these contacts had at that moment, in the order in which they happened.

    Raises:
        PastLost: MongoDB no longer keeps that moment.
    """
    pipeline: list[Row] = [
        {"$match": {"contactId": {"$in": list(contact_ids)}}},
        {"$sort": {"createdDate": 1, "sequence": 1, "_id": 1}},
        {"$project": {"_id": 1}},
    ]
    return [row["_id"] for row in await rows_as_of(database, "events", pipeline, moment)]


async def edges_at(database: Database, contact_ids: Sequence[str]) -> list[Row]:
    """Return the edges that join or once joined these contacts to others, in the order in which they were made."""
    ids = list(contact_ids)
    with reading("identityEdges"):
        cursor = database["identityEdges"].find({"$or": [{"childId": {"$in": ids}}, {"parentId": {"$in": ids}}]})
        rows = await cursor.limit(MAX_EDGES).batch_size(MAX_EDGES + 1).to_list()
    return sorted(rows, key=lambda row: (row["madeDate"], row["_id"]))


async def session_links_of(database: Database, session_ids: Sequence[str]) -> list[Row]:
    """Return the moves of these sessions that nobody has undone."""
    moved = {"sessionId": {"$in": list(session_ids)}, **IN_FORCE}
    with reading("sessionLinks"):
        return await database["sessionLinks"].find(moved).batch_size(len(session_ids) + 1).to_list()


async def claimants_of(database: Database, identifier_type: str, value: str, sight: Sight = EVERYTHING) -> list[str]:
    """Return the ids of contacts that have an identifier, in normal form: the first created of each merge set.

    Of MAX_CLAIMANTS contacts at most, the first created; a careless script can give thousands the same identifier.
    """
    held = {"identifiers": {"$elemMatch": {"type": identifier_type, "value": value}}, **sight.of("contacts")}
    with reading("contacts"):
        fields = {"ancestors": 1, "divisionIds": 1}
        cursor = database["contacts"].find(held, fields).sort({"createdDate": 1, "_id": 1})
        rows = await cursor.limit(MAX_CLAIMANTS).to_list()
    seen = await as_seen(database, rows, sight)
    by_root = {[row["_id"], *row.get("ancestors", ())][-1]: row["_id"] for row in reversed(seen)}
    return list(by_root.values())


async def holder_id_of(database: Database, identifier_type: str, value: str, sight: Sight = EVERYTHING) -> str | None:
    """Return the id of the contact that holds an identifier, given in normal form, or None when nobody does.

    Where contacts are hidden it is held by the first of those seen that claim it.
    """
    if sight.hides_contacts:
        return next(iter(await claimants_of(database, identifier_type, value, sight)), None)
    with reading("identifiers"):
        row = await database["identifiers"].find_one({"_id": registered_id(identifier_type, value)}, {"contactId": 1})
    return None if row is None else str(row["contactId"])


def _merge_set(contact_id: str) -> list[Row]:
    below = {"from": "contacts", "localField": "root", "foreignField": "ancestors"}
    return [
        {"$match": {"_id": contact_id}},
        {"$project": {"root": {"$ifNull": [{"$last": "$ancestors"}, "$_id"]}}},
        {"$lookup": {**below, "pipeline": [{"$limit": MAX_MEMBERS}, {"$project": {"_id": 1}}], "as": "below"}},
    ]


def _ids(contact_id: str, found: Sequence[Row]) -> frozenset[str]:
    return frozenset(
        {contact_id, *(id_ for row in found for id_ in (row["root"], *(one["_id"] for one in row["below"])))}
    )
