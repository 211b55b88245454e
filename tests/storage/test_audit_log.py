from datetime import UTC, datetime, timedelta

import pytest
from pymongo.errors import PyMongoError

from gateway.storage.audit_log import EXPIRY, AuditAction, AuditEntry, keep_audit_log, record, record_all
from gateway.storage.connection import Connection
from gateway.storage.database import Database
from gateway.storage.documents.audit_entry import AuditEntryDocument
from gateway.storage.rows import all_rows

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MERGED = AuditEntry(NOON, "Ada", AuditAction.MERGED, ("c1", "c2"), {"fields": ["lastName"]})


async def test_an_entry_is_stored_as_documented(database: Database) -> None:
    await record(database, MERGED)
    (row,) = await all_rows(database, "auditLog")
    assert row == {
        "_id": MERGED.id,
        "date": NOON,
        "actor": "Ada",
        "action": "MERGED",
        "contactIds": ["c1", "c2"],
        "details": {"fields": ["lastName"]},
    }
    assert len(MERGED.id) == 20
    assert AuditEntryDocument.model_validate(row)


@pytest.mark.parametrize("committed", [pytest.param(True, id="committed"), pytest.param(False, id="aborted")])
async def test_an_entry_shares_the_fate_of_its_transaction(
    prepared: Connection, database: Database, *, committed: bool
) -> None:
    async with prepared.client.start_session() as session, await session.start_transaction():
        await record(database, MERGED, session)
        if not committed:
            await session.abort_transaction()
    assert len(await all_rows(database, "auditLog")) == committed


async def test_in_a_transaction_the_errors_of_the_driver_pass_so_that_it_can_begin_again(
    prepared: Connection, database: Database
) -> None:
    async with prepared.client.start_session() as session, await session.start_transaction():
        await record(database, MERGED)
        with pytest.raises(PyMongoError):
            await record(database, MERGED, session)
        await session.abort_transaction()


async def test_entries_that_an_earlier_attempt_stored_are_not_stored_twice(database: Database) -> None:
    looks = [AuditEntry(NOON, "Ada", AuditAction.LOOKED_AT, (f"c{number}",)) for number in range(3)]
    await record_all(database, looks[:2])
    await record_all(database, looks)
    assert sorted(row["contactIds"] for row in await all_rows(database, "auditLog")) == [["c0"], ["c1"], ["c2"]]


async def test_the_log_is_kept_for_as_long_as_the_last_setting_says(database: Database) -> None:
    for days in (400, 400, 30):
        await keep_audit_log(database, timedelta(days=days))
        expiry = (await database["auditLog"].index_information())[EXPIRY]
        assert (expiry["key"], expiry["expireAfterSeconds"]) == ([("date", 1)], days * 86_400)
