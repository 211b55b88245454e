"""Contacts with what must be known of their merge sets to join them: one command, however many are asked for."""

from collections.abc import Collection

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.identity import EdgeKind, Party
from gateway.storage.database import Database, Row
from gateway.storage.documents.contact import contact_from, identifier_from
from gateway.storage.documents.registered_identifier import registered_id
from gateway.storage.identity.register import Key


async def parties(
    database: Database, contact_ids: Collection[str], session: AsyncClientSession | None = None
) -> dict[str, Party]:
    """Return these contacts, as far as they exist, each with the root of its merge set; by contact id."""
    pipeline: list[Row] = [{"$match": {"_id": {"$in": list(contact_ids)}}}, *_WITH_ITS_SET]
    cursor = await database["contacts"].aggregate(pipeline, session=session)
    return {row["_id"]: _party(row) async for row in cursor}


async def holders(
    database: Database, keys: Collection[Key], session: AsyncClientSession | None = None
) -> dict[Key, Party]:
    """Return who holds these identifiers, given in normal form, as far as somebody does; by type and value."""
    contact = {"from": "contacts", "localField": "contactId", "foreignField": "_id"}
    pipeline: list[Row] = [
        {"$match": {"_id": {"$in": [registered_id(*key) for key in keys]}}},
        {"$lookup": {**contact, "pipeline": _WITH_ITS_SET, "as": "holder"}},
    ]
    cursor = await database["identifiers"].aggregate(pipeline, session=session)
    return {(row["type"], row["value"]): _party(row["holder"][0]) async for row in cursor if row["holder"]}


async def undone_links(
    database: Database, child_ids: Collection[str], session: AsyncClientSession | None = None
) -> set[str]:
    """Return the ids of the links that attached these contacts once, and that somebody has undone."""
    undone = {"childId": {"$in": list(child_ids)}, "undoneDate": {"$exists": True}}
    return {row["_id"] async for row in database["identityEdges"].find(undone, {"_id": 1}, session=session)}


def _party(row: Row) -> Party:
    members = (identifier_from(held) for member in row["members"] for held in member.get("identifiers", ()))
    root = row["root"][0] if row["root"] else row
    return Party(contact_from(row), contact_from(root), bool(row["merges"]), tuple(members))


_WITH_ITS_SET: list[Row] = [
    {"$set": {"rootId": {"$ifNull": [{"$last": "$ancestors"}, "$_id"]}}},
    {
        "$lookup": {
            "from": "contacts",
            "localField": "rootId",
            "foreignField": "_id",
            "as": "root",
        }
    },
    {
        "$lookup": {
            "from": "contacts",
            "localField": "rootId",
            "foreignField": "ancestors",
            "pipeline": [{"$project": {"identifiers": 1}}],
            "as": "members",
        }
    },
    {
        "$lookup": {
            "from": "identityEdges",
            "localField": "rootId",
            "foreignField": "parentId",
            "pipeline": [
                {"$match": {"kind": EdgeKind.MERGE.value, "undoneDate": {"$exists": False}}},
                {"$limit": 1},
                {"$project": {"_id": 1}},
            ],
            "as": "merges",
        }
    },
]
