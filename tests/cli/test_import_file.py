"""`journey-gateway import`: exact, and still so when it is done again, stopped, or fed with garbage."""

import asyncio
import gzip
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.workplace import Call, Workplace, ended
from tests.running_server import WRITE_KEY, until

WriteCalls = Callable[..., Path]
START = datetime(2015, 5, 17, 10, tzinfo=UTC)
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def page(number: int, visitor: str, minutes: float, **changes: object) -> Call:
    return {
        "type": "page",
        "messageId": f"m{number}",
        "anonymousId": visitor,
        "timestamp": (START + timedelta(minutes=minutes)).isoformat(),
        "properties": {"url": f"https://shop.example/{number}"},
        **changes,
    }


# Ada comes twice, Grace once, and a robot comes too: three visitors, four sessions.
VISITS = (
    page(1, "ada", 0),
    page(2, "grace", 1),
    page(3, "ada", 19),
    page(4, "robot", 20, context={"userAgent": ROBOT}),
    page(5, "ada", 60),
    page(6, "grace", 20.9),
)
COUNTS = {"events": 6, "contacts": 3, "sessions": 4}


def many_pages(count: int) -> list[Call]:
    """Visitors with four pages each, one a session: within a session pages are a minute apart."""
    return [page(number, f"visitor {number % (count // 4)}", number / count) for number in range(count)]


async def test_events_visitors_and_sessions_are_counted_and_stored(
    workplace: Workplace, write_calls: WriteCalls
) -> None:
    told = await workplace.run("import", write_calls(*VISITS))
    assert told.code == 0, told.errors
    assert told.output.splitlines()[:3] == [
        "events    6 accepted, 0 duplicate, 0 rejected",
        "visitors  3",
        "sessions  4, of which 4 new",
    ]
    assert "database  6 events, 3 contacts, 4 sessions" in told.output
    assert await workplace.counts() == COUNTS
    event = await workplace.connection.database["events"].find_one({"messageId": "m5"})
    assert event is not None
    assert event["createdDate"] == START + timedelta(hours=1)


async def test_a_second_run_changes_nothing_at_all(workplace: Workplace, write_calls: WriteCalls) -> None:
    path = write_calls(*VISITS)
    await workplace.run("import", path)
    before = await workplace.contents()
    told = await workplace.run("import", path)
    assert "events    0 accepted, 6 duplicate, 0 rejected\nvisitors  0\nsessions  0, of which 0 new\n" in told.output
    assert await workplace.contents() == before


async def test_several_files_packed_or_not_are_one_run(workplace: Workplace, write_calls: WriteCalls) -> None:
    plain = write_calls(*VISITS[:3])
    packed = plain.with_name("more.gz")
    packed.write_bytes(gzip.compress(write_calls(*VISITS[2:], name="more").read_bytes()))
    told = await workplace.run("import", plain, packed)
    assert told.output.startswith("events    6 accepted, 1 duplicate, 0 rejected\nvisitors  3\nsessions  4,")


async def test_what_was_there_before_is_joined_not_opened_anew(workplace: Workplace, write_calls: WriteCalls) -> None:
    await workplace.run("import", write_calls(*VISITS[:2]))
    told = await workplace.run("import", write_calls(*VISITS[2:], name="later"))
    assert "visitors  3\nsessions  4, of which 2 new" in told.output
    assert await workplace.counts() == COUNTS


async def test_standard_input_is_taken_too(workplace: Workplace, write_calls: WriteCalls) -> None:
    content = write_calls(*VISITS).read_bytes()
    told = await workplace.run("import", "-", standard_input=gzip.compress(content))
    assert told.output.startswith("events    6 accepted")
    assert await workplace.connection.database["imports"].count_documents({}) == 0


async def test_robots_are_left_out_when_they_are_not_wanted(workplace: Workplace, write_calls: WriteCalls) -> None:
    told = await workplace.run("import", "--no-robots", write_calls(*VISITS))
    assert told.output.startswith("events    5 accepted, 0 duplicate, 1 rejected\n")
    assert "rejected  1 robot, namely\n" in told.output
    assert "line 4: the user agent is 'Mozilla/5.0 (compatible; Googlebot" in told.output


async def test_refused_lines_are_told_by_reason_and_stop_nothing(workplace: Workplace, write_calls: WriteCalls) -> None:
    garbage = [f'{{"type": "visit", "anonymousId": "ada", "number": {number}}}' for number in range(5)]
    path = write_calls("no json", *VISITS[:3], "", *garbage, "[]", *VISITS[3:])
    told = await workplace.run("import", path)
    assert told.code == 0
    assert told.output.startswith("events    6 accepted, 0 duplicate, 7 rejected\n")
    lines = told.output.splitlines()
    first = lines.index("rejected  5 unknown_type, such as")
    assert [line.split(":")[0].rpartition(", ")[2] for line in lines[first + 1 : first + 4]] == [
        "line 6",
        "line 7",
        "line 8",
    ]
    assert "line 1: the event is no JSON" in told.output
    assert await workplace.counts() == COUNTS


async def test_an_import_that_was_stopped_goes_on_where_it_was(workplace: Workplace, write_calls: WriteCalls) -> None:
    calls = many_pages(20_000)
    path = write_calls(*calls)
    process = await workplace.start("import", path)
    await until(workplace.connection.database["events"].find_one)
    process.send_signal(signal.SIGINT)
    stopped = await ended(process)
    assert (stopped.code, stopped.errors.splitlines()[-1]) == (130, "Stopped. The same command goes on from here.")
    accepted = stopped.number(r"([\d,]+) accepted")
    assert 0 < accepted < len(calls)
    finished = await workplace.run("import", path)
    assert f"going on after line {accepted:,}." in finished.errors
    assert finished.number(r"([\d,]+) accepted") == len(calls) - accepted
    assert await workplace.counts() == {"events": 20_000, "contacts": 5_000, "sessions": 5_000}


async def test_two_imports_side_by_side_give_what_one_gives(workplace: Workplace, write_calls: WriteCalls) -> None:
    path = write_calls(*many_pages(8_000))
    both = await asyncio.gather(workplace.run("import", path), workplace.run("import", path))
    assert [told.code for told in both] == [0, 0], both[0].errors[-3000:] + both[1].errors[-3000:]
    assert sum(told.number(r"([\d,]+) accepted") for told in both) == 8_000
    assert await workplace.counts() == {"events": 8_000, "contacts": 2_000, "sessions": 2_000}


async def test_a_file_that_breaks_off_is_imported_as_far_as_it_goes(
    workplace: Workplace, write_calls: WriteCalls
) -> None:
    path = write_calls(*many_pages(4_000))
    path.write_bytes(gzip.compress(path.read_bytes())[:-500])
    told = await workplace.run("import", path)
    assert told.code == 1
    assert "cannot be read any further after line" in told.errors
    assert "Traceback" not in told.errors
    assert (await workplace.counts())["events"] > 3_000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["absent.ndjson"], "absent.ndjson cannot be read (No such file or directory)", id="no file"),
        pytest.param(["--write-key", "nope", "-"], "There is no write key 'nope'", id="no such write key"),
    ],
)
async def test_what_cannot_be_done_is_told_in_one_line(workplace: Workplace, arguments: list[str], words: str) -> None:
    told = await workplace.run("import", *arguments)
    assert (told.code, told.errors.count("\n")) == (1, 1)
    assert told.errors.startswith(f"journey-gateway: {words}")


async def test_the_same_file_under_another_write_key_is_another_import(
    workplace: Workplace, write_calls: WriteCalls
) -> None:
    made = await workplace.run("write-key", "create", "--name", "other site")
    path = write_calls(*VISITS)
    first = await workplace.run("import", "--write-key", WRITE_KEY, path)
    second = await workplace.run("import", "--write-key", made.output.strip(), path)
    assert first.output.splitlines()[0] == second.output.splitlines()[0]
    assert (await workplace.counts())["events"] == 12
