"""`journey-gateway contacts import`: contacts of a file become contacts here, or are matched with those there are."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from gateway.cli.contact_columns import Told
from gateway.cli.contact_files import ContactFile, ReadContact, Reading, open_contacts
from gateway.cli.contact_requests import id_of, request_of
from gateway.cli.contact_tally import ContactTally, RefusedFile
from gateway.cli.meter import meter
from gateway.cli.stopping import INTERRUPTED, told_to_stop
from gateway.cli.surroundings import read_settings, surroundings
from gateway.clock import now
from gateway.journey.contact_record import IDENTIFIERS
from gateway.journey.enrichment import Enrichment
from gateway.journey.enrichment_plan import Customers, Enriched
from gateway.journey.errors import InvalidValue
from gateway.journey.identity import Rule
from gateway.storage.database import Database
from gateway.storage.identity.enriching import Teller, enrich_those_that_can_be, would_enrich
from gateway.storage.organization_names import organization_called, organization_ids
from gateway.storage.rows import rows_by_id
from gateway.storage.sight import EVERYTHING, Sight

ACTOR = "command line"
AT_ONCE = 200
"""Contacts of one transaction."""
PREVIEWED = 10


@dataclass(frozen=True, slots=True)
class ImportWanted:
    """What a contacts import was asked for; `matching` are types of identifiers, in the order in which they count."""

    file: Path
    reading: Reading
    matching: Sequence[str]
    merge: bool = False
    dry_run: bool = False
    refused: Path | None = None


def preview(file: Path, reading: Reading) -> Table:
    """Return the first contacts of a file as they would be read.

    Raises:
        CommandError: the file cannot be read.
    """
    with open_contacts(file, reading) as opened:
        contacts = list(islice(opened.contacts(), PREVIEWED))
        unread = opened.columns.unread if opened.columns else ()
    rows = [_cells(contact) for contact in contacts]
    names = list(dict.fromkeys(name for row in rows for name in row))
    caption = f"not read: {', '.join(unread)}" if unread else None
    table = Table("", *names, title=f"{file.name}, as it would be read", caption=caption)
    for contact, row in zip(contacts, rows, strict=True):
        table.add_row(str(contact.number), *(row.get(name, "") for name in names))
    return table


async def import_contacts(wanted: ImportWanted) -> None:
    """Import a file, and tell what was done; told to stop, what is under way is finished first."""
    settings = read_settings()
    with told_to_stop() as stop:
        async with surroundings(settings, join=True) as ready:
            with open_contacts(wanted.file, wanted.reading) as file:
                refused = RefusedFile(
                    wanted.refused or RefusedFile.beside(wanted.file, file.columns),
                    file.columns,
                    wanted.reading.encoding,
                )
                importer = ContactImporter(
                    ready.connection.database, wanted, refused, Sight(contacts_apart=settings.contact_divisions)
                )
                try:
                    await importer.run(file, stop)
                finally:
                    refused.close()
    _tell(importer, file)
    if stop.is_set():
        typer.echo("Stopped. The same command begins again, and changes nothing that is done.", err=True)
        raise typer.Exit(INTERRUPTED)


@dataclass(slots=True)
class ContactImporter:
    """One run of an import. A dry run knows in `customers` what it would have done so far."""

    database: Database
    wanted: ImportWanted
    refused: RefusedFile
    sight: Sight = EVERYTHING
    tally: ContactTally = field(default_factory=ContactTally)
    customers: Customers = field(default_factory=Customers)

    async def run(self, file: ContactFile, stop: asyncio.Event) -> None:
        """Import the contacts of a file, some at a time, until told to stop."""
        contacts = file.contacts()
        with meter(Path(file.name).name, file.size) as shown:
            while not stop.is_set() and (some := await asyncio.to_thread(_next, contacts)):
                await self.take(some)
                shown.show(file.position, self.tally.told())

    async def take(self, contacts: Sequence[ReadContact]) -> None:
        """Import some contacts in one transaction; those that are refused do not keep the others from it."""
        organizations = await self._organizations([one.told for one in contacts])
        requests: list[tuple[ReadContact, Enrichment]] = []
        for contact in contacts:
            try:
                requests.append((contact, self._request(contact, organizations)))
            except InvalidValue as error:
                self._refuse(contact, contact.problem or str(error))
        results = await self._enrich([request for _, request in requests])
        for (contact, _), result in zip(requests, results, strict=True):
            if isinstance(result, Enriched):
                self.tally.take(contact, result)
            else:
                self._refuse(contact, str(result))

    def _request(self, contact: ReadContact, organizations: "_Organizations") -> Enrichment:
        if contact.problem or not contact.told.keys() - {"id", "type"}:
            raise InvalidValue("contact", contact.told, "one of which something is told")
        organization_id = organizations.id_of(contact.told)
        return request_of(contact.told, self.wanted.matching, organization_id, merge=self.wanted.merge)

    async def _enrich(self, requests: Sequence[Enrichment]) -> Sequence[Enriched | InvalidValue]:
        teller = Teller(ACTOR, now(), Rule.IMPORT, self.wanted.reading.region, self.sight)
        if self.wanted.dry_run:
            return await would_enrich(self.database, requests, teller, self.customers)
        return await enrich_those_that_can_be(self.database, requests, teller)

    async def _organizations(self, told: Sequence[Told]) -> "_Organizations":
        """Find the organizations that these contacts name, by id or else by name; the missing ones are added."""
        ids = [id_ for one in told if (id_ := id_of("ExternalOrganization", str(one.get("organizationId", ""))))]
        known = set(await rows_by_id(self.database, "externalOrganizations", ids)) if ids else set()
        names = {str(one["organization"]) for one in told if _is_name(one.get("organization"))}
        add_missing = not self.wanted.dry_run
        by_name = await organization_ids(self.database, names, now(), add_missing=add_missing) if names else {}
        return _Organizations(known, by_name)

    def _refuse(self, contact: ReadContact, reason: str) -> None:
        self.tally.refuse(contact, reason)
        if not self.wanted.dry_run:
            self.refused.add(contact, reason)


@dataclass(frozen=True, slots=True)
class _Organizations:
    known_ids: set[str]
    by_name: dict[str, str]

    def id_of(self, told: Told) -> str | None:
        """Return the id of the organization that a contact names.

        Raises:
            InvalidValue: no organization can have such a name.
        """
        id_ = id_of("ExternalOrganization", str(told.get("organizationId", "")))
        name = told.get("organization")
        if id_ in self.known_ids or name is None:
            return id_ if id_ in self.known_ids else None
        if name not in self.by_name:
            raise InvalidValue("organization", name, "the name of an organization: 1 to 1,000 characters")
        return self.by_name[str(name)]


def _is_name(told: object) -> bool:
    try:
        return isinstance(told, str) and bool(organization_called(told, now()))
    except InvalidValue:
        return False


def _next(contacts: Iterator[ReadContact]) -> list[ReadContact]:
    return list(islice(contacts, AT_ONCE))


def _cells(contact: ReadContact) -> dict[str, str]:
    if contact.problem:
        return {"refused": contact.problem}
    told = {name: _shown(value) for name, value in contact.told.items() if name != IDENTIFIERS}
    listed = contact.told.get(IDENTIFIERS)
    for one in listed if isinstance(listed, list) else []:
        type_, value = str(one["type"]), str(one["value"])
        told[type_] = f"{told[type_]}\n{value}" if type_ in told else value
    return told


def _shown(value: object) -> str:
    return ", ".join(f"{name}: {part}" for name, part in value.items()) if isinstance(value, dict) else str(value)


def _tell(importer: ContactImporter, file: ContactFile) -> None:
    wanted = importer.wanted
    if wanted.dry_run:
        typer.echo("Nothing was written: this is what an import would do.")
    for line in importer.tally.report(None if wanted.dry_run else importer.refused.path):
        typer.echo(line)
    if file.columns and file.columns.unread:
        typer.echo(f"not read  {', '.join(file.columns.unread)} (--map COLUMN=FIELD says what they are)")


def show(table: Table) -> None:
    """Print a table on standard output."""
    Console().print(table)
