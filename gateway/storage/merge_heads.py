"""Which contacts stand above a merge: what makes a contact canonical."""

from collections.abc import Collection

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.identity import EdgeKind
from gateway.storage.database import Database
from gateway.storage.documents.identity_edge import IN_FORCE


async def heads_among(
    database: Database, contact_ids: Collection[str], session: AsyncClientSession | None = None
) -> set[str]:
    """Return which of these contacts are the head of a merge in force; nobody is asked about nothing."""
    if not contact_ids:
        return set()
    merges = {"parentId": {"$in": list(contact_ids)}, "kind": EdgeKind.MERGE.value, **IN_FORCE}
    return set(await database["identityEdges"].distinct("parentId", merges, session=session))
