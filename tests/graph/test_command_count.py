"""One command to MongoDB for each level of a document, whatever the number of rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from pymongo import monitoring

from tests.graph.conftest import TOKEN, Api, api_over

READS = ("find", "aggregate", "getMore")
DOCUMENT = """query($contacts: Int, $sessions: Int) { contacts(first: $contacts) { nodes {
    sessions(first: $sessions) { nodes { events(first: 20) { nodes { eventName } }
        predictions { outcome { displayName } model { kind } } } } } } }"""
LEVELS = [
    "aggregate contacts",
    "find contacts",  # what was merged into them
    *("aggregate 1",) * 2,  # sessions, events
    "find outcomes",
    "find predictionModels",
]
ORGANIZATIONS = """query($first: Int) { externalOrganizations(first: $first) { nodes {
    externalIds { url externalSource { name } } contacts { nodes { displayName } }
    notes { nodes { noteText externalOrganization { name } } }
    relationships { nodes { relationship externalOrganization { name } } } } } }"""
LEVELS_OF_ORGANIZATIONS = [
    "aggregate externalOrganizations",
    *("aggregate 1",) * 3,  # contacts, notes and relationships
    "find externalSources",
    "find externalOrganizations",
]


class Commands(monitoring.CommandListener):
    """Writes down which commands are sent to one database, and for which collection."""

    def __init__(self) -> None:
        self.database = ""
        self.seen: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.database_name == self.database and event.command_name in READS:
            self.seen.append(f"{event.command_name} {event.command[event.command_name]}")

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Not of interest."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Not of interest."""


@asynccontextmanager
async def counted(mongodb_url: str) -> AsyncIterator[tuple[Api, Commands]]:
    commands = Commands()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(monitoring, "_LISTENERS", monitoring._Listeners([commands], [], [], [], []))
        async with api_over(mongodb_url) as api:
            commands.database = api.database.name
            yield api, commands


async def sent_for(
    api: Api, commands: Commands, document: str = DOCUMENT, **variables: object
) -> tuple[list[str], httpx.Response]:
    commands.seen.clear()
    answer = await api.post({"query": document, "variables": variables}, TOKEN)
    assert "errors" not in answer.json(), answer.text
    of_us = ("find definitionVersions", "find writeKeys", "find outcomes {}", "find tokens")
    return [command for command in commands.seen if command not in of_us], answer


async def test_a_document_costs_one_command_a_level_for_one_row_and_for_hundreds(mongodb_url: str) -> None:
    async with counted(mongodb_url) as (api, commands):
        await api.ask('mutation { createOutcome(input: {displayName: "o", eventName: "x"}) { outcome { id } } }')
        calls = [
            {
                "type": "page",
                "messageId": f"{visitor}-{session}-{event}",
                "anonymousId": f"v{visitor}",
                "timestamp": (api.started - timedelta(hours=2 * session, minutes=event)).isoformat(),
            }
            for visitor in range(20)
            for session in range(8)
            for event in range(3)
        ]
        for start in range(0, len(calls), 480):
            await api.collect(*calls[start : start + 480])
        one, _ = await sent_for(api, commands, contacts=1, sessions=1)
        many, answer = await sent_for(api, commands, contacts=20, sessions=20)
    nodes = answer.json()["data"]["contacts"]["nodes"]
    sessions = [session for node in nodes for session in node["sessions"]["nodes"]]
    assert (len(nodes), len(sessions)) == (20, 160)
    assert all(len(session["events"]["nodes"]) == 3 for session in sessions)
    assert all(session["predictions"][0]["model"]["kind"] == "BASE_RATE" for session in sessions)
    assert sorted(one) == sorted(LEVELS)
    assert sorted(many) == sorted(LEVELS)


async def test_organizations_with_all_that_is_under_them_cost_one_command_a_level(mongodb_url: str) -> None:
    async with counted(mongodb_url) as (api, commands):
        source = """mutation { createExternalSource(input: {name: "CRM", linkConfiguration: {
            uriTemplate: "https://crm.example/{{externalId.value}}"}}) { externalSource { id } } }"""
        source_id = (await api.ask(source))["createExternalSource"]["externalSource"]["id"]
        for number in range(20):
            await organization_with_a_note_and_a_relationship(api, source_id, str(number))
        one, _ = await sent_for(api, commands, ORGANIZATIONS, first=1)
        many, answer = await sent_for(api, commands, ORGANIZATIONS, first=20)
    nodes = answer.json()["data"]["externalOrganizations"]["nodes"]
    assert len(nodes) == 20
    assert all(len(node["notes"]["nodes"]) == len(node["relationships"]["nodes"]) == 1 for node in nodes)
    assert {node["externalIds"][0]["url"] for node in nodes} == {f"https://crm.example/{n}" for n in range(20)}
    assert sorted(one) == sorted(LEVELS_OF_ORGANIZATIONS)
    assert sorted(many) == sorted(LEVELS_OF_ORGANIZATIONS)


async def organization_with_a_note_and_a_relationship(api: Api, source_id: str, name: str) -> None:
    create = """mutation($name: String!, $source: ID!) { createExternalOrganization(input: {
        name: $name, externalIds: [{externalSourceId: $source, value: $name}]}) { externalOrganization { id } } }"""
    made = await api.ask(create, name=name, source=source_id)
    fill = """mutation($id: ID!) {
        createNote(input: {externalOrganizationId: $id, noteText: "x"}) { note { id } }
        createRelationship(input: {externalOrganizationId: $id, userId: "ada", relationship: "Buyer"}) {
            relationship { id } } }"""
    await api.ask(fill, id=made["createExternalOrganization"]["externalOrganization"]["id"])
