import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.access import audit_trail
from gateway.access.audit_trail import QUIET, AuditTrail
from gateway.storage.connection import connect
from gateway.storage.database import Database
from gateway.storage.rows import all_rows
from tests.running_server import until

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


async def looks(database: Database) -> list[tuple[str, list[str], datetime]]:
    """Return who looked at which contacts when, as it is stored."""
    rows = await database["auditLog"].find().sort("date").to_list()
    assert {row["action"] for row in rows} <= {"LOOKED_AT"}
    return [(row["actor"], row["contactIds"], row["date"]) for row in rows]


async def test_looks_are_there_when_the_process_has_ended(database: Database) -> None:
    async with AuditTrail(database).running() as trail:
        trail.looked_at("Ada", ["c1", "c2", "c1"], NOON)
        trail.looked_at("Bob", ["c1"], NOON + timedelta(seconds=1))
    assert await looks(database) == [("Ada", ["c1", "c2"], NOON), ("Bob", ["c1"], NOON + timedelta(seconds=1))]


async def test_looks_are_written_in_the_background(database: Database) -> None:
    async def written() -> bool:
        return len(await looks(database)) == noted

    async with AuditTrail(database).running() as trail:
        for noted in (1, 2):
            trail.looked_at("Ada", ["c1"], NOON + noted * QUIET)
            await until(written)


@pytest.mark.parametrize(
    ("actor", "contacts", "later", "noted"),
    [
        pytest.param("Ada", ["c1"], timedelta(minutes=9, seconds=59), [], id="the same within ten minutes"),
        pytest.param("Ada", ["c1"], QUIET, ["c1"], id="the same after ten minutes"),
        pytest.param("Ada", ["c1"], timedelta(hours=-1), ["c1"], id="the clock was set back"),
        pytest.param("Ada", ["c1", "c2"], timedelta(0), ["c2"], id="another contact as well"),
        pytest.param("Bob", ["c1"], timedelta(0), ["c1"], id="somebody else"),
        pytest.param("Ada", [], QUIET, [], id="nothing found"),
    ],
)
async def test_further_looks_within_ten_minutes_are_one_look(
    database: Database, actor: str, contacts: list[str], later: timedelta, noted: list[str]
) -> None:
    trail = AuditTrail(database)
    trail.looked_at("Ada", ["c1"], NOON)
    trail.looked_at(actor, contacts, NOON + later)
    assert [list(entry.contact_ids) for entry in trail._waiting] == [["c1"], *([noted] if noted else [])]


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("cde"), st.integers(0, 15)), max_size=40))
async def test_nobody_is_noted_twice_with_a_contact_within_ten_minutes(steps: list[tuple[str, str, int]]) -> None:
    trail = AuditTrail(None)  # type: ignore[arg-type]  # nothing is written
    at = NOON
    for actor, contact, minutes in steps:
        at += timedelta(minutes=minutes)
        trail.looked_at(actor, [contact], at)
    for actor, contact in {(actor, contact) for actor, contact, _ in steps}:
        dates = [e.date for e in trail._waiting if e.actor == actor and contact in e.contact_ids]
        assert dates
        assert all(later - earlier >= QUIET for earlier, later in pairwise(dates))


async def test_what_is_remembered_and_what_waits_is_bounded(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_trail, "MAX_REMEMBERED", 5)
    monkeypatch.setattr(audit_trail, "MAX_WAITING", 10)
    trail = AuditTrail(database)
    for number in range(13):
        trail.looked_at("Ada", [f"c{number}"], NOON)
    assert len(trail._seen) == 5
    with capture_logs() as logs:
        async with trail.running():
            pass
    assert [entry["entries"] for entry in logs if entry["log_level"] == "error"] == [3]
    assert len(await all_rows(database, "auditLog")) == 10


async def test_what_could_not_be_written_until_the_end_is_told_as_a_loss(
    database: Database, mongodb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_trail, "GATHER_SECONDS", 0.05)
    async with await connect(mongodb_url, database.name) as lost:
        pass
    with capture_logs() as logs:
        async with AuditTrail(lost.database).running() as trail:
            trail.looked_at("Ada", ["c1"], NOON)
            await asyncio.sleep(0.3)
    levels = [entry["log_level"] for entry in logs]
    assert levels[:2] == ["warning", "warning"]
    assert levels[-1] == "error"
    assert logs[-1]["entries"] == 1
