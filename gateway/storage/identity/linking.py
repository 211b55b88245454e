"""Links that people make between contacts, and undo, each in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.errors import DifferentDivisions, UnknownContact, UnknownEdge
from gateway.journey.identity import Cause, Party, are_divided, link_between
from gateway.journey.identity_forest import unlink
from gateway.storage.audit_log import AuditAction, AuditEntry, record
from gateway.storage.database import Database, Row
from gateway.storage.documents.identity_edge import IN_FORCE, edge_row
from gateway.storage.identity.edges import Attachment, attach
from gateway.storage.identity.parties import parties
from gateway.storage.identity.promotion import promote
from gateway.storage.identity.trees import read_trees, refreshed, write_trees
from gateway.storage.records import in_one_transaction
from gateway.storage.writing import writing


@dataclass(frozen=True, slots=True)
class Linked:
    """A link that was made, and the root of both contacts, as they are stored now."""

    edge: Row
    contact: Row


async def link_contacts(
    database: Database, contact_id: str, other_id: str, cause: Cause, *, apart: bool = False
) -> Linked:
    """Link two contacts that are one customer, and have that customer be kept; `apart` as in LinkPolicies.

    Which of the two goes below the other is decided as by `link_between`: the lighter merge set below the very contact
    of the weightier one.

    Raises:
        UnknownContact: one of them is not there.
        SameCustomer: they are one customer already.
        DifferentDivisions: their divisions keep them apart.
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> Linked:
        known = await parties(database, [contact_id, other_id], session)
        ends = [_known(known, id_) for id_ in (contact_id, other_id)]
        edge = link_between(ends[0], ends[1], cause)
        if apart and are_divided(ends[0], ends[1]):
            raise DifferentDivisions
        parent = next(end.contact for end in ends if end.contact.id == edge.parent_id)
        await attach(database, [Attachment(edge, parent.ancestors)], session)
        is_new = await promote(database, parent.root_id, cause.made_date, session)
        (root,) = await refreshed(database, [parent.root_id], session)
        ids = (edge.child_id, edge.parent_id)
        details = {"edgeId": edge.id, "promoted": is_new}
        await record(database, AuditEntry(cause.made_date, cause.made_by, AuditAction.LINKED, ids, details), session)
        return Linked(edge_row(edge), root)

    with writing("a link"):
        return await in_one_transaction(database, work)


async def unlink_contacts(database: Database, edge_id: str, by: str, at: datetime) -> list[Row]:
    """Undo a link, whoever made it, and return the roots of the two sides as they are stored now.

    Raises:
        UnknownEdge: it is not in force.
        MergeConflict: it is part of a merge.
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> list[Row]:
        edge = await database["identityEdges"].find_one({"_id": edge_id, **IN_FORCE}, session=session)
        if edge is None:
            raise UnknownEdge(edge_id)
        trees = await read_trees(database, [edge["childId"]], session)
        rows = await write_trees(database, trees.forest, unlink(trees.forest, edge_id, by, at), session)
        ids = (edge["childId"], edge["parentId"])
        await record(database, AuditEntry(at, by, AuditAction.UNLINKED, ids, {"edgeId": edge_id}), session)
        return rows

    with writing("the end of a link"):
        return await in_one_transaction(database, work)


def _known(known: dict[str, Party], contact_id: str) -> Party:
    try:
        return known[contact_id]
    except KeyError:
        raise UnknownContact(contact_id) from None
