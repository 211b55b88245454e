"""Every query of schema, live feeds, training and intake walks an index and reads little beyond what it returns.

Real documents are executed, the driver's listener writes down what they send, and MongoDB explains each command.
Left out are collections of definitions, which hold a few rows that are read as a whole, and change streams, which read
the oplog.
"""

import asyncio
import re
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

from gateway.access.audit_trail import AuditTrail
from gateway.access.authentication import Authenticator
from gateway.access.permissions import ROLES
from gateway.access.viewer import Viewer
from gateway.graph.context import Context, Services
from gateway.graph.node import to_global_id
from gateway.graph.schema import make_schema
from gateway.intake.batch import commit_batch
from gateway.intake.definitions import DefinitionReader
from gateway.intake.replay import Replay
from gateway.journey.definitions import SESSION_TIMEOUT, Definitions
from gateway.journey.division import HOME
from gateway.live.hub import Hub
from gateway.prediction.preview import Previews
from gateway.prediction.training import LOOK_BACK
from gateway.storage.connection import Connection, connect
from gateway.storage.contact_search import FOUND_FIRST, ContactSearch, contacts_found
from gateway.storage.contact_search_keys import refresh_search_keys
from gateway.storage.database import Database, Row
from gateway.storage.documents import DOCUMENTS
from gateway.storage.documents.contact import SEARCH_INDEXES
from gateway.storage.imports import places_of_events
from gateway.storage.keyset import cursor_of
from gateway.storage.pages import Window
from gateway.storage.preparation import prepare
from gateway.storage.training_counts import training_counts
from snippet.delivery import Delivery
from tests.running_server import until
from tests.storage.asked_fields import fields_in, fields_that_read
from tests.storage.busy_organizations import fill_organizations, organization_cursors
from tests.storage.busy_site import BUSY, IN_FORCE, KEY, NOW, RARE, SEGMENT, call, cursors, divide, fill
from tests.storage.explained import Commands, faults_of, reads, wanted_rows

SCHEMA = make_schema()
RECORDS = {
    "organization": "ExternalOrganization",
    "relationship": "Relationship",
    "note": "Note",
    "source": "ExternalSource",
}
"""Kinds of records that people keep by hand, by the name of the variable that holds an id of one."""


READS = re.compile(r"reads|looks up by reading")
"""Faults that are no more than documents read in vain."""
EVERYTHING = Viewer("Ada", "admin", ROLES["admin"])
VIEWERS = {
    "of a division with many visits": (BUSY,),
    "of a division with few visits": (RARE,),
    "of two divisions": (BUSY, RARE),
    "of the home division": (HOME,),
    "of the home division and another": (HOME, RARE),
}
"""Who sees only some divisions, by what they see."""


def but_for_reads(name: str | None, faults: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the faults; whoever sees the home division walks past what is of others, which no index tells apart."""
    if HOME not in VIEWERS.get(name or "", ()):
        return dict(faults)
    left = {asked: [one for one in those if not READS.match(one)] for asked, those in faults.items()}
    return {asked: those for asked, those in left.items() if those}


def viewer_of(name: str) -> Viewer:
    """Return who sees only some divisions."""
    return Viewer("Eve", "admin", ROLES["admin"], frozenset(VIEWERS[name]))


@dataclass(frozen=True, slots=True)
class Site:
    """A database with a few thousand rows, whose commands are written down, and ids and cursors to ask it with."""

    database: Database
    explaining: Database
    commands: Commands
    hub: Hub
    variables: Mapping[str, object]

    def context(self, viewer: Viewer = EVERYTHING, *, apart: bool = False) -> Context:
        """Return the context of a new request; `apart` as where divisions keep their contacts apart."""
        definitions = DefinitionReader(self.database, Definitions())
        replay = Replay(self.database, definitions)
        trail = AuditTrail(self.database)
        authenticator = Authenticator(self.database, lambda: NOW)
        services = Services(
            self.database,
            self.hub,
            lambda: NOW,
            SESSION_TIMEOUT,
            replay,
            trail,
            authenticator,
            Previews("", "", SESSION_TIMEOUT),
            contacts_apart=apart,
        )
        return Context(services, viewer)

    async def ask(
        self,
        document: str,
        variables: Mapping[str, object] | None = None,
        viewer: Viewer = EVERYTHING,
        *,
        apart: bool = False,
    ) -> dict[str, Any]:
        """Return the `data` of a document; errors fail the test."""
        declared = [node.variable.name.value for node in parse(document).definitions[0].variable_definitions or ()]  # type: ignore[attr-defined]  # operations, all of them
        values = {**self.variables, **(variables or {})}
        told = {name: values.get(name) for name in declared}
        context = self.context(viewer, apart=apart)
        result = await SCHEMA.execute(document, variable_values=told, context_value=context)
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
        await divide(plain.database)
        await plain.database["contacts"].create_indexes(SEARCH_INDEXES)
        known = await plain.database["contacts"].distinct("_id", {"type": {"$ne": "EPHEMERAL"}})
        await refresh_search_keys(plain.database, known)
        found = (await contacts_found(plain.database, ContactSearch(), Window(40))).rows
        of_organizations = await fill_organizations(plain.database)
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
            "foundCursor": cursor_of(found[-1], FOUND_FIRST),
            **{name: to_global_id(RECORDS[name], id_) for name, id_ in of_organizations.items()},
            **{f"{list_}Cursor": cursor for list_, cursor in (await cursors(plain.database)).items()},
            **{f"{list_}Cursor": cursor for list_, cursor in (await organization_cursors(plain.database)).items()},
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


def one_by_one(values: Mapping[str, tuple[object, ...]]) -> Iterator[dict[str, object]]:
    """Yield no filter, and one for each value of each field."""
    yield {}
    yield from ({name: value} for name, options in values.items() for value in options)


def windows_at(cursor: object) -> list[dict[str, object]]:
    """Return the arguments of every kind of page, those with a place at this cursor."""
    return [{name: cursor if value == "cursor" else value for name, value in window.items()} for window in WINDOWS]


async def faults_of_pages(
    site: Site,
    document: str,
    cursor: str,
    filters: Iterator[dict[str, object]],
    viewer: Viewer = EVERYTHING,
    *,
    apart: bool = False,
) -> dict[str, list[str]]:
    """Return the faults of each page of a root list, under what was asked for."""
    found = {}
    for filter_ in filters:
        for window in windows_at(site.variables[cursor]):
            await site.ask(document, {"filter": filter_, **window}, viewer, apart=apart)
            if faults := await site.faults():
                found[f"{filter_} {window}"] = faults
    return found


PAGE = "$first: Int, $after: String, $last: Int, $before: String"
GIVEN = "first: $first, after: $after, last: $last, before: $before"
SESSIONS = f"query($filter: SessionFilter, {PAGE}) {{ sessions(filter: $filter, {GIVEN}) {{ nodes {{ id }} }} }}"
CONTACTS = f"query($filter: ContactFilter, {PAGE}) {{ contacts(filter: $filter, {GIVEN}) {{ nodes {{ id }} }} }}"
REJECTED = f"query({PAGE}) {{ rejectedEvents({GIVEN}) {{ nodes {{ id }} }} }}"
ORGANIZATIONS = (
    f"query($search: String, {PAGE}) {{ externalOrganizations(search: $search, {GIVEN}) {{ nodes {{ id }} }} }}"
)
DIVISIONS = tuple(to_global_id("Division", division) for division in (HOME, BUSY, RARE))
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
SEGMENTS = (to_global_id("Segment", SEGMENT),)
SEARCH_FILTERS: Mapping[str, tuple[object, ...]] = {
    **CONTACT_FILTERS,
    "type": (["IDENTIFIED"], ["CURATED"]),
    "kind": (["IDENTIFIED"], ["CANONICAL", "CURATED"]),
    "seenAfter": (AFTER,),
    "seenBefore": (BEFORE,),
}


async def test_every_page_of_sessions_under_every_filter_is_read_by_an_index(site: Site) -> None:
    wanted = {**SESSION_FILTERS, "contactId": (site.variables["contact"],)}
    assert await faults_of_pages(site, SESSIONS, "sessionCursor", combinations(**wanted)) == {}


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_every_page_of_sessions_of_some_divisions_is_read_by_an_index(viewer: str, site: Site) -> None:
    wanted = {**SESSION_FILTERS, "contactId": (site.variables["contact"],), "divisionId": DIVISIONS}
    filters = one_by_one(wanted)
    faults = await faults_of_pages(site, SESSIONS, "sessionCursor", filters, viewer_of(viewer))
    assert but_for_reads(viewer, faults) == {}


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_every_page_of_contacts_that_are_kept_apart_is_read_by_an_index(viewer: str, site: Site) -> None:
    types = (["EPHEMERAL"], ["IDENTIFIED"], ["CURATED"])
    filters = one_by_one({**CONTACT_FILTERS, "type": types, "divisionId": DIVISIONS, "segmentId": SEGMENTS})
    faults = await faults_of_pages(site, CONTACTS, "contactCursor", filters, viewer_of(viewer), apart=True)
    assert but_for_reads(viewer, faults) == {}


@pytest.mark.parametrize("search", ["", "a", "a b.example", "nobody"])
async def test_contacts_that_are_kept_apart_are_found_by_an_index(search: str, site: Site) -> None:
    document = CONTACTS.replace("contacts(", f'contacts(search: "{search}", ')
    filters = list(one_by_one({**SEARCH_FILTERS, "divisionId": DIVISIONS}))
    for viewer in VIEWERS:
        found = await faults_of_pages(site, document, "foundCursor", iter(filters), viewer_of(viewer), apart=True)
        assert but_for_reads(viewer, found) == {}, viewer


async def test_every_page_of_contacts_under_every_filter_is_read_by_an_index(site: Site) -> None:
    assert await faults_of_pages(site, CONTACTS, "contactCursor", combinations(**CONTACT_FILTERS)) == {}
    of_segment: Mapping[str, tuple[object, ...]] = {"createdAfter": (AFTER,), "createdBefore": (BEFORE,)}
    filters = ({"segmentId": SEGMENTS[0], **one} for one in combinations(**of_segment))
    assert await faults_of_pages(site, CONTACTS, "contactCursor", filters) == {}


@pytest.mark.parametrize("search", ["", "a", "a b.example", "b ex nobody", "?"])
async def test_every_page_of_found_contacts_under_every_filter_is_read_by_an_index(search: str, site: Site) -> None:
    document = CONTACTS.replace("contacts(", f'contacts(search: "{search}", ')
    each = [{name: value} for name, values in SEARCH_FILTERS.items() for value in values]
    together = {name: values[0] for name, values in SEARCH_FILTERS.items()}
    assert await faults_of_pages(site, document, "foundCursor", iter([{}, *each, together])) == {}


async def test_every_page_of_rejected_events_is_read_by_an_index(site: Site) -> None:
    assert await faults_of_pages(site, REJECTED, "rejectedCursor", iter([{}])) == {}


@pytest.mark.parametrize("search", [None, "werke", "acme 0500", "ac we 01", "nobody", "?"])
async def test_every_page_of_organizations_is_read_by_an_index(search: str | None, site: Site) -> None:
    for window in windows_at(site.variables["organizationCursor"]):
        await site.ask(ORGANIZATIONS, {"search": search, **window})
        assert await site.faults() == [], window


@pytest.mark.parametrize("about", ["", "contactId: $contact, "], ids=["of all", "of a contact"])
async def test_every_page_of_the_audit_log_is_read_by_an_index(about: str, site: Site) -> None:
    ids = "$contact: ID!, " if about else ""
    for window in windows_at(site.variables["auditCursor"]):
        await site.ask(f"query({ids}{PAGE}) {{ auditLog({about}{GIVEN}) {{ nodes {{ id }} }} }}", window)
        assert await site.faults() == [], window


IDS = f"({GIVEN}) {{ nodes {{ id }} }}"
OUTCOME = to_global_id("Outcome", "o-1")
CURVE = f'(outcomeId: "{OUTCOME}", {GIVEN}) {{ nodes {{ probability event {{ id }} }} }}'
UNDER_PARENTS: Mapping[str, tuple[str, str]] = {
    "sessions of a contact": (f"contact(id: $contact) {{ sessions{IDS} }}", "sessionCursor"),
    "events of a session": (f"session(id: $session) {{ events{IDS} }}", "eventCursor"),
    "curve of a session": (f"session(id: $session) {{ predictionHistory{CURVE} }}", "eventCursor"),
    "sessions of a journey": (f"journey(contactId: $contact) {{ sessions{IDS} }}", "sessionCursor"),
    "events of a journey": (f"journey(contactId: $contact) {{ events{IDS} }}", "stepCursor"),
    "notes of a contact": (f"contact(id: $contact) {{ notes{IDS} }}", "noteCursor"),
    "notes of an organization": (f"externalOrganization(id: $organization) {{ notes{IDS} }}", "noteCursor"),
    "relationships": (f"externalOrganization(id: $organization) {{ relationships{IDS} }}", "relationshipCursor"),
    "contacts of an organization": (f"externalOrganization(id: $organization) {{ contacts{IDS} }}", "memberCursor"),
    "models of an outcome": (f"outcomes {{ models{IDS} }}", "modelCursor"),
    "curves of many": (f"sessions(first: 200) {{ nodes {{ predictionHistory{CURVE} }} }}", "eventCursor"),
    "notes of many": (f"externalOrganizations(first: 200) {{ nodes {{ notes{IDS} }} }}", "noteCursor"),
    "sessions of many": (f"contacts(first: 200) {{ nodes {{ journey {{ sessions{IDS} }} }} }}", "sessionCursor"),
}
"""Connections under a parent, and the name of a place in each."""
PARENTS = ("contact", "session", "organization")


@pytest.mark.parametrize("viewer", [None, "of a division with many visits", "of the home division and another"])
@pytest.mark.parametrize("name", UNDER_PARENTS)
async def test_every_page_under_a_parent_is_read_by_an_index(name: str, viewer: str | None, site: Site) -> None:
    selection, cursor = UNDER_PARENTS[name]
    ids = "".join(f"${parent}: ID!, " for parent in PARENTS if f"${parent})" in selection)
    who = viewer_of(viewer) if viewer else EVERYTHING
    for window in windows_at(site.variables[cursor]):
        await site.ask(f"query({ids}{PAGE}) {{ {selection} }}", window, who, apart=viewer is not None)
        assert but_for_reads(viewer, {"": await site.faults()}).get("", []) == [], window


NODES = ("contact", "session", "event", "model", "rejected", *RECORDS)
OTHERS: Mapping[str, str] = {
    "viewer": "{ viewer { name } }",
    "contact": """query($contact: ID!) { contact(id: $contact) {
        latestSession { id } presence sessions { nodes { contact { id } } } journey { contact { id } } } }""",
    "contact by identifier": '{ contactByIdentifier(type: COOKIE, value: "regular") { id } }',
    "contact by an identifier that many hold": '{ contactByIdentifier(type: EMAIL, value: "a@b.example") { id } }',
    "candidates of an identifier that many have": """{ contactCandidates(type: EMAIL, value: "a@b.example") {
        contact { id } canonicalContact { id } } }""",
    "what is known of a customer": """query($contact: ID!) { contact(id: $contact) { kind displayName firstName
        middleName lastName salutation title address { city } surveyOptOut externalSystemUrl customFields sessionCount
        identifiers { contact { id } } externalOrganization { id } } }""",
    "identity": """query($contact: ID!) { contact(id: $contact) {
        canonicalContact { id } mergeSet { id kind } mergedTo { id } mergedFrom { id }
        links { child { id } parent { id } } identityPath { contact { id } session { id } } } }""",
    "what is known of many": """{ contacts(first: 200) { nodes { kind displayName sessionCount mergeSet { id }
        mergedTo { id } canonicalContact { id } links { id } identifiers { value } } } }""",
    "session": """query($session: ID!) { session(id: $session) { contact { id } formerContact { id }
        events(first: 200) { nodes { session { id } contact { id } outcomeAchievements { event { id } } } }
        predictions { outcome { id model { id } } session { id } model { id } }
        outcomeAchievements { outcome { id } session { id } event { id } } } }""",
    "event": "query($event: ID!) { event(id: $event) { session { id } contact { id } } }",
    "journey": """query($contact: ID!) { journey(contactId: $contact) { contact { id }
        sessions { nodes { id } } events { nodes { id } } predictions { probability }
        outcomeAchievements { outcome { id } session { id } event { id } } } }""",
    "achievements of many": "{ contacts(first: 200) { nodes { journey { outcomeAchievements { achievedDate } } } } }",
    "outcomes": "{ outcomes { model { id status } models { nodes { id status } } } }",
    "segments of journeys": """{ contacts(first: 200) { nodes {
        journey { segmentAssignments { segment { id } session { id } event { id } } } } } }""",
    "segments": """query($contact: ID!) { segments(search: "cart") { id } contact(id: $contact) {
        segmentAssignments { segment { id } session { id } event { id } }
        sessions { nodes { segmentAssignments { segment { id } session { id } event { id } } } } } }""",
    "rejected events": "{ rejectedEvents { nodes { id } } }",
    "audit log": "{ auditLog { nodes { id } } }",
    "audit log of a contact": "query($contact: ID!) { auditLog(contactId: $contact) { nodes { contactIds } } }",
    "divisions": """query($contact: ID!) { divisions { id } contact(id: $contact) { divisions { id }
        sessions { nodes { division { id } } } } }""",
    "organization": """query($organization: ID!) { externalOrganization(id: $organization) {
        contacts { nodes { externalOrganization { id } } } relationships { nodes { externalOrganization { id } } }
        notes { nodes { contact { id } externalOrganization { id } } } externalIds { url externalSource { id } } } }""",
    "notes": "query($contact: ID!) { contact(id: $contact) { notes { nodes { contact { id } } } } }",
    "organizations": "{ externalOrganizations(first: 200) { nodes { id } } }",
    "external sources": "{ externalSources { id } }",
    "tokens": "{ tokens { nodes { id divisions { name } } } }",
    "write keys": "{ writeKeys { nodes { id division { name } } } }",
    "roles": "{ roles { name permissions } }",
    "divisions of the viewer": "{ viewer { divisions { name } } }",
    "sessions": "{ sessions(first: 200) { nodes { contact { id } } } }",
    **{f"node {kind}": f"query(${kind}: ID!) {{ node(id: ${kind}) {{ id }} }}" for kind in NODES},
    "replay": "mutation($rejected: ID!) { replayRejectedEvents(input: {ids: [$rejected]}) { rejectedEvents { id } } }",
}


NOT_FOR_SOME = {"audit log"}
"""What those cannot ask who see only some divisions."""


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


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_every_other_document_is_answered_by_indexes_to_who_sees_some_divisions(viewer: str, site: Site) -> None:
    for name in OTHERS.keys() - NOT_FOR_SOME:
        assert await site.ask(OTHERS[name], None, viewer_of(viewer), apart=True) is not None
        assert [fault for fault in await site.faults() if not READS.match(fault)] == [], name


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
    assert {command.get("find") for command in reads(sent)} >= {"sessions", "contacts"}
    assert await site.faults() == []


async def test_intake_recognises_by_indexes(site: Site) -> None:
    told = [{"email": "new@b.example"}, {"email": "a@b.example"}, {"email": "a@b.example", "phone": "+41446681800"}]
    news = [call(f"claim {n}", f"claimer{n}", NOW, type="identify", traits=traits) for n, traits in enumerate(told)]
    await commit_batch(site.database, [Delivery(KEY, tuple(news), NOW, None, None)], IN_FORCE)
    sent = site.commands.take()
    assert await site.database["identityEdges"].count_documents({"evidence.value": "a@b.example"}) > 1
    site.commands.seen = sent
    assert {command.get("find") for command in reads(sent)} >= {"identifiers", "contacts", "identityEdges"}
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


PREVIEWS = {"Query.previewSegment", "Query.previewOutcome", "Preview.examples"}
"""They walk through the past on purpose, in a process of their own, and find their examples by id."""


def test_no_field_that_leads_to_more_rows_is_left_out() -> None:
    """What is asked for above covers every root, every field that is not told by the document itself, every filter."""
    asked: set[str] = set()
    below = [
        f"query($contact: ID!, $session: ID!, $organization: ID!, {PAGE}) {{ {selection} }}"
        for selection, _ in UNDER_PARENTS.values()
    ]
    for document in (*OTHERS.values(), *LIVE.values(), *below, SESSIONS, CONTACTS, REJECTED, ORGANIZATIONS):
        asked |= fields_in(document, SCHEMA)
    left_out = set(fields_that_read(SCHEMA)) - asked - PREVIEWS
    assert {field for field in left_out if not field.startswith("Mutation.")} == set()  # a mutation writes, by ids
    of_contacts = {**SEARCH_FILTERS, "segmentId": SEGMENTS}
    for name, filters in (("SessionFilter", SESSION_FILTERS), ("ContactFilter", of_contacts)):
        type_ = SCHEMA._schema.type_map[name]
        assert isinstance(type_, GraphQLInputObjectType)
        assert set(type_.fields) == {*filters, "divisionId"}
