"""What is hidden from whoever asks to change something: refused in the same words as what is not there."""

from collections.abc import Sequence

from gateway.graph.errors import Forbidden
from gateway.graph.loaders import ContactById
from gateway.graph.words import Info
from gateway.journey.errors import UnknownContact, UnknownEdge, UnknownMerge
from gateway.storage.identity.seen import edges_are_seen


async def check_contacts_seen(info: Info, contact_ids: Sequence[str]) -> None:
    """Make sure that these contacts, if they are there, are seen, with those that stand for them.

    Raises:
        UnknownContact: one is hidden.
    """
    if not info.context.sight.hides_contacts:
        return
    rows = await info.context.loader(ContactById).load_many(list(contact_ids))
    for id_, row in zip(contact_ids, rows, strict=True):
        if row is None:
            raise UnknownContact(id_)


async def check_link_seen(info: Info, edge_id: str) -> None:
    """Make sure that the contacts of a link, if it is there, are seen.

    Raises:
        UnknownEdge: one is hidden.
    """
    if not await edges_are_seen(info.context.database, {"_id": edge_id}, info.context.sight):
        raise UnknownEdge(edge_id)


async def check_merge_seen(info: Info, merge_id: str) -> None:
    """Make sure that the contacts of a merge, if it is there, are seen.

    Raises:
        UnknownMerge: one is hidden.
    """
    if not await edges_are_seen(info.context.database, {"mergeId": merge_id}, info.context.sight):
        raise UnknownMerge(merge_id)


def demand_all_divisions(info: Info, what: str) -> None:
    """Refuse what is about all divisions to those who see only some, whether there is anything to be hidden or not.

    Raises:
        Forbidden: they do.
    """
    if not info.context.sight.is_everything:
        raise Forbidden(f"{what} takes in what every division has: it needs a token that sees all divisions.")
