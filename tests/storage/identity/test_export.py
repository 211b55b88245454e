"""Export: everything that is held of a customer, complete, in order, and as JSON."""

import json
from datetime import timedelta

from gateway.storage.audit_log import AuditAction, AuditEntry, record
from gateway.storage.database import Database
from gateway.storage.identity.export import COLLECTIONS, PAGE, as_json, export_contact
from tests.storage.identity.visits import NOON, call, contact_of, happens, held, merged


async def test_a_journey_of_several_pages_is_exported_whole_and_in_order(database: Database) -> None:
    number = 2 * PAGE + 7
    calls = [call(f"m{n}", "ada", NOON + timedelta(seconds=n)) for n in range(number)]
    for start in range(0, number, 500):
        await happens(database, *calls[start : start + 500])
    await happens(database, call("b", "bob"))
    export = await export_contact(database, contact_of("ada"), "Eve", NOON)
    assert export is not None
    assert [event["messageId"] for event in export["events"]] == [f"m{n}" for n in range(number)]
    assert json.loads(json.dumps(export)) == export


async def test_every_contact_of_the_merge_set_is_exported_the_canonical_one_first(database: Database) -> None:
    visitors = ("ada", "phone", "root")
    await happens(database, *(call(visitor, visitor) for visitor in visitors))
    await merged(database, [contact_of("ada"), contact_of("phone")], contact_of("root"))
    export = await export_contact(database, contact_of("ada"), "Eve", NOON)
    assert export is not None
    assert (export["contactId"], export["exportedDate"]) == (contact_of("root"), "2026-05-01T12:00:00.000Z")
    assert export["contacts"][0]["id"] == contact_of("root")
    assert {len(export[name]) for name in ("contacts", "sessions", "events")} == {3}
    assert len(export["identityEdges"]) == 2


async def test_an_entry_of_the_audit_log_that_names_several_contacts_is_exported_once(database: Database) -> None:
    await happens(database, call("m1", "ada"), call("m2", "phone"), call("m3", "bob"))
    await merged(database, [contact_of("phone")], contact_of("ada"))
    for names in (("ada", "phone"), ("phone", "bob"), ("bob", "ada", "phone"), ("bob",)):
        ids = tuple(contact_of(name) for name in names)
        await record(database, AuditEntry(NOON, "Eve", AuditAction.MERGED, ids))
    export = await export_contact(database, contact_of("ada"), "Eve", NOON)
    assert export is not None
    assert [entry["action"] for entry in export["auditLog"]].count("MERGED") == 3


async def test_every_collection_is_told_even_if_it_holds_nothing(database: Database) -> None:
    await happens(database, call("m1", "ada"))
    export = await export_contact(database, contact_of("ada"), "Eve", NOON)
    assert export is not None
    assert tuple(export) == ("exportedDate", "contactId", *COLLECTIONS)
    assert export["notes"] == export["rejectedEvents"] == []


async def test_there_is_no_export_of_nobody_and_no_entry_about_it(database: Database) -> None:
    assert await export_contact(database, "nobody", "Eve", NOON) is None
    assert await held(database) == {}


def test_a_document_as_json_has_an_id_and_dates_in_utc_and_nothing_of_how_it_is_searched() -> None:
    row = {"_id": "x", "createdDate": NOON, "parts": [{"at": NOON, "share": 0.5}], "searchKeys": ["a"], "name": None}
    date = "2026-05-01T12:00:00.000Z"
    assert as_json(row) == {"id": "x", "createdDate": date, "parts": [{"at": date, "share": 0.5}], "name": None}
