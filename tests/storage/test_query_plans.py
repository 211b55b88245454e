"""Every query of schema, live feeds, training and intake walks an index and reads little beyond what it returns.

Pages of lists are in `test_page_plans.py`; that no field is left out of either is told here. Left out are collections
of definitions, which hold a few rows that are read as a whole, and change streams, which read the oplog.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from datetime import timedelta
from typing import Any, cast

import pytest
from graphql import GraphQLInputObjectType

from gateway.intake.batch import commit_batch
from gateway.prediction.training import LOOK_BACK
from gateway.storage.documents import DOCUMENTS
from gateway.storage.imports import places_of_events
from gateway.storage.training_counts import training_counts
from snippet.delivery import Delivery
from tests.running_server import until
from tests.storage.asked_fields import fields_in, fields_that_read
from tests.storage.busy_site import IN_FORCE, KEY, NOW, call
from tests.storage.explained import reads
from tests.storage.explained_site import READS, RECORDS, SCHEMA, VIEWERS, Site, explained_site, viewer_of
from tests.storage.paged_lists import (
    CONTACTS,
    ORGANIZATIONS,
    PAGE,
    REJECTED,
    SEARCH_FILTERS,
    SEGMENTS,
    SESSION_FILTERS,
    SESSIONS,
    UNDER_PARENTS,
)


@pytest.fixture(scope="module")
async def site(mongodb_url: str) -> AsyncIterator[Site]:
    async with explained_site(mongodb_url) as site:
        yield site


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
