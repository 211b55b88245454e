"""Contacts and sessions to search among, and the ids of who is found there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gateway.storage.contact_search import ContactSearch, contacts_found
from gateway.storage.contact_search_keys import refresh_search_keys
from gateway.storage.database import Database, Row
from gateway.storage.pages import Window

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ALL = Window(200)


def contact(id_: str, minutes: int = 0, kind: str = "IDENTIFIED", **fields: object) -> Row:
    """Return the row of a contact created so many minutes after noon; `email` and `phone` are identifiers."""
    held = {"Email": fields.pop("email", None), "Phone": fields.pop("phone", None), "Cookie": f"cookie of {id_}"}
    date = NOON + timedelta(minutes=minutes)
    identifiers = [{"type": type_, "value": value} for type_, value in held.items() if value]
    return {
        "_id": id_,
        "type": kind,
        "identifiers": identifiers,
        "sessionCount": 0,
        "createdDate": date,
        "modifiedDate": date,
        **fields,
    }


def session(contact_id: str, minutes: int) -> Row:
    date = NOON + timedelta(minutes=minutes)
    return {
        "_id": f"session of {contact_id} at {minutes}",
        "contactId": contact_id,
        "createdDate": date - timedelta(minutes=1),
        "lastEvent": {"createdDate": date},
    }


async def stored(database: Database, rows: Sequence[Row]) -> None:
    await database["contacts"].insert_many(rows)
    await refresh_search_keys(database, [str(row["_id"]) for row in rows])


async def found(database: Database, text: str = "", window: Window = ALL, **wanted: object) -> list[str]:
    page = await contacts_found(database, replace(ContactSearch(text), **wanted), window)  # type: ignore[arg-type]  # fields of the search, each test's own
    return [row["_id"] for row in page.rows]
