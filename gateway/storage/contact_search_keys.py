"""What contacts are found by, as it is stored: `searchWords`, `searchKeys`, `searchPlace`, and the index over them.

Only the root of a merge set has them, and for everything merged into it, so that an alias leads to its root, once.
Visitors whom nobody knows have none: they cost nothing here. `lastSeenDate` of a root is that of its whole set, to the
hour for those who expire, else to the session.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.contact import ContactType
from gateway.journey.search_keys import KINDS, Record, place_of, readings_of, search_terms
from gateway.storage.database import Database, Row
from gateway.storage.merge_heads import heads_among

SEARCH_FIELDS = ("searchWords", "searchKeys", "searchPlace")
WITHOUT_SEARCH_FIELDS = {"$unset": dict.fromkeys(SEARCH_FIELDS, "")}


def search_fields(kind: str, root: Row, merged: Sequence[Row] = ()) -> Row:
    """Return the search fields of a root, given its row and those of the contacts merged into it; none if ephemeral."""
    if kind not in KINDS:
        return {}
    terms = search_terms(map(_record, (root, *merged)))
    place = place_of(kind, root["createdDate"], root["_id"])
    return {"searchWords": list(terms.words), "searchKeys": list(terms.keys), "searchPlace": place}


def is_found(text: str, rows: Sequence[Row]) -> bool:
    """Tell whether a search finds contacts that are one customer, by what these rows hold; every row is compared."""
    if not text.strip():
        return True
    terms = search_terms(map(_record, rows))
    return any(
        reading.whole in terms.keys if reading.whole is not None else _has_all(terms.words, reading.words)
        for reading in readings_of(text)
    )


async def refresh_search_keys(
    database: Database, root_ids: Collection[str], session: AsyncClientSession | None = None
) -> None:
    """Make what these roots are found by true again, after one of their contacts or edges has changed.

    Pass every root that the change leaves: after an undone edge both. A contact that is no root any more loses its
    keys, as do those merged into a root. Three commands at most, whatever the number of roots.
    """
    sets = await _merge_sets(database, root_ids, session)
    heads = await heads_among(database, [root for root, rows in sets.items() if len(rows) > 1], session)
    writes = [write for root, rows in sets.items() for write in _writes(root, rows, is_head=root in heads)]
    if writes:
        await database["contacts"].bulk_write(writes, ordered=False, session=session)


async def _merge_sets(
    database: Database, root_ids: Collection[str], session: AsyncClientSession | None
) -> dict[str, list[Row]]:
    """Return the rows of each merge set by its root's id, each with the date of its newest session's last event."""
    wanted = list(root_ids)
    newest = [{"$sort": {"createdDate": -1, "_id": -1}}, {"$limit": 1}, {"$project": {"at": "$lastEvent.createdDate"}}]
    sessions = {"from": "sessions", "localField": "_id", "foreignField": "contactId", "pipeline": newest, "as": "seen"}
    pipeline: list[Row] = [
        {"$match": {"$or": [{"_id": {"$in": wanted}}, {"ancestors": {"$in": wanted}}]}},
        {"$lookup": sessions},
    ]
    sets: dict[str, list[Row]] = defaultdict(list)
    async for row in await database["contacts"].aggregate(pipeline, session=session):
        sets[_root_of(row)].append(row)
    return sets


def _writes(root_id: str, rows: Sequence[Row], *, is_head: bool) -> list[UpdateOne]:
    merged = sorted((row for row in rows if row["_id"] != root_id), key=lambda row: (row["createdDate"], row["_id"]))
    writes = [UpdateOne({"_id": row["_id"]}, WITHOUT_SEARCH_FIELDS) for row in merged if "searchPlace" in row]
    root = next((row for row in rows if row["_id"] == root_id), None)
    if root is not None:
        fields = search_fields("CANONICAL" if is_head else root["type"], root, merged) | _last_seen(rows)
        if any(root.get(name) != value for name, value in fields.items()):
            writes.append(UpdateOne({"_id": root_id}, {"$set": fields}))
        elif "searchPlace" in root and "searchPlace" not in fields:
            writes.append(UpdateOne({"_id": root_id}, WITHOUT_SEARCH_FIELDS))
    return writes


def _last_seen(rows: Sequence[Row]) -> Row:
    dates = [session["at"] for row in rows for session in row["seen"]]
    known = any(row["type"] != ContactType.EPHEMERAL.value for row in rows)
    return {"lastSeenDate": max(dates)} if dates and known else {}


def _has_all(words: Sequence[str], wanted: Sequence[str]) -> bool:
    return all(any(word.startswith(beginning) for word in words) for beginning in wanted)


def _root_of(row: Row) -> str:
    ancestors = row.get("ancestors")
    return str(ancestors[-1] if ancestors else row["_id"])


def _record(row: Mapping[str, object]) -> Record:
    held = row.get("identifiers")
    pairs = tuple((str(one["type"]), str(one["value"])) for one in held) if isinstance(held, list) else ()
    return Record(row, pairs)
