"""`journey-gateway contacts export-person`: everything that is held of one customer, as JSON, however much it is."""

import json
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, TextIO

import typer

from gateway.cli.failures import CommandError
from gateway.cli.surroundings import read_settings, run, surroundings
from gateway.clock import now
from gateway.graph.errors import BadInput
from gateway.graph.node import stored_id_of
from gateway.journey.identifier import IdentifierType, normalised
from gateway.storage.database import Database, Row
from gateway.storage.identity.export import COLLECTIONS, Part, begin_export, exported, head_of
from gateway.storage.identity.people import customers_with

ACTOR = "command line"
"""Who the audit log says has exported it: whoever can start commands needs no token."""


def export_person(
    contact_id: Annotated[
        str | None, typer.Argument(help="Id of a contact of the customer.", show_default=False)
    ] = None,
    email: Annotated[str | None, typer.Option(help="An e-mail address that no other customer holds.")] = None,
) -> None:
    """Write everything that is held of a customer to standard output, as one JSON object."""
    run(_export(contact_id, email))


async def _export(contact_id: str | None, email: str | None) -> None:
    if (contact_id is None) == (email is None):
        raise CommandError("Whose data? Give either the id of a contact or --email.")
    async with surroundings(read_settings(), join=True) as ready:
        database, at = ready.connection.database, now()
        id_ = _stored_id(contact_id) if contact_id else await _holder(database, email or "")
        members = await begin_export(database, id_, ACTOR, at)
        if not members:
            raise CommandError(f"There is no contact with the id {contact_id or id_!r}.")
        await write_export(exported(database, members), members, at, sys.stdout)


def _stored_id(text: str) -> str:
    """Return the stored id behind what GraphQL shows; a stored id is taken as it is."""
    try:
        return stored_id_of("Contact", text)
    except BadInput:
        return text


async def _holder(database: Database, email: str) -> str:
    form = normalised(IdentifierType.EMAIL.value, email)
    ids = await customers_with(database, IdentifierType.EMAIL.value, form) if form else []
    if len(ids) == 1:
        return ids[0]
    if not ids:
        raise CommandError(f"--email is {email!r}, but no contact holds this address.")
    raise CommandError(f"--email is held by several customers, pass one as contact id: {', '.join(ids)}.")


async def write_export(parts: AsyncIterator[Part], members: Sequence[Row], at: datetime, out: TextIO) -> None:
    """Write the export as a JSON object with a list for each collection, a document a line; it is never held whole."""
    out.write(json.dumps(head_of(members, at)).removesuffix("}"))
    names = iter(COLLECTIONS)
    begun = None
    async for collection, row in parts:
        separator = ",\n"
        while begun != collection:
            out.write("]" if begun else "")
            begun = next(names)
            out.write(f',\n"{begun}": [')
            separator = "\n"
        out.write(separator + json.dumps(row, ensure_ascii=False))
    out.write("]" if begun else "")
    out.writelines(f',\n"{name}": []' for name in names)
    out.write("}\n")
