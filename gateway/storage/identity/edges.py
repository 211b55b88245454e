"""Edges as they are stored, and with them the `ancestors` of contacts: joined and cut as `identity_forest` says.

Every function works in the transaction of its caller, who has read in it what the edges follow from. Two transactions
that join or part the same trees write the same contacts, the child, its parent and the root above both: so they
collide inside MongoDB, and the one that runs again finds what the other has done.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo import ReplaceOne, UpdateMany
from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.identity import Edge
from gateway.storage.database import Database, Row
from gateway.storage.documents.identity_edge import edge_row


@dataclass(frozen=True, slots=True)
class Attachment:
    """An edge to make, and what its parent stands below when it is made, from the parent's parent up to the root."""

    edge: Edge
    parent_ancestors: tuple[str, ...] = ()

    @property
    def path(self) -> tuple[str, ...]:
        """What the child stands below from now on."""
        return (self.edge.parent_id, *self.parent_ancestors)


async def attach(database: Database, attachments: Sequence[Attachment], session: AsyncClientSession) -> None:
    """Make these edges, in this order: each child goes below its parent, with everything that stands below it.

    All of their contacts are stored before. Two commands, however many edges. An edge that was undone is made anew; one
    that is in force already, or a child that has a parent, makes MongoDB refuse all of it.
    """
    if not attachments:
        return
    await make(database, attachments, session)
    await database["contacts"].bulk_write(moves(attachments), session=session)


async def make(database: Database, attachments: Sequence[Attachment], session: AsyncClientSession) -> None:
    """Store the edges alone: for who writes `moves` together with what else contacts have to change."""
    await database["identityEdges"].bulk_write([_made(one.edge) for one in attachments], session=session)


def moves(attachments: Iterable[Attachment]) -> list[UpdateMany]:
    """Return the ordered writes that put the contacts in their places."""
    return [write for one in attachments for write in _moves(one)]


async def detach(database: Database, edges: Sequence[Edge], session: AsyncClientSession) -> None:
    """Part these edges, given as undone, in this order: each child is a root again, with everything below it."""
    if not edges:
        return
    roots = await roots_of(database, [edge.child_id for edge in edges], session)
    undone = [ReplaceOne({"_id": edge.id}, edge_row(edge)) for edge in edges]
    await database["identityEdges"].bulk_write(undone, session=session)
    cuts = [write for edge in edges for write in _cuts(edge, roots)]
    await database["contacts"].bulk_write(cuts, session=session)


async def touch(database: Database, ids: Iterable[str], at: datetime, session: AsyncClientSession) -> int:
    """Have this transaction collide with every other that joins or parts these contacts; return how many there are."""
    touched = await database["contacts"].update_many(*_touch(ids, at), session=session)
    return int(touched.matched_count)


async def roots_of(database: Database, ids: Collection[str], session: AsyncClientSession) -> dict[str, str]:
    """Return the roots of those of these contacts that are there, by contact."""
    rows = database["contacts"].find({"_id": {"$in": list(ids)}}, {"ancestors": 1}, session=session)
    return {row["_id"]: [row["_id"], *row.get("ancestors", ())][-1] async for row in rows}


def _made(edge: Edge) -> ReplaceOne[Row]:
    return ReplaceOne({"_id": edge.id, "undoneDate": {"$exists": True}}, edge_row(edge), upsert=True)


def _moves(attachment: Attachment) -> Iterator[UpdateMany]:
    edge, path = attachment.edge, list(attachment.path)
    longer = {"$concatArrays": [{"$ifNull": ["$ancestors", []]}, {"$literal": path}]}
    yield UpdateMany(_tree(edge.child_id), [{"$set": {"ancestors": longer}}])
    yield UpdateMany(*_touch((edge.child_id, edge.parent_id, path[-1]), edge.made_date))


def _cuts(edge: Edge, roots: dict[str, str]) -> Iterator[UpdateMany]:
    child = {"$literal": edge.child_id}
    up_to_child = {"$slice": ["$ancestors", {"$add": [{"$indexOfArray": ["$ancestors", child]}, 1]}]}
    shorter = {"$cond": [{"$eq": ["$_id", child]}, "$$REMOVE", up_to_child]}
    yield UpdateMany(_tree(edge.child_id), [{"$set": {"ancestors": shorter}}])
    at = edge.undone_date or edge.made_date
    yield UpdateMany(*_touch((edge.child_id, edge.parent_id, roots[edge.child_id]), at))


def _tree(contact_id: str) -> Row:
    return {"$or": [{"_id": contact_id}, {"ancestors": contact_id}]}


def _touch(ids: Iterable[str], at: datetime) -> tuple[Row, list[Row]]:
    """Return a change which is one also for contacts touched in the same millisecond: MongoDB passes over others."""
    later = {"$max": [at, {"$add": ["$edgesChangedDate", 1]}]}
    return {"_id": {"$in": list(ids)}}, [{"$set": {"edgesChangedDate": later}}]
