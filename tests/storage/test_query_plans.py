"""Every query of schema, live feeds, training and intake walks an index and reads little beyond what it returns.

Real documents are executed, the driver's listener writes down what they send, and MongoDB explains each command.
Left out are collections of definitions, which hold a few rows that are read as a whole, and change streams, which read
the oplog.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, timedelta
from itertools import product
from typing import Any, cast
from uuid import uuid4

import pytest
from graphql import GraphQLInputObjectType, parse
from pymongo import AsyncMongoClient

from gateway.access.viewer import Viewer
from gateway.graph.context import Context, Services
from gateway.graph.node import to_global_id
from gateway.graph.schema import make_schema
from gateway.intake.batch import commit_batch
from gateway.intake.definitions import DefinitionReader
from gateway.intake.replay import Replay
from gateway.journey.definitions import CONTACT_EXPIRY, SESSION_TIMEOUT
from gateway.live.hub import Hub
from gateway.prediction.training import LOOK_BACK
from gateway.storage.connection import Connection, connect
from gateway.storage.database import Database, Row
from gateway.storage.documents import DOCUMENTS
from gateway.storage.imports import places_of_events
from gateway.storage.preparation import prepare
from gateway.storage.training_counts import training_counts
from snippet.delivery import Delivery
from tests.running_server import until
from tests.storage.asked_fields import fields_in, fields_that_read
from tests.storage.busy_site import IN_FORCE, KEY, NOW, call, cursors, fill
from tests.storage.explained import Commands, faults_of, reads, wanted_rows

SCHEMA = make_schema()


@dataclass(frozen=True, slots=True)
class Site:
    """A database with a few thousand rows, whose commands are written down, and ids and cursors to ask it with."""

    database: Database
    explaining: Database
    commands: Commands
    hub: Hub
    variables: Mapping[str, object]

    def context(self) -> Context:
        """Return the context of a new request."""
        definitions = DefinitionReader(self.database, SESSION_TIMEOUT, CONTACT_EXPIRY)
        replay = Replay(self.database, definitions)
        return Context(Services(self.database, self.hub, lambda: NOW, SESSION_TIMEOUT, replay), Viewer("Ada", "admin"))

    async def ask(self, document: str, variables: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Return the `data` of a document; errors fail the test."""
        declared = [node.variable.name.value for node in parse(document).definitions[0].variable_definitions or ()]  # type: ignore[attr-defined]  # operations, all of them
        values = {**self.variables, **(variables or {})}
        told = {name: values.get(name) for name in declared}
        result = await SCHEMA.execute(document, variable_values=told, context_value=self.context())
        assert not result.errors, result.errors
        return cast("dict[str, Any]", result.data)

    async def faults(self, *, counts: bool = False) -> list[str]:
        """Return what is wrong with the reads sent since the last time; `counts` may read all that there is."""
        return [fault for read in reads(self.commands.take()) async for fault in self._faults_of(read, counts=counts)]

    async def _faults_of(self, read: Row, *, counts: bool) -> AsyncIterator[str]:
        plan = await self.explaining.command("explain", read, verbosity="executionStats")
        for fault in faults_of(plan, 10**9 if counts else wanted_rows(read)):
            yield f"{fault}: {read}"


@pytest.fixture(scope="module")
async def site(mongodb_url: str) -> AsyncIterator[Site]:
    commands = Commands()
    name = f"test_{uuid4().hex}"
    async with await connect(mongodb_url, name) as plain:
        await prepare(plain)
        await fill(plain.database)
        regular = await plain.database["sessions"].find_one({"customerId": "regular"})
        patient = await plain.database["sessions"].find_one({"customerId": "patient"})
        assert regular is not None
        assert patient is not None
        variables = {
            "contact": to_global_id("Contact", regular["contactId"]),
            "session": to_global_id("Session", patient["_id"]),
            "event": to_global_id("Event", patient["lastEvent"]["id"]),
            "model": to_global_id("PredictionModel", "model-1"),
            "rejected": to_global_id("RejectedEvent", "r1"),
            **{f"{list_}Cursor": cursor for list_, cursor in (await cursors(plain.database)).items()},
        }
        client = AsyncMongoClient[Row](mongodb_url, tz_aware=True, tzinfo=UTC, event_listeners=[commands])
        async with Connection(client, name) as listened:
            hub = Hub(listened.database, lambda: NOW)
            yield Site(listened.database, plain.database, commands, hub, variables)
            await hub.close()
        await plain.client.drop_database(name)


WINDOWS: tuple[Mapping[str, object], ...] = (
    {},
    {"first": 200},
    {"first": 20, "after": "cursor"},
    {"last": 20},
    {"last": 20, "before": "cursor"},
    {"first": 20, "before": "cursor"},
    {"last": 20, "after": "cursor"},
)
AFTER, BEFORE = "2026-04-20T00:00:00Z", "2026-04-28T00:00:00Z"


def combinations(**values: tuple[object, ...]) -> Iterator[dict[str, object]]:
    """Yield the filters of every combination; None stands for a field that is left out."""
    for chosen in product(*((None, *options) for options in values.values())):
        yield {name: value for name, value in zip(values, chosen, strict=True) if value is not None}


def windows_at(cursor: object) -> list[dict[str, object]]:
    """Return the arguments of every kind of page, those with a place at this cursor."""
    return [{name: cursor if value == "cursor" else value for name, value in window.items()} for window in WINDOWS]


async def faults_of_pages(
    site: Site, document: str, cursor: str, filters: Iterator[dict[str, object]]
) -> dict[str, list[str]]:
    """Return the faults of each page of a root list, under what was asked for."""
    found = {}
    for filter_ in filters:
        for window in windows_at(site.variables[cursor]):
            await site.ask(document, {"filter": filter_, **window})
            if faults := await site.faults():
                found[f"{filter_} {window}"] = faults
    return found


PAGE = "$first: Int, $after: String, $last: Int, $before: String"
GIVEN = "first: $first, after: $after, last: $last, before: $before"
SESSIONS = f"query($filter: SessionFilter, {PAGE}) {{ sessions(filter: $filter, {GIVEN}) {{ nodes {{ id }} }} }}"
CONTACTS = f"query($filter: ContactFilter, {PAGE}) {{ contacts(filter: $filter, {GIVEN}) {{ nodes {{ id }} }} }}"
REJECTED = f"query({PAGE}) {{ rejectedEvents({GIVEN}) {{ nodes {{ id }} }} }}"
SESSION_FILTERS: Mapping[str, tuple[object, ...]] = {
    "presence": (["LIVE"], ["AWAY"], ["INACTIVE"], ["LIVE", "AWAY"], ["LIVE", "INACTIVE"]),
    "type": ("web", "app"),
    "contactId": ("contact",),
    "createdAfter": (AFTER,),
    "createdBefore": (BEFORE,),
}
CONTACT_FILTERS: Mapping[str, tuple[object, ...]] = {
    "type": (["EPHEMERAL"], ["IDENTIFIED"], ["CURATED"], ["IDENTIFIED", "CURATED"]),
    "createdAfter": (AFTER,),
    "createdBefore": (BEFORE,),
}


async def test_every_page_of_sessions_under_every_filter_is_read_by_an_index(site: Site) -> None:
    wanted = {**SESSION_FILTERS, "contactId": (site.variables["contact"],)}
    assert await faults_of_pages(site, SESSIONS, "sessionCursor", combinations(**wanted)) == {}


async def test_every_page_of_contacts_under_every_filter_is_read_by_an_index(site: Site) -> None:
    assert await faults_of_pages(site, CONTACTS, "contactCursor", combinations(**CONTACT_FILTERS)) == {}


async def test_every_page_of_rejected_events_is_read_by_an_index(site: Site) -> None:
    assert await faults_of_pages(site, REJECTED, "rejectedCursor", iter([{}])) == {}


IDS = f"({GIVEN}) {{ nodes {{ id }} }}"
UNDER_PARENTS: Mapping[str, tuple[str, str]] = {
    "sessions of a contact": (f"contact(id: $contact) {{ sessions{IDS} }}", "sessionCursor"),
    "events of a session": (f"session(id: $session) {{ events{IDS} }}", "eventCursor"),
    "sessions of a journey": (f"journey(contactId: $contact) {{ sessions{IDS} }}", "sessionCursor"),
    "events of a journey": (f"journey(contactId: $contact) {{ events{IDS} }}", "stepCursor"),
    "sessions of many": (f"contacts(first: 200) {{ nodes {{ journey {{ sessions{IDS} }} }} }}", "sessionCursor"),
}
"""Connections under a parent, and the name of a place in each."""


@pytest.mark.parametrize("name", UNDER_PARENTS)
async def test_every_page_under_a_parent_is_read_by_an_index(name: str, site: Site) -> None:
    selection, cursor = UNDER_PARENTS[name]
    ids = "".join(f"${parent}: ID!, " for parent in ("contact", "session") if f"${parent})" in selection)
    for window in windows_at(site.variables[cursor]):
        await site.ask(f"query({ids}{PAGE}) {{ {selection} }}", window)
        assert await site.faults() == [], window


NODES = ("contact", "session", "event", "model", "rejected")
OTHERS: Mapping[str, str] = {
    "viewer": "{ viewer { name } }",
    "contact": """query($contact: ID!) { contact(id: $contact) {
        latestSession { id } presence sessions { nodes { contact { id } } } journey { contact { id } } } }""",
    "contact by identifier": '{ contactByIdentifier(type: COOKIE, value: "regular") { id } }',
    "contact by an identifier that many hold": '{ contactByIdentifier(type: EMAIL, value: "a@b.example") { id } }',
    "session": """query($session: ID!) { session(id: $session) {
        events(first: 200) { nodes { session { id } contact { id } outcomeAchievements { event { id } } } }
        predictions { outcome { id model { id } } session { id } model { id } }
        outcomeAchievements { outcome { id } session { id } event { id } } } }""",
    "event": "query($event: ID!) { event(id: $event) { session { id } contact { id } } }",
    "journey": """query($contact: ID!) { journey(contactId: $contact) { contact { id }
        sessions { nodes { id } } events { nodes { id } } predictions { probability }
        outcomeAchievements { outcome { id } session { id } event { id } } } }""",
    "achievements of many": "{ contacts(first: 200) { nodes { journey { outcomeAchievements { achievedDate } } } } }",
    "outcomes": "{ outcomes { model { id } } }",
    "rejected events": "{ rejectedEvents { nodes { id } } }",
    "sessions": "{ sessions(first: 200) { nodes { contact { id } } } }",
    **{f"node {kind}": f"query(${kind}: ID!) {{ node(id: ${kind}) {{ id }} }}" for kind in NODES},
    "replay": "mutation($rejected: ID!) { replayRejectedEvents(input: {ids: [$rejected]}) { rejectedEvents { id } } }",
}


LIVE: Mapping[str, str] = {
    "presence": "subscription { presence { session { id } } }",
    "presence of a contact": "subscription($contact: ID!) { presence(filter: {contactId: $contact}) { cursor } }",
    "presence of a channel": 'subscription { presence(filter: {type: "web"}) { cursor } }',
    "predictions": "subscription { predictions { session { id } prediction { model { id } } } }",
    "journey": "subscription($contact: ID!) { journey(contactId: $contact) { session { id } contact { id } } }",
}


@pytest.mark.parametrize("name", OTHERS)
async def test_every_other_document_is_answered_by_indexes(name: str, site: Site) -> None:
    assert await site.ask(OTHERS[name])
    assert await site.faults() == []


@pytest.mark.parametrize("name", LIVE)
async def test_live_feeds_begin_and_go_on_by_indexes(name: str, site: Site) -> None:
    values = {key: value for key, value in site.variables.items() if f"${key}" in LIVE[name]}
    news = call(f"news of {name}", "regular", NOW)

    async def listening() -> int:
        return site.hub.listeners

    source = await SCHEMA.subscribe(LIVE[name], variable_values=values, context_value=site.context())
    async with aclosing(cast("Any", source)) as messages:
        first = asyncio.create_task(messages.__anext__())
        async with asyncio.timeout(10):
            await until(listening)
            await commit_batch(site.database, [Delivery(KEY, (news,), NOW, None, None)], IN_FORCE)
            assert not (await first).errors
    assert await site.faults() == []


async def test_intake_reads_by_indexes_and_writes_by_ids(site: Site) -> None:
    visitors = ["regular", "patient", "nobody yet", *(f"here{number}" for number in range(20))]
    news = [call(f"intake {visitor}", visitor, NOW, type="identify", traits={"name": "Ada"}) for visitor in visitors]
    late = call("intake late", "regular", NOW - timedelta(hours=24))
    await commit_batch(site.database, [Delivery(KEY, (*news, late), NOW, None, None)], IN_FORCE)
    await places_of_events(site.database, ["a", "b"])
    sent = site.commands.take()
    updates = [update for command in sent for update in command.get("updates", ())]
    assert updates
    assert all(set(update["q"]) == {"_id"} for update in updates)
    site.commands.seen = sent
    assert {command.get("find") for command in reads(sent)} == {"events", "sessions", "contacts"}
    assert await site.faults() == []


@pytest.mark.parametrize("event_name", ["order_completed", "page_viewed", "never_seen"])
async def test_training_counts_by_indexes(event_name: str, site: Site) -> None:
    counts = await training_counts(site.database, event_name, NOW - LOOK_BACK, NOW)
    assert counts.missed or counts.reached
    assert await site.faults(counts=True) == []


async def test_an_outcome_that_every_visit_reaches_is_counted_at_its_first_page(site: Site) -> None:
    counts = await training_counts(site.explaining, "page_viewed", NOW - LOOK_BACK, NOW)
    ended = {"lastEvent.createdDate": {"$gte": NOW - LOOK_BACK, "$lt": NOW}, "pageviewCount": {"$gt": 0}}
    assert counts.reached == {1: await site.explaining["sessions"].count_documents(ended)}


async def test_every_index_that_is_declared_is_there(site: Site) -> None:
    for document in DOCUMENTS:
        settings = document.get_settings()
        declared = {index.document["name"] for index in getattr(document.Settings, "indexes", ())}
        assert declared <= set(await site.explaining[settings.name or ""].index_information()), settings.name


def test_no_field_that_leads_to_more_rows_is_left_out() -> None:
    """What is asked for above covers every root, every field that is not told by the document itself, every filter."""
    asked: set[str] = set()
    below = [
        f"query($contact: ID!, $session: ID!, {PAGE}) {{ {selection} }}" for selection, _ in UNDER_PARENTS.values()
    ]
    for document in (*OTHERS.values(), *LIVE.values(), *below, SESSIONS, CONTACTS, REJECTED):
        asked |= fields_in(document, SCHEMA)
    assert set(fields_that_read(SCHEMA)) - asked == {"Mutation.createOutcome", "Mutation.updateOutcome"}  # these write
    for name, filters in (("SessionFilter", SESSION_FILTERS), ("ContactFilter", CONTACT_FILTERS)):
        type_ = SCHEMA._schema.type_map[name]
        assert isinstance(type_, GraphQLInputObjectType)
        assert set(type_.fields) == set(filters)
