"""How well the e-mail rule finds the same person: pairs of records, told by identify calls and by an import.

The records are a CSV file with the columns unique_id, first_name, surname, email and cluster (who it really is), such
as fake_1000 of https://github.com/moj-analytical-services/splink_datasets. PEOPLE_CSV in the environment names it.
"""

import asyncio
import csv
import gzip
import io
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from pathlib import Path
from uuid import uuid4

import httpx

from benchmarks.figures import Bench, Figure
from benchmarks.server import DATABASE, WRITE_KEY, gateway_server
from gateway.clock import now
from gateway.journey.contact import contact_id_of
from gateway.journey.enrichment import Enrichment, FieldRule
from gateway.journey.enrichment_plan import Enriched
from gateway.journey.event import Identifier
from gateway.journey.identity import Rule
from gateway.journey.ids import derive_id
from gateway.storage.connection import connect
from gateway.storage.database import Database
from gateway.storage.identity.enriching import Teller, enrich_those_that_can_be
from gateway.storage.preparation import prepare
from gateway.storage.rows import rows_by_id

FILE_VARIABLE = "PEOPLE_CSV"
RECALL = 0.336
"""What the rule can reach on fake_1000, rounded: 682 of 2,031 pairs have the same address."""
DIGITS = 3
AT_ONCE = 200
SENDERS = 20

Person = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """Who was found to be whom, by record; and how often an address has a second contact, or a record a third one."""

    customer_of: Mapping[str, str]
    twice: int


def measure_people_matching(bench: Bench) -> list[Figure]:
    """Pairs of records that are one person, found by their e-mail address alone: precision and recall of pairs."""
    path = os.environ.get(FILE_VARIABLE)
    if not path:
        return [Figure("people matched by e-mail", "not measured", f"{FILE_VARIABLE} names no file of people")]
    people = read_people(Path(path))
    with gateway_server() as server:
        bench.say(f"people: identify, {len(people):,} records")
        identified = asyncio.run(_identify(server.url, server.mongodb_url, people))
        bench.say(f"people: enrich, {len(people):,} records, twice")
        enriched = asyncio.run(_enrich(server.mongodb_url, people))
    load = f"{len(people):,} records of {Path(path).name}"
    return [
        *_figures("identify", people, identified, f"{load}, each a visitor of its own"),
        *_figures("enrich", people, enriched, f"{load}, in portions of {AT_ONCE}, then all of it again"),
    ]


def read_people(path: Path) -> list[Person]:
    """Return the records of a file, plain or gzip."""
    content = path.read_bytes()
    text = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    return list(csv.DictReader(io.StringIO(text.decode())))


def precision_and_recall(people: Sequence[Person], customer_of: Mapping[str, str]) -> tuple[float, float]:
    """Return which share of the pairs that were found is right, and which share of those that are was found."""
    right = _pairs(Counter((person["cluster"], customer_of[person["unique_id"]]) for person in people).values())
    found = _pairs(Counter(customer_of[person["unique_id"]] for person in people).values())
    there = _pairs(Counter(person["cluster"] for person in people).values())
    return right / max(found, 1), right / max(there, 1)


def _pairs(sizes: Iterable[int]) -> int:
    return sum(comb(size, 2) for size in sizes)


async def _identify(url: str, mongodb_url: str, people: Sequence[Person]) -> Found:
    waiting = iter(people)

    async def send(client: httpx.AsyncClient) -> None:
        for person in waiting:
            answer = await client.post(f"{url}/v1/identify", json=_call(person))
            answer.raise_for_status()

    async with httpx.AsyncClient(timeout=60, trust_env=False) as client, asyncio.TaskGroup() as group:
        for _ in range(SENDERS):
            group.create_task(send(client))
    async with await connect(mongodb_url, DATABASE) as connection:
        ids = {person["unique_id"]: contact_id_of("cookie", _cookie(person)) for person in people}
        return await _found(connection.database, people, ids, repeated=0)


def _call(person: Person) -> dict[str, object]:
    traits = {"email": person["email"], "firstName": person["first_name"], "lastName": person["surname"]}
    told = {name: value for name, value in traits.items() if value}
    return {"writeKey": WRITE_KEY, "messageId": uuid4().hex, "anonymousId": _cookie(person), "traits": told}


def _cookie(person: Person) -> str:
    return f"person-{person['unique_id']}"


async def _enrich(mongodb_url: str, people: Sequence[Person]) -> Found:
    async with await connect(mongodb_url, f"people_{uuid4().hex}") as connection:
        await prepare(connection)
        try:
            first = await _enrich_all(connection.database, people)
            again = await _enrich_all(connection.database, people)
            repeated = sum(id_ != first[person] for person, id_ in again.items())
            return await _found(connection.database, people, first, repeated)
        finally:
            await connection.client.drop_database(connection.database.name)


async def _enrich_all(database: Database, people: Sequence[Person]) -> dict[str, str]:
    """Enrich by every record, and return the contact of each."""
    found = {}
    for start in range(0, len(people), AT_ONCE):
        some = people[start : start + AT_ONCE]
        teller = Teller("bench", now(), Rule.IMPORT)
        results = await enrich_those_that_can_be(database, [_request(person) for person in some], teller)
        for person, result in zip(some, results, strict=True):
            assert isinstance(result, Enriched)  # noqa: S101 - a record that is refused is a bug
            assert result.contact is not None  # noqa: S101 - UPSERT always has one
            found[person["unique_id"]] = result.contact.id
    return found


def _request(person: Person) -> Enrichment:
    """Return what an import asks for: found by the address, or where there is none, by what the record was before."""
    email = (Identifier("Email", person["email"], source="import"),) if person["email"] else ()
    names = {"firstName": person["first_name"], "lastName": person["surname"]}
    fields = {name: value for name, value in names.items() if value}
    new_id = derive_id("contact", "bench", person["unique_id"])
    return Enrichment(email, fields, email, rules={"identifiers": FieldRule.EXTEND}, new_id=new_id)


async def _found(database: Database, people: Sequence[Person], ids: Mapping[str, str], repeated: int) -> Found:
    rows = await rows_by_id(database, "contacts", list(set(ids.values())))
    roots = {id_: (row.get("ancestors") or [id_])[-1] for id_, row in rows.items()}
    customer_of = {person: roots[id_] for person, id_ in ids.items()}
    addresses: dict[str, set[str]] = {}
    for person in people:
        if person["email"]:
            addresses.setdefault(person["email"].strip().lower(), set()).add(customer_of[person["unique_id"]])
    return Found(customer_of, repeated + sum(len(customers) > 1 for customers in addresses.values()))


def _figures(way: str, people: Sequence[Person], found: Found, load: str) -> list[Figure]:
    precision, recall = precision_and_recall(people, found.customer_of)
    customers = len(set(found.customer_of.values()))
    return [
        Figure(
            f"people matched by e-mail, {way}: pairs",
            f"precision {precision:.4f}, recall {recall:.4f}",
            load,
            f"precision 1.00, recall at least {RECALL} (to {DIGITS} digits)",
            precision == 1 and round(recall, DIGITS) >= RECALL,
        ),
        Figure(
            f"people matched by e-mail, {way}: contacts twice",
            f"{found.twice:,}",
            f"{customers:,} customers of {len(people):,} records",
            "none",
            found.twice == 0,
        ),
    ]
