"""What the mutations of outcomes and segments have in common: reading an input, and copying."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import fields, is_dataclass
from enum import Enum

import strawberry
from strawberry.utils.str_converters import to_camel_case

from gateway.graph.errors import BadInput
from gateway.graph.words import Info, Row
from gateway.journey.definition_fields import MAX_NAME, DefinitionKind
from gateway.journey.ids import derive_id
from gateway.storage.definition_import import COLLECTIONS
from gateway.storage.definitions import NameTaken, add_definition
from gateway.storage.rows import all_rows

ATTEMPTS = 10
"""Names that a copy is stored under before it is given up: others may copy the same at this moment."""
_ROOM_FOR_NUMBER = 20


def told_fields(wanted: object) -> dict[str, object]:
    """Return what an input tells, by the names and with the values that are stored: what is left out is not there."""
    told = {to_camel_case(one.name): getattr(wanted, one.name) for one in fields(wanted)}  # type: ignore[arg-type]  # every input is a dataclass
    return {name: _stored(value) for name, value in told.items() if value is not strawberry.UNSET}


def check_something_given(wanted: object) -> None:
    """Check that an input says what to change; a field that has its default is left out.

    Raises:
        BadInput: it names the thing alone.
    """
    others = (one for one in fields(wanted) if one.name != "id")  # type: ignore[arg-type]  # every input is a dataclass
    if all(getattr(wanted, one.name) is one.default for one in others):
        raise BadInput("Nothing is to be changed: pass at least one field beside `id`.", field="input")


async def stored_copy(info: Info, kind: DefinitionKind, original: Row) -> Row:
    """Store a copy of a definition, not active, under a name that no other one has, and return it.

    Raises:
        NameTaken: others have copied the same at this moment, and were quicker again and again.
    """
    for _ in range(ATTEMPTS - 1):
        with suppress(NameTaken):
            return await _copied(info, kind, original)
    return await _copied(info, kind, original)


async def _copied(info: Info, kind: DefinitionKind, original: Row) -> Row:
    database, now = info.context.database, info.context.clock()
    taken = {row["displayName"] for row in await all_rows(database, COLLECTIONS[kind])}
    name = _copy_name(original["displayName"], taken)
    own = {"_id": derive_id(kind.value, name, now.isoformat()), "displayName": name, "isActive": False}
    row = {**original, **own, "version": 1, "createdDate": now, "modifiedDate": now}
    await add_definition(database, COLLECTIONS[kind], row)
    return row


def _copy_name(name: str, taken: Collection[str]) -> str:
    beginning = name[: MAX_NAME - _ROOM_FOR_NUMBER]
    names = (f"{beginning} (copy{f' {number}' if number > 1 else ''})" for number in range(1, len(taken) + 2))
    return next(one for one in names if one not in taken)


def _stored(value: object) -> object:
    if is_dataclass(value):
        return told_fields(value)
    return value.value if isinstance(value, Enum) else value
