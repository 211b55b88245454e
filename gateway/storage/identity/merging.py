"""Merging contacts below a new one, and undoing it, each in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.division import check_same
from gateway.journey.errors import InvalidValue, UnknownMerge
from gateway.journey.identity import Cause
from gateway.journey.identity_forest import merge, unmerge
from gateway.journey.ids import derive_id
from gateway.journey.merge_fields import merged_head
from gateway.storage.audit_log import AuditAction, AuditEntry, record
from gateway.storage.database import Database, Row
from gateway.storage.documents.contact import contact_row
from gateway.storage.documents.identity_edge import IN_FORCE
from gateway.storage.identity.trees import read_trees, write_trees
from gateway.storage.records import in_one_transaction
from gateway.storage.writing import writing

FEWEST, MOST = 2, 25
"""Contacts that are merged at once; how large a merge set can grow is not limited."""


@dataclass(frozen=True, slots=True)
class MergeWanted:
    """Contacts to merge, aliases standing for their roots, under the id of the merge; values given here win.

    With `apart` they must be of the same divisions: what is copied to the head is seen by all who see that.
    """

    id: str
    contact_ids: Sequence[str]
    value_override: Mapping[str, object]
    cause: Cause
    apart: bool = False


async def merge_contacts(database: Database, wanted: MergeWanted) -> Row:
    """Put the merge sets of these contacts below a new one, the canonical contact, and return it as it is stored.

    Raises:
        InvalidValue: they are less than 2 or more than 25.
        UnknownContact: one of them is not there.
        SameCustomer: they are one customer already.
        DifferentDivisions: their divisions keep them apart.
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> Row:
        return await merge_within(database, wanted, session)

    with writing("a merge"):
        return await in_one_transaction(database, work)


async def merge_within(database: Database, wanted: MergeWanted, session: AsyncClientSession) -> Row:
    """Do the same in the transaction of the caller.

    Raises:
        InvalidValue, UnknownContact, SameCustomer, DifferentDivisions: as `merge_contacts`.
    """
    ids = tuple(dict.fromkeys(wanted.contact_ids))
    if not FEWEST <= len(ids) <= MOST:
        raise InvalidValue("contactIds", len(ids), f"the ids of {FEWEST} to {MOST} different contacts")
    trees = await read_trees(database, ids, session)
    head_id = derive_id("head", wanted.id)
    after = merge(trees.forest, wanted.id, head_id, ids, wanted.cause)
    members = [trees.contacts[id_] for id_ in after.members_of(head_id) if id_ != head_id]
    if wanted.apart:
        check_same([contact.division_ids for contact in members])
    head = merged_head(head_id, members, wanted.value_override, wanted.cause.made_date)
    await database["contacts"].insert_one(contact_row(head), session=session)
    (row,) = await write_trees(database, trees.forest, after, session)
    await record(database, _entry(wanted, (head_id, *ids)), session)
    return row


async def unmerge_contacts(database: Database, merge_id: str, by: str, at: datetime) -> list[Row]:
    """Undo a merge, and return the contacts that are customers of their own again, as they are stored.

    Raises:
        UnknownMerge: it is not in force.
        MergeConflict: its head was merged or linked since.
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> list[Row]:
        part = await database["identityEdges"].find_one({"mergeId": merge_id, **IN_FORCE}, session=session)
        if part is None:
            raise UnknownMerge(merge_id)
        trees = await read_trees(database, [part["childId"]], session)
        rows = await write_trees(database, trees.forest, unmerge(trees.forest, merge_id, by, at), session)
        ids = tuple(row["_id"] for row in rows)
        await record(database, AuditEntry(at, by, AuditAction.UNMERGED, ids, {"mergeId": merge_id}), session)
        return rows

    with writing("the end of a merge"):
        return await in_one_transaction(database, work)


def _entry(wanted: MergeWanted, ids: tuple[str, ...]) -> AuditEntry:
    details = {"mergeId": wanted.id, "valueOverride": sorted(wanted.value_override)}
    return AuditEntry(wanted.cause.made_date, wanted.cause.made_by, AuditAction.MERGED, ids, details)
