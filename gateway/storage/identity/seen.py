"""Contacts as somebody sees them, where divisions keep their contacts apart: as if the others did not exist."""

from collections.abc import Collection, Iterable, Sequence

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.storage.database import Database, Row
from gateway.storage.reading import reading
from gateway.storage.rows import rows_by_id
from gateway.storage.sight import EVERYTHING, Sight


async def contacts_seen(database: Database, ids: Sequence[str], sight: Sight = EVERYTHING) -> dict[str, Row]:
    """Return the contacts of these ids, by id, as they are seen."""
    found = await rows_by_id(database, "contacts", ids, sight)
    if not sight.hides_contacts:
        return found
    return {row["_id"]: row for row in await as_seen(database, found.values(), sight)}


async def as_seen(
    database: Database, rows: Iterable[Row], sight: Sight, session: AsyncClientSession | None = None
) -> list[Row]:
    """Return those of these contacts that are seen, each below those of its ancestors alone that are seen."""
    if not sight.hides_contacts:
        return list(rows)
    those = [row for row in rows if sight.sees_contact(row)]
    above = await seen_among(database, {id_ for row in those for id_ in row.get("ancestors", ())}, sight, session)
    return [_below(row, above) if "ancestors" in row else row for row in those]


async def edges_are_seen(database: Database, edges: Row, sight: Sight) -> bool:
    """Tell whether every contact at the edges that meet this condition is seen."""
    if not sight.hides_contacts:
        return True
    with reading("identityEdges"):
        rows = await database["identityEdges"].find(edges, {"childId": 1, "parentId": 1}).to_list()
    ends = {id_ for row in rows for id_ in (row["childId"], row["parentId"])}
    return ends == await seen_among(database, ends, sight)


async def seen_among(
    database: Database, ids: Collection[str], sight: Sight, session: AsyncClientSession | None = None
) -> set[str]:
    """Return which of these contacts are seen; nobody is asked about nothing."""
    if not ids:
        return set()
    with reading("contacts"):
        wanted = {"_id": {"$in": list(ids)}, **sight.of("contacts")}
        cursor = database["contacts"].find(wanted, {"_id": 1}, batch_size=len(ids) + 1, session=session)
        return {row["_id"] async for row in cursor}


def _below(row: Row, seen: set[str]) -> Row:
    left = [id_ for id_ in row["ancestors"] if id_ in seen]
    others = {name: value for name, value in row.items() if name != "ancestors"}
    return others | ({"ancestors": left} if left else {})
