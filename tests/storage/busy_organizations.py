"""A thousand organizations, one of them with a thousand of everything that can be under it, beside a busy site."""

from datetime import timedelta

from gateway.journey.external_source import new_external_source
from gateway.journey.note import new_note
from gateway.journey.organization import new_organization
from gateway.journey.relationship import new_relationship
from gateway.storage.database import Database, Row
from gateway.storage.keyset import NEWEST_FIRST, Order, cursor_of
from gateway.storage.records import stored_row
from tests.storage.busy_site import NOW

BY_NAME = Order((("sortName", 1), ("_id", 1)))
MANY = 1_000


async def fill_organizations(database: Database) -> dict[str, str]:
    """Store all that, and return the stored id of one of each kind, by the name of its kind."""
    source = stored_row(new_external_source({"name": "CRM"}, "s", NOW))
    known = [{"externalSourceId": source["_id"], "value": "1"}]
    organizations = [
        stored_row(new_organization({"name": f"Acme {number:04d} Werke", "externalIds": known}, str(number), NOW))
        for number in range(MANY)
    ]
    large: str = organizations[MANY // 2]["_id"]
    regular = await database["sessions"].find_one({"customerId": "regular"})
    assert regular is not None
    notes = [
        *_notes("externalOrganizationId", large),
        *_notes("contactId", regular["contactId"]),
        *(stored_row(new_note({"contactId": f"c{n}"}, "Likes tea.", "Bob", f"c{n}", NOW)) for n in range(MANY)),
    ]
    relationships = [
        stored_row(
            new_relationship(
                {"externalOrganizationId": large, "userId": f"u{n}", "relationship": "Buyer"},
                str(n),
                NOW - timedelta(minutes=n),
            )
        )
        for n in range(MANY)
    ]
    await database["externalSources"].insert_one(source)
    await database["externalOrganizations"].insert_many(organizations)
    await database["notes"].insert_many(notes)
    await database["relationships"].insert_many(relationships)
    await _fill_contacts(database, large)
    return {
        "organization": large,
        "note": notes[0]["_id"],
        "relationship": relationships[0]["_id"],
        "source": source["_id"],
    }


async def organization_cursors(database: Database) -> dict[str, str]:
    """Return a place in the middle of each list."""
    places: dict[str, tuple[str, Row, Order]] = {
        "organization": ("externalOrganizations", {}, BY_NAME),
        "note": ("notes", {"contactId": {"$exists": False}}, NEWEST_FIRST),
        "relationship": ("relationships", {}, NEWEST_FIRST),
        "member": ("contacts", {"externalOrganizationId": {"$exists": True}}, NEWEST_FIRST),
    }
    found = {}
    for name, (collection, filter_, order) in places.items():
        (row,) = await database[collection].find(filter_).sort(order.sort()).skip(150).limit(1).to_list()
        found[name] = cursor_of(row, order)
    return found


def _notes(field: str, stored_id: str) -> list[Row]:
    return [
        stored_row(new_note({field: stored_id}, "Likes tea.", "Bob", f"{field} {n}", NOW - timedelta(minutes=n)))
        for n in range(MANY)
    ]


async def _fill_contacts(database: Database, organization_id: str) -> None:
    """Let every other contact that is there belong to the organization, the first seen first."""
    contacts = await database["contacts"].find({}, {"_id": 1}).sort("createdDate", 1).limit(400).to_list()
    belonging = {"_id": {"$in": [row["_id"] for row in contacts]}}
    await database["contacts"].update_many(belonging, {"$set": {"externalOrganizationId": organization_id}})
