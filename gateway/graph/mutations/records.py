"""What the mutations of records that people keep by hand have in common: reading an input, changing, deleting."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass

import strawberry
from strawberry.utils.str_converters import to_camel_case

from gateway.graph.errors import BadInput, NotFound
from gateway.graph.node import stored_id_of
from gateway.graph.words import Info
from gateway.storage.database import Row
from gateway.storage.records import change_record, delete_record

GIVEN_BY_ID = "id"


def told_of(wanted: object) -> dict[str, object]:
    """Return what an input tells, by the names that clients use; what is left out is not there, and null is None."""
    told = {to_camel_case(field.name): getattr(wanted, field.name) for field in fields(wanted)}  # type: ignore[arg-type]  # inputs are dataclasses
    return {
        name: _plain(value) for name, value in told.items() if value is not strawberry.UNSET and name != GIVEN_BY_ID
    }


def told_changes(wanted: object) -> dict[str, object]:
    """Return what an input tells to change.

    Raises:
        BadInput: it tells nothing.
    """
    told = told_of(wanted)
    if not told:
        raise BadInput("Nothing is to be changed: pass at least one field beside `id`.", field="input")
    return told


async def changed_row(info: Info, kind: str, collection: str, id_: str, changes: Mapping[str, object]) -> Row:
    """Change the record behind an id that clients see, and return it as it is now.

    Raises:
        BadInput: the id is none of this kind.
        NotFound: there is no such record.
        AlreadyThere: another record has what must be unique.
    """
    row = await change_record(info.context.database, collection, stored_id_of(kind, id_), changes)
    return found(row, kind, id_)


async def deleted_row(info: Info, kind: str, collection: str, id_: str) -> Row:
    """Delete the record behind an id that clients see, and return it as it was.

    Raises:
        BadInput: the id is none of this kind.
        NotFound: there is no such record.
    """
    return found(await delete_record(info.context.database, collection, stored_id_of(kind, id_)), kind, id_)


def found(row: Row | None, kind: str, id_: str, field: str = "id") -> Row:
    """Return the row.

    Raises:
        NotFound: it is None.
    """
    if row is None:
        raise NotFound(f"`{field}` is {id_!r}, but there is no {kind} with this id.", field=field)
    return row


def _plain(value: object) -> object:
    """Return the value of a field as the domain takes it: parts as mappings, ids and numbers as they are."""
    if is_dataclass(value):
        return told_of(value)
    return [_plain(entry) for entry in value] if isinstance(value, list) else value
