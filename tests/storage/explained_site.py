"""A busy site whose reads MongoDB explains, and those who ask it: who sees everything, and who sees some divisions.

Real documents are executed, the driver's listener writes down what they send, and MongoDB explains each command.
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any, cast
from uuid import uuid4

from graphql import parse
from pymongo import AsyncMongoClient

from gateway.access.audit_trail import AuditTrail
from gateway.access.authentication import Authenticator
from gateway.access.permissions import ROLES
from gateway.access.viewer import Viewer
from gateway.graph.context import Context, Services
from gateway.graph.node import to_global_id
from gateway.graph.schema import make_schema
from gateway.intake.definitions import DefinitionReader
from gateway.intake.replay import Replay
from gateway.journey.definitions import SESSION_TIMEOUT, Definitions
from gateway.journey.division import HOME
from gateway.live.hub import Hub
from gateway.prediction.preview import Previews
from gateway.storage.connection import Connection, connect
from gateway.storage.contact_search import FOUND_FIRST, ContactSearch, contacts_found
from gateway.storage.contact_search_keys import refresh_search_keys
from gateway.storage.database import Database, Row
from gateway.storage.documents.contact import SEARCH_INDEXES
from gateway.storage.keyset import cursor_of
from gateway.storage.pages import Window
from gateway.storage.preparation import prepare
from tests.storage.busy_organizations import fill_organizations, organization_cursors
from tests.storage.busy_site import BUSY, NOW, RARE, cursors, divide, fill
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


@asynccontextmanager
async def explained_site(mongodb_url: str) -> AsyncIterator[Site]:
    """Serve a site of its own, whose database is gone afterwards."""
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
