"""External organizations as they are stored, with what belongs to them, and how they are looked for."""

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.organization import searched_words
from gateway.storage.database import Database, Row
from gateway.storage.records import in_one_transaction
from gateway.storage.writing import writing

COLLECTION = "externalOrganizations"
BELONGING = ("notes", "relationships")
"""Collections whose rows go with their organization."""
NOTHING: Row = {"_id": None}
"""The condition that nothing meets: what was looked for has no word in it."""


def found_by(search: str | None) -> Row:
    """Return the condition for organizations whose name has words that begin so, all of them."""
    if search is None or not search.strip():
        return {}
    words = searched_words(search)
    return {"searchKeys": {"$all": words}} if words else NOTHING


async def delete_organization(database: Database, organization_id: str) -> Row | None:
    """Delete an organization with its notes and relationships; its contacts stay, and belong to none from then on.

    Returns it as it was, or None where there is none.

    Raises:
        NotStored: MongoDB cannot take it now.
    """
    of_it = {"externalOrganizationId": organization_id}

    async def work(session: AsyncClientSession) -> Row | None:
        deleted = await database[COLLECTION].find_one_and_delete({"_id": organization_id}, session=session)
        if deleted is not None:
            for collection in BELONGING:
                await database[collection].delete_many(of_it, session=session)
        return deleted

    with writing(COLLECTION):
        deleted = await in_one_transaction(database, work)
        if deleted is not None:
            # Not in the transaction, as thousands may belong to it; one that still names it is shown without.
            await database["contacts"].update_many(of_it, {"$unset": {"externalOrganizationId": ""}})
        return deleted
