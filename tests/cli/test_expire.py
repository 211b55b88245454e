"""`journey-gateway admin expire`: what has expired is removed, or told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.cli.expire import lines_of
from tests.cli.workplace import Call, Workplace

WriteCalls = Callable[..., Path]


def visit(visitor: str, days_ago: float) -> list[Call]:
    at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
    told = {"email": f"{visitor}@mail.example", "name": "Ada"}
    who = {"anonymousId": visitor, "timestamp": at}
    return [
        {"type": "page", "messageId": f"{visitor}-1", **who},
        {"type": "identify", "messageId": f"{visitor}-2", "traits": told, **who},
    ]


async def test_expire_removes_what_has_expired_after_telling_what_it_would(
    workplace: Workplace, write_calls: WriteCalls
) -> None:
    await workplace.run("import", write_calls(*visit("ada", 61), *visit("bob", 59)))
    before = await workplace.contents()
    told = await workplace.run("admin", "expire", "--dry-run")
    assert told.code == 0, told.errors
    assert [line.split() for line in told.output.splitlines()] == [
        [name, number, "would", "be", "removed"]
        for name, number in (("contacts", "1"), ("events", "2"), ("sessions", "1"))
    ]
    assert await workplace.contents() == before
    done = await workplace.run("admin", "expire")
    assert done.code == 0, done.errors
    assert [line.split() for line in done.output.splitlines()] == [
        [name, number, "removed"]
        for name, number in (("contacts", "1"), ("events", "2"), ("identifiers", "1"), ("sessions", "1"))
    ]
    assert await workplace.counts() == {"events": 2, "contacts": 1, "sessions": 1}
    again = await workplace.run("admin", "expire")
    assert again.output == "Nothing has expired: nothing removed.\n"


def test_counts_are_told_a_line_each_the_contacts_first() -> None:
    assert list(lines_of({"events": 1_234, "contacts": 2, "notes": 0}, dry_run=False)) == [
        "contacts        2 removed", "events          1,234 removed",
    ]  # fmt: skip
