"""`journey-gateway contacts export`: every known customer, a row or an object each, in a form that can be imported."""

import csv
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec
import typer

from gateway.cli.contact_columns import ADDRESS, IDENTIFIER_TYPES, TARGETS, guarded
from gateway.cli.contact_import import ACTOR
from gateway.cli.failures import CommandError
from gateway.cli.meter import Meter, meter
from gateway.cli.surroundings import read_settings, surroundings
from gateway.clock import now
from gateway.graph.node import to_global_id
from gateway.journey.contact import Contact, ContactType
from gateway.journey.merge_fields import merge_fields
from gateway.storage.audit_log import AuditAction, AuditEntry, record
from gateway.storage.database import Database, Row
from gateway.storage.documents.contact import contact_from
from gateway.storage.identity.merge_sets import rows_below
from gateway.storage.keyset import NEWEST_FIRST, cursor_of
from gateway.storage.pages import Listing, Window, page_of
from gateway.storage.reading import reading
from gateway.storage.rows import rows_by_id

AT_ONCE = 500
KNOWN = (ContactType.CURATED.value, ContactType.IDENTIFIED.value)
Record = dict[str, object]


async def export_contacts(path: Path) -> None:
    """Write every known customer to a file, the curated ones first, and tell how many there were.

    The file takes its name when it is complete; it is for its owner's eyes only.

    Raises:
        CommandError: the name tells no format, or the file cannot be written.
    """
    if path.suffix not in FORMATS:
        raise CommandError(f"{path.name} tells no format: let its name end with {' or '.join(FORMATS)}.")
    part = path.with_name(f"{path.name}.part")
    async with surroundings(read_settings(), join=True) as ready:
        try:
            part.touch(mode=0o600)
            with part.open("w", encoding="utf-8", newline="") as file:
                count = await _write(ready.connection.database, file, path)
            part.replace(path)
        except OSError as error:
            raise CommandError(f"{path} cannot be written ({error.strerror or error}).") from None
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        entry = AuditEntry(now(), ACTOR, AuditAction.EXPORTED, (), {"contacts": count})
        await record(ready.connection.database, entry)
    typer.echo(f"contacts  {count:,} exported to {path}")


async def _write(database: Database, file: IO[str], path: Path) -> int:
    write = FORMATS[path.suffix](file)
    filters = [{"type": type_, "ancestors": {"$exists": False}} for type_ in KNOWN]
    with reading("contacts"):
        total = sum([await database["contacts"].count_documents(one) for one in filters])
    count = 0
    with meter(path.name, total) as shown:
        for one in filters:
            async for records in _records(database, Listing("contacts", NEWEST_FIRST, filter=one)):
                for told in records:
                    write(told)
                count += len(records)
                _show(shown, count)
    return count


def _show(shown: Meter, count: int) -> None:
    shown.show(count, f"{count:,} contacts")


async def _records(database: Database, listing: Listing) -> AsyncIterator[list[Record]]:
    cursor = None
    while True:
        page = await page_of(database, listing, Window(AT_ONCE, after=cursor))
        if page.rows:
            yield await _told(database, page.rows)
            cursor = cursor_of(page.rows[-1], listing.order)
        if not page.has_next:
            return


async def _told(database: Database, rows: Sequence[Row]) -> list[Record]:
    """Return what is shown of these customers, with everything that is merged into each."""
    below = await rows_below(database, [row["_id"] for row in rows])
    sets = [[contact_from(row), *map(contact_from, below.get(row["_id"], ()))] for row in rows]
    fields = [merge_fields(members[1:], members[0].fields) for members in sets]
    ids = {str(one["externalOrganizationId"]) for one in fields if "externalOrganizationId" in one}
    organizations = await rows_by_id(database, "externalOrganizations", list(ids)) if ids else {}
    return [_record(members, told, organizations) for members, told in zip(sets, fields, strict=True)]


def _record(members: Sequence[Contact], fields: Mapping[str, object], organizations: Mapping[str, Row]) -> Record:
    root = members[0]
    told = {name: value for name, value in fields.items() if name != "externalOrganizationId"}
    identifiers = {one.key: one for member in members for one in member.identifiers if one.type in IDENTIFIER_TYPES}
    verified = {one.key for member in members for one in member.identifiers if one.is_verified}
    held = [{"type": one.type, "value": one.value, "verified": key in verified} for key, one in identifiers.items()]
    record_ = {"id": to_global_id("Contact", root.id), "type": root.type.value, **told, "identifiers": held}
    organization = organizations.get(str(fields.get("externalOrganizationId")))
    if organization is not None:
        id_ = to_global_id("ExternalOrganization", organization["_id"])
        record_["externalOrganization"] = {"id": id_, "name": organization["name"]}
    return {**record_, "createdDate": root.created_date, "modifiedDate": root.modified_date}


def _json_writer(file: IO[str]) -> Callable[[Record], None]:
    return lambda told: print(msgspec.json.encode(told).decode(), file=file)


def _csv_writer(file: IO[str]) -> Callable[[Record], None]:
    writer = csv.writer(file)
    writer.writerow(TARGETS)

    def write(told: Record) -> None:
        writer.writerow([guarded(_cell(told, target)) for target in TARGETS])

    return write


def _cell(told: Record, target: str) -> str:
    """Return the cell of a column: identifiers one a line, or as JSON where one of them would be misread."""
    if target in IDENTIFIER_TYPES:
        listed = told["identifiers"]
        values = [str(one["value"]) for one in listed if one["type"] == target] if isinstance(listed, list) else []
        is_plain = all(len(value.splitlines()) == 1 and not value.startswith("[") for value in values)
        return "\n".join(values) if is_plain else msgspec.json.encode(values).decode()
    if target in {"organizationId", "organization"}:
        part, name = told.get("externalOrganization"), "id" if target == "organizationId" else "name"
    elif target.startswith(ADDRESS):
        part, name = told.get("address"), target.removeprefix(ADDRESS)
    else:
        part, name = told, target
    value = part.get(name) if isinstance(part, Mapping) else None
    if isinstance(value, Mapping):
        return msgspec.json.encode(value).decode()
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


FORMATS: Mapping[str, Callable[[IO[str]], Callable[[Record], None]]] = {".ndjson": _json_writer, ".csv": _csv_writer}
"""The formats, by how a file's name ends."""
