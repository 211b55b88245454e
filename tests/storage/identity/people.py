"""People for the tests of identity: contacts as intake would leave them, and what is read back of them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.contact import Contact, ContactType, held_identifier
from gateway.journey.event import Identifier
from gateway.journey.identity import Cause, Edge, Rule
from gateway.journey.identity_forest import Forest
from gateway.storage.database import Database
from gateway.storage.documents.contact import contact_from, contact_row
from gateway.storage.documents.identity_edge import edge_from
from gateway.storage.identity.parties import holders
from gateway.storage.identity.register import Registration, register
from gateway.storage.records import in_one_transaction

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
BY_JO = Cause(Rule.AGENT, "Jo", NOON)
SEARCH_FIELDS = ("searchWords", "searchKeys", "searchPlace", "edgesChangedDate", "lastSeenDate")


def person(
    id_: str,
    *claims: Identifier,
    day: int = 0,
    kind: ContactType | None = None,
    modified: int | None = None,
    **fields: object,
) -> Contact:
    """Return a contact that was created so many days after the first of May, and perhaps modified later."""
    created = NOON + timedelta(days=day)
    type_ = kind or (ContactType.IDENTIFIED if claims else ContactType.EPHEMERAL)
    return Contact(
        id=id_,
        created_date=created,
        modified_date=NOON + timedelta(days=day if modified is None else modified),
        expires_date=None if type_ is ContactType.CURATED else NOON + timedelta(days=day + 60),
        type=type_,
        identifiers=tuple(held_identifier(claim, created) for claim in claims),
        fields=fields,
        session_count=1,
    )


async def move_in(database: Database, *people: Contact) -> None:
    """Store these contacts, and enter their identifiers in the register."""
    rows = [contact_row(one) for one in people]
    await database["contacts"].insert_many(rows)
    entries = [Registration(*held.key, one.id, one.created_date) for one in people for held in one.identifiers]

    async def work(session: AsyncClientSession) -> None:
        await register(database, entries, session)

    await in_one_transaction(database, work)


async def visit(database: Database, contact_id: str, session_id: str, events: int = 2) -> None:
    """Store a session of this contact, and its events, as far as identity looks at them."""
    last = {"id": f"{session_id}0", "eventName": "page_viewed", "createdDate": NOON}
    row = {"_id": session_id, "contactId": contact_id, "customerId": "v", "createdDate": NOON, "lastEvent": last}
    await database["sessions"].insert_one(row)
    await happen(database, contact_id, session_id, range(events))


async def happen(database: Database, contact_id: str, session_id: str, numbers: Iterable[int]) -> None:
    """Store events of a session."""
    rows = [{"_id": f"{session_id}{n}", "sessionId": session_id, "contactId": contact_id} for n in numbers]
    await database["events"].insert_many(rows)


async def forest_of(database: Database) -> Forest:
    """Return the whole forest as it is stored."""
    edges = [edge_from(row) async for row in database["identityEdges"].find()]
    return Forest(
        {row["_id"]: tuple(row.get("ancestors", ())) async for row in database["contacts"].find()},
        {edge.id: edge for edge in edges},
    )


async def stored(database: Database, contact_id: str) -> Contact:
    """Return a contact as it is stored."""
    row = await database["contacts"].find_one({"_id": contact_id})
    assert row is not None
    return contact_from(row)


async def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return all that is stored of contacts and their visits, without what follows from it."""
    without = dict.fromkeys((*SEARCH_FIELDS, "revision"), 0)
    return {
        name: await database[name].find({}, without).sort("_id", 1).to_list()
        for name in ("contacts", "sessions", "events", "identifiers")
    }


async def holder_of(database: Database, key: tuple[str, str]) -> str | None:
    """Return who holds an identifier."""
    found = await holders(database, [key])
    return found[key].contact.id if found else None


async def found_by(database: Database, key: str) -> list[str]:
    """Return the contacts to which a search key leads."""
    return [row["_id"] async for row in database["contacts"].find({"searchKeys": key}).sort("_id", 1)]


async def audited(database: Database) -> list[tuple[str, str, set[str]]]:
    """Return the entries of the audit log: actor, action, contacts."""
    rows = await database["auditLog"].find().sort("_id", 1).to_list()
    return [(row["actor"], row["action"], set(row["contactIds"])) for row in rows]


def parents(edges: Iterable[Edge]) -> dict[str, str]:
    """Return which contact each of these edges puts below which."""
    return {edge.child_id: edge.parent_id for edge in edges}
