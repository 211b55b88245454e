"""`journey-gateway admin`: what is stored, and how much of it."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from gateway.cli.admin import COLUMNS, lines_of, lines_of_models, table_of
from gateway.journey.outcome import Outcome
from gateway.storage.statistics import CollectionStatistics, Oplog, Statistics, statistics
from tests.cli.workplace import Call, Workplace

WriteCalls = Callable[..., Path]
HELD = Statistics(
    (
        CollectionStatistics("events", documents=1_000, data=400_000, disk=100_000, indexes=150_000),
        CollectionStatistics("sessions", documents=0, data=0, disk=4_096, indexes=45_904),
    ),
    oplog=Oplog(timedelta(hours=36), filled=1.0),
    mongodb_version="8.0.4",
)


def visits(number: int) -> list[Call]:
    start = datetime.now(UTC) - timedelta(hours=1)
    return [
        {"type": "page", "messageId": f"m{n}", "anonymousId": f"v{n % 10}", "timestamp": start.isoformat()}
        for n in range(number)
    ]


async def test_stats_tell_what_is_stored(workplace: Workplace, write_calls: WriteCalls) -> None:
    await workplace.run("import", write_calls(*visits(300)))
    told = await workplace.run("admin", "stats")
    assert told.code == 0, told.errors
    header, *lines = told.output.splitlines()
    assert header.split() == ["collection", *(column.replace(" ", "_") for column in COLUMNS)]
    rows = {cells[0]: [int(cell) for cell in cells[1:]] for cells in map(str.split, lines) if len(cells) == 6}
    assert {name: rows[name][0] for name in ("events", "sessions", "contacts", "rejectedEvents")} == {
        "events": 300, "sessions": 10, "contacts": 10, "rejectedEvents": 0,
    }  # fmt: skip
    assert all(number > 0 for number in rows["events"])
    assert rows["events"][4] == round(rows["events"][1] / 300)
    each = told.number(r"bytes per event  ([\d,]+), all collections")
    assert each == round(sum(row[2] + row[3] for row in rows.values()) / 300)
    assert told.number(r"oplog +([\d,]+)\.\d hours so far") >= 0
    assert "since then is valid" in told.output
    assert told.number(r"MongoDB +(\d+)\.") >= 6


async def test_without_events_nothing_is_divided(workplace: Workplace) -> None:
    told = await workplace.run("admin", "stats")
    assert told.code == 0, told.errors
    assert "bytes per event  unknown: no events yet" in told.output


async def test_numbers_are_those_of_the_database(workplace: Workplace, write_calls: WriteCalls) -> None:
    await workplace.run("import", write_calls(*visits(20)))
    database = workplace.connection.database
    held = {one.name: one for one in (await statistics(database)).collections}
    assert set(held) == set(await database.list_collection_names())
    sizes = await (await database["events"].aggregate([{"$project": {"bytes": {"$bsonSize": "$$ROOT"}}}])).to_list()
    assert held["events"].data == sum(row["bytes"] for row in sizes)
    assert held["events"].documents == 20


def shown(held: Statistics, *, plain: bool) -> list[str]:
    console = Console(file=io.StringIO(), width=120)
    console.print(table_of(held, plain=plain))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_people_see_a_table_with_units() -> None:
    (row,) = (line for line in shown(HELD, plain=False) if "events" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "events", "1,000", "400.0 kB", "100.0 kB", "150.0 kB", "400 bytes",
    ]  # fmt: skip


def test_programs_see_words_and_whole_numbers() -> None:
    assert [line.split() for line in shown(HELD, plain=True)[1:]] == [
        ["events", "1000", "400000", "100000", "150000", "400"],
        ["sessions", "0", "0", "4096", "45904", "0"],
    ]


@pytest.mark.parametrize(
    ("oplog", "words"),
    [
        pytest.param(Oplog(timedelta(hours=36), 1.0), "36.0 hours: that is how long", id="full"),
        pytest.param(Oplog(timedelta(minutes=30), 0.25), "0.5 hours so far, and 25% full: every", id="with room"),
        pytest.param(None, "cannot be read here", id="not to be read"),
    ],
)
def test_how_long_cursors_stay_valid_is_told_as_far_as_it_is_known(oplog: Oplog | None, words: str) -> None:
    lines = list(lines_of(Statistics(HELD.collections, oplog, "8.0.4")))
    assert lines[0] == "bytes per event  300, all collections and indexes on disk"
    assert lines[1].startswith(f"oplog            {words}")
    assert lines[2] == "MongoDB          8.0.4"


def test_each_model_is_told_with_what_it_does_of_late() -> None:
    order, booking = Outcome("o", "Order", "order_completed"), Outcome("b", "Booking", "booked")
    moment = datetime(2026, 5, 1, 12, tzinfo=UTC)
    row = {"kind": "LEARNED", "trainedDate": moment, "status": "Serves.", "drift": {"status": "As told: 5 %."}}
    assert list(lines_of_models([order, booking], {"o": row})) == [
        "model of 'Order', LEARNED of 2026-05-01 12:00 UTC: Serves. Since then: As told: 5 %."
    ]
