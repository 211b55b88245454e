"""What an import asks and leaves behind: how far it came, and where its events ended up."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gateway.storage.database import Database, Row


class Place(NamedTuple):
    """Where an event ended up."""

    event_id: str
    session_id: str
    contact_id: str


async def import_by_id(database: Database, import_id: str) -> Row | None:
    """Return how far this import came, or None when there was none."""
    return await database["imports"].find_one({"_id": import_id})


async def save_import(database: Database, row: Mapping[str, Any]) -> None:
    """Store how far an import has come, in the place of what was stored before."""
    await database["imports"].replace_one({"_id": row["_id"]}, row, upsert=True)


async def places_of_events(database: Database, event_ids: Sequence[str]) -> list[Place]:
    """Return the session and the contact of each of these events that is stored."""
    wanted = database["events"].find({"_id": {"$in": list(event_ids)}}, {"sessionId": 1, "contactId": 1})
    return [Place(row["_id"], row["sessionId"], row["contactId"]) async for row in wanted]


async def stored_counts(database: Database) -> dict[str, int]:
    """Return how many events, contacts and sessions there are, by collection, as its own bookkeeping says.

    A sharded cluster may count a document twice while it moves.
    """
    names = ("events", "contacts", "sessions")
    return {name: await database[name].estimated_document_count() for name in names}
