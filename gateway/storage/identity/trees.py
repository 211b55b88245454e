"""Trees of contacts: read into memory, where the pure functions of `identity_forest` change them, and written back.

So what a merge or its undoing means is said once, there. Everything happens in the transaction of the caller.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.contact import Contact
from gateway.journey.errors import UnknownContact
from gateway.journey.identity import Edge
from gateway.journey.identity_forest import Forest
from gateway.storage.contact_search_keys import SEARCH_FIELDS, refresh_search_keys
from gateway.storage.database import Database, Row
from gateway.storage.documents.contact import contact_from
from gateway.storage.documents.identity_edge import edge_from
from gateway.storage.identity.edges import Attachment, attach, detach, roots_of

_WITHOUT_SEARCH = dict.fromkeys(SEARCH_FIELDS, 0)


@dataclass(frozen=True, slots=True)
class Trees:
    """Whole merge sets as they are stored: their contacts, and every edge that was ever made between them."""

    contacts: Mapping[str, Contact]
    forest: Forest


async def read_trees(database: Database, contact_ids: Collection[str], session: AsyncClientSession) -> Trees:
    """Return the merge sets of these contacts.

    Raises:
        UnknownContact: one of them is not there.
    """
    ids = list(set((await known_roots(database, contact_ids, session)).values()))
    whole = {"$or": [{"_id": {"$in": ids}}, {"ancestors": {"$in": ids}}]}
    rows = database["contacts"].find(whole, _WITHOUT_SEARCH, session=session)
    contacts = {row["_id"]: contact_from(row) async for row in rows}
    edges = await _edges_at(database, list(contacts), session)
    ancestors = {contact.id: contact.ancestors for contact in contacts.values()}
    return Trees(contacts, Forest(ancestors, {edge.id: edge for edge in edges}))


async def known_roots(database: Database, contact_ids: Collection[str], session: AsyncClientSession) -> dict[str, str]:
    """Return the roots of these contacts, by contact.

    Raises:
        UnknownContact: one of them is not there.
    """
    roots = await roots_of(database, contact_ids, session)
    for missing in (id_ for id_ in contact_ids if id_ not in roots):
        raise UnknownContact(missing)
    return roots


async def write_trees(database: Database, before: Forest, after: Forest, session: AsyncClientSession) -> list[Row]:
    """Write in what the two differ, and return the rows of the roots that the changed edges lead to now.

    New contacts are stored before. A head that has nothing below it any more is deleted, unless it holds something of
    its own by now: a note, a session, an identifier.
    """
    standing = dict.fromkeys(edge.id for edge in before.in_force())
    made = [edge for edge in after.in_force() if edge.id not in standing]
    undone = [after.edges[id_] for id_ in standing if not after.edges[id_].in_force]
    await detach(database, undone, session)
    await attach(database, [Attachment(edge, after.ancestors[edge.parent_id]) for edge in made], session)
    await _delete_empty(database, before.ancestors.keys() - after.ancestors.keys(), session)
    ends = [end for edge in (*made, *undone) for end in (edge.child_id, edge.parent_id)]
    return await refreshed(database, [after.root_of(end) if end in after.ancestors else end for end in ends], session)


async def refreshed(database: Database, root_ids: Iterable[str], session: AsyncClientSession) -> list[Row]:
    """Make what these roots are found by true again, and return the rows of those that are there, in this order."""
    roots = list(dict.fromkeys(root_ids))
    await refresh_search_keys(database, roots, session)
    found = database["contacts"].find({"_id": {"$in": roots}}, session=session)
    rows = {row["_id"]: row async for row in found}
    return [rows[id_] for id_ in roots if id_ in rows]


async def _edges_at(database: Database, ids: list[str], session: AsyncClientSession) -> list[Edge]:
    ends = {"$or": [{"childId": {"$in": ids}}, {"parentId": {"$in": ids}}]}
    rows = database["identityEdges"].find(ends, session=session)
    return sorted([edge_from(row) async for row in rows], key=lambda edge: (edge.made_date, edge.id))


async def _delete_empty(database: Database, ids: Collection[str], session: AsyncClientSession) -> None:
    """Delete those of these contacts that hold nothing of their own."""
    for id_ in ids:
        held = [await database[name].find_one({"contactId": id_}, {"_id": 1}, session=session) for name in _HOLDINGS]
        if not any(held):
            await database["contacts"].delete_one({"_id": id_, "identifiers": None}, session=session)


_HOLDINGS = ("notes", "sessions")
"""Collections of what people may have given to the head of a merge itself."""
