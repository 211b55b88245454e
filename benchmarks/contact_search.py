"""Search over 1,000,000 contacts: the time of a page by what is looked for, from a name to what no contact has."""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pymongo.write_concern import WriteConcern

from benchmarks.figures import Bench, Figure
from benchmarks.people import EVERYBODYS_CITY, FIRST_NAMES, LAST_NAMES, NEWEST, ONE_TITLE, people
from gateway.journey.search_keys import place_of
from gateway.storage.connection import connect
from gateway.storage.contact_search import FOUND_FIRST, ContactSearch, contacts_found
from gateway.storage.database import Database, Row
from gateway.storage.documents.contact import SEARCH_INDEX, SEARCH_INDEXES
from gateway.storage.embedded import embedded_mongodb
from gateway.storage.keyset import cursor_of
from gateway.storage.pages import Window

GOAL_MILLISECONDS = 100
PAGE = 20
AT_A_TIME = 5_000
WARM_UP_PART = 5
SEED = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """One search of the measurement."""

    search: ContactSearch
    window: Window = Window(PAGE)  # noqa: RUF009 - a frozen value


KINDS_OF_SEARCHES: Mapping[str, Callable[[random.Random, Row], Asked]] = {
    "first and last name": lambda _, row: Asked(ContactSearch(f"{row['firstName']} {row['lastName']}")),
    "last name, and a letter of the first": lambda _, row: Asked(
        ContactSearch(f"{row['lastName']} {row['firstName'][0]}")
    ),
    "common name, one in ten": lambda dice, _: Asked(ContactSearch(dice.choice([FIRST_NAMES[0], LAST_NAMES[0]]))),
    "beginning of a name": lambda dice, row: Asked(ContactSearch(row["lastName"][: dice.randint(2, 5)])),
    "one letter": lambda dice, _: Asked(ContactSearch(dice.choice("abcdefghijklmnoprstuvwz"))),
    "e-mail": lambda _, row: Asked(ContactSearch(_held(row, "Email"))),
    "telephone": lambda _, row: Asked(ContactSearch("0" + _held(row, "Phone").removeprefix("+41") or "0041")),
    "external id": lambda _, row: Asked(ContactSearch(_held(row, "ExternalId"))),
    "domain that everybody has": lambda _, row: Asked(ContactSearch(f"{row['firstName']} gmail.com")),
    "free text": lambda _, row: Asked(ContactSearch(f"{row['title']} {row['address']['city']} {row['lastName']}")),
    "nobody has it": lambda dice, row: Asked(ContactSearch(f"{row['firstName']} qx{dice.randrange(10**6)}")),
    "two words of one in ten, three contacts with both": lambda _, __: Asked(
        ContactSearch(f"{EVERYBODYS_CITY} {ONE_TITLE}")
    ),
    "the same, from the end": lambda _, __: Asked(
        ContactSearch(f"{EVERYBODYS_CITY} {ONE_TITLE}"), Window(PAGE, from_end=True)
    ),
    "deep in a common name, forward": lambda dice, _: Asked(
        ContactSearch(LAST_NAMES[0]), Window(PAGE, after=_somewhere(dice))
    ),
    "deep in a common name, backward": lambda dice, _: Asked(
        ContactSearch(LAST_NAMES[0]), Window(PAGE, before=_somewhere(dice), from_end=True)
    ),
    "common name, created in one week": lambda dice, _: Asked(_of_a_week(LAST_NAMES[0], dice)),
    "common name, seen in one day": lambda dice, _: Asked(_seen_in_a_day(LAST_NAMES[0], dice)),
    "everyone seen before anybody was": lambda _, __: Asked(ContactSearch(seen_before=NEWEST - timedelta(days=9_999))),
}


def measure_contact_search(bench: Bench) -> list[Figure]:
    """A page of 20 by each kind of search, one at a time, through the function that the API calls.

    Every contact is known and is found by names, e-mail, telephone, external id, title and address.
    """
    return asyncio.run(_measure(bench))


async def _measure(bench: Bench) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="journey-bench-") as directory:
        async with embedded_mongodb(Path(directory), join=False) as url, await connect(url, "journey") as connection:
            await _fill(bench, connection.database)
            times = {name: await _times(bench, connection.database, name) for name in KINDS_OF_SEARCHES}
            size = await connection.database.command("collStats", "contacts")
    return [*_figures(times, bench.scale.searched_contacts), _bytes(size)]


async def _fill(bench: Bench, database: Database) -> None:
    """Write the contacts without waiting for the journal, then make the index: this is not measured."""
    contacts = database["contacts"].with_options(write_concern=WriteConcern(w=1))
    count = bench.scale.searched_contacts
    for start in range(0, count, AT_A_TIME):
        bench.say(f"contact search: filling in contact {start:,} of {count:,}")
        await contacts.insert_many(people(range(start, min(start + AT_A_TIME, count))), ordered=False)
    bench.say("contact search: making the index")
    await contacts.create_indexes(SEARCH_INDEXES)
    await database.client.admin.command("fsync")


async def _times(bench: Bench, database: Database, name: str) -> list[float]:
    """Return the milliseconds of each search of this kind, without the first ones."""
    bench.say(f"contact search: {name}")
    dice = random.Random(SEED)
    warm_up = bench.scale.searches // WARM_UP_PART
    times = []
    for number in range(bench.scale.searches + warm_up):
        (row,) = people(range(at := dice.randrange(bench.scale.searched_contacts), at + 1))
        asked = KINDS_OF_SEARCHES[name](dice, row)
        begun = time.perf_counter()
        await contacts_found(database, asked.search, asked.window)
        if number >= warm_up:
            times.append(1000 * (time.perf_counter() - begun))
    return times


def _figures(times: Mapping[str, Sequence[float]], contacts: int) -> list[Figure]:
    load = f"{contacts:,} contacts, a page of {PAGE}, {{}} searches, one at a time"
    everything = [time_ for of_kind in times.values() for time_ in of_kind]
    rows = {"every kind": everything, **times}
    return [
        Figure(
            f"contact search: {name}",
            f"p50 {statistics.median(of_kind):.1f} ms, p95 {_p95(of_kind):.1f} ms, worst {max(of_kind):.1f} ms",
            load.format(f"{len(of_kind):,}"),
            f"p95 under {GOAL_MILLISECONDS} ms",
            _p95(of_kind) < GOAL_MILLISECONDS,
        )
        for name, of_kind in rows.items()
    ]


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _bytes(size: Row) -> Figure:
    count = size["count"]
    index = size["indexSizes"][SEARCH_INDEX]
    return Figure(
        "bytes of the search index per contact",
        f"{index / count:,.0f}",
        f"collStats, {count:,} contacts; {size['avgObjSize']:,} bytes each as BSON, "
        f"{size['storageSize'] / count:,.0f} as stored",
    )


def _held(row: Row, type_: str) -> str:
    return next((str(held["value"]) for held in row["identifiers"] if held["type"] == type_), "")


def _somewhere(dice: random.Random) -> str:
    place = place_of("IDENTIFIED", NEWEST - timedelta(days=dice.randrange(400)), "anybody")
    return cursor_of({"searchPlace": place}, FOUND_FIRST)


def _of_a_week(text: str, dice: random.Random) -> ContactSearch:
    begun = NEWEST - timedelta(days=dice.randrange(7, 400))
    return ContactSearch(text, created_after=begun, created_before=begun + timedelta(days=7))


def _seen_in_a_day(text: str, dice: random.Random) -> ContactSearch:
    begun = NEWEST - timedelta(days=dice.randrange(1, 400))
    return ContactSearch(text, seen_after=begun, seen_before=begun + timedelta(days=1))
