"""Segments and outcomes as files hold them: our exports, and those of the product that they were made for.

A file holds one definition, a list of them, {"segments": [...], "outcomes": [...]}, or answers of the other product's
API: {"entities": [...]}, or a list of such pages. Fields have the same names there; those that we do not know, such as
`selfUri`, count for nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from gateway.journey.conditions import Conditions, Pattern
from gateway.journey.conditions_format import conditions_from, written_conditions
from gateway.journey.definition_fields import (
    FIELDS,
    DefinitionKind,
    checked_fields,
    checked_id,
    checked_name,
    with_defaults,
)
from gateway.journey.errors import InvalidValue
from gateway.journey.segment import SegmentScope
from gateway.journey.told_conditions import told_conditions

LONGEST_NAME_SHOWN = 60
OUTCOME_FIELDS = ("isPositive", "associatedValueField")
"""Fields that outcomes alone have; an entity with one of them is an outcome."""
OUTCOMES_URI = "/journey/outcomes"
"""Where the other product keeps outcomes; its `selfUri` tells."""


@dataclass(frozen=True, slots=True)
class DefinitionRecord:
    """A definition from a file: its stored fields but for version and dates; `id` None where the file tells none."""

    kind: DefinitionKind
    id: str | None
    fields: Mapping[str, object]

    @property
    def name(self) -> str:
        """Its display name."""
        return str(self.fields["displayName"])


class UnreadDefinition(NamedTuple):
    """A definition that cannot be taken: its kind and name, or its place in the file, and why."""

    name: str
    reason: str


def read_definitions(document: object) -> Iterator[DefinitionRecord | UnreadDefinition]:
    """Yield the definitions of a file, in its order; what is wrong with one does not keep the others from being read.

    A second definition of the same name, or the same id, is wrong.
    """
    taken: set[tuple[object, str]] = set()
    for place, (kind, told) in enumerate(_told(document), start=1):
        try:
            record = _read(told, kind)
            _check_alone(record, taken)
        except InvalidValue as error:
            yield UnreadDefinition(_shown(told, kind) or f"number {place}", str(error))
        else:
            yield record


def written_definition(kind: DefinitionKind, row: Mapping[str, object]) -> dict[str, object]:
    """Return a stored definition as it is exported; reading that gives the same again."""
    asked = conditions_from(row)
    if kind is DefinitionKind.OUTCOME and isinstance(row.get("eventName"), str):
        asked = Conditions(journey=(Pattern(event_name=str(row["eventName"])),))
    told = {name: row[name] for name in FIELDS[kind] if row.get(name) is not None}
    dates = {name: _iso(row[name]) for name in ("createdDate", "modifiedDate") if name in row}
    return {"id": row["_id"], **told, "version": row["version"], **written_conditions(asked), **dates}


def _told(document: object) -> Iterator[tuple[DefinitionKind | None, object]]:
    """Yield what is told of each definition, with its kind where its list tells that."""
    for page in document if isinstance(document, list) else [document]:
        lists = {name: page[name] for name in _LISTS if name in page} if isinstance(page, Mapping) else {}
        for name, listed in lists.items():
            # what is no list is told as one definition, which it is not either
            yield from ((_LISTS[name], told) for told in (listed if isinstance(listed, list) else [listed]))
        if not lists:
            yield None, page


def _read(told: object, kind: DefinitionKind | None) -> DefinitionRecord:
    if not isinstance(told, Mapping):
        raise InvalidValue("definition", told, "an object")
    kind = kind or _kind_of(told)
    checked_name(told.get("displayName"))  # the one field that must be told
    fields = checked_fields(kind, with_defaults(kind, told))
    return DefinitionRecord(kind, checked_id(told.get("id")), fields | _asked(kind, conditions_from(told), fields))


def _kind_of(told: Mapping[str, object]) -> DefinitionKind:
    is_outcome = any(name in told for name in OUTCOME_FIELDS) or OUTCOMES_URI in str(told.get("selfUri"))
    return DefinitionKind.OUTCOME if is_outcome else DefinitionKind.SEGMENT


def _asked(kind: DefinitionKind, asked: Conditions, fields: Mapping[str, object]) -> dict[str, object]:
    """Return the conditions as they are stored: those of an outcome that asks for one event alone as its name.

    The members of an external segment are told from elsewhere: it has none.
    """
    if "externalSegment" in fields:
        if asked.about_visit or asked.journey:
            raise InvalidValue("externalSegment", fields["externalSegment"], "absent where there are conditions")
        return {}
    asked = told_conditions(asked, SegmentScope(fields.get("scope", SegmentScope.SESSION.value)))
    if kind is DefinitionKind.OUTCOME and not asked.context and len(asked.journey) == 1:
        (pattern,) = asked.journey
        if pattern == Pattern(event_name=pattern.event_name):
            return {"eventName": pattern.event_name}
    return written_conditions(asked)


def _check_alone(record: DefinitionRecord, taken: set[tuple[object, str]]) -> None:
    own: dict[str, tuple[object, str]] = {"displayName": (record.kind, record.name)}
    if record.id is not None:
        own["id"] = ("id", record.id)
    for field, key in own.items():
        if key in taken:
            raise InvalidValue(field, key[1], "another one than that of a definition before it in the file")
    taken.update(own.values())


def _shown(told: object, kind: DefinitionKind | None) -> str:
    """Return the kind and the name of what cannot be taken, without what would upset a terminal; "" without a name."""
    name = told.get("displayName") if isinstance(told, Mapping) else None
    shown = name[:LONGEST_NAME_SHOWN] if isinstance(name, str) else ""
    plain = "".join(character if character.isprintable() else "?" for character in shown).strip()
    return f"{(kind or _kind_of(told)).value} {plain}" if plain and isinstance(told, Mapping) else ""


def _iso(date: object) -> str:
    isoformat = getattr(date, "isoformat", None)
    return str(isoformat(timespec="milliseconds")).replace("+00:00", "Z") if isoformat else str(date)


_LISTS: Mapping[str, DefinitionKind | None] = {
    "segments": DefinitionKind.SEGMENT,
    "outcomes": DefinitionKind.OUTCOME,
    "entities": None,
}
"""Names of lists of definitions, and the kind of those in each; None where they have to tell it themselves."""
