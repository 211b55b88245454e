"""Segments: defined, changed, copied and deleted."""

import re
from datetime import datetime
from typing import Annotated, Any

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.errors import BadInput, NotFound
from gateway.graph.mutations.definition_fields import check_something_given, copy_name, description_given, name_given
from gateway.graph.node import stored_id_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.conditions import ContextConditionsInput, JourneyConditionsInput, conditions_given
from gateway.graph.types.segment import ExternalSegmentSource, Segment, SegmentScope
from gateway.graph.words import Info, Row, stored
from gateway.journey.conditions_format import written_conditions
from gateway.journey.ids import derive_id
from gateway.storage.definitions import SEGMENTS, add_definition, change_definition, delete_definition, segment_rows
from gateway.storage.rows import rows_by_id

DEFAULT_COLOR = "#4a90e2"
MAX_EXPIRATION_DAYS = 3_650
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
CONDITIONS = ("context", "journey")


@strawberry.input(description="The segment of another system that a segment stands for.")
class ExternalSegmentInput:
    """Input of `externalSegment`."""

    id: str = strawberry.field(description="Its id there.")
    name: str = strawberry.field(description="Its name there.")
    source: ExternalSegmentSource = strawberry.field(description="Who tells its members.")


@strawberry.input(description="A segment to define: with conditions, or an external one without.")
class CreateSegmentInput:
    """Input of `createSegment`."""

    display_name: str = strawberry.field(description="Its name, unique, up to 200 characters.")
    description: str | None = strawberry.field(default=None, description="What it means, up to 2,000 characters.")
    color: str = strawberry.field(default=DEFAULT_COLOR, description="The colour to show it in: # and six digits.")
    scope: SegmentScope = strawberry.field(default=SegmentScope.SESSION, description="What it is of.")
    should_display_to_agent: bool = strawberry.field(default=True, description="Whether agents are to see it.")
    is_active: bool = strawberry.field(default=True, description="Whether visitors come into it from now on.")
    context: ContextConditionsInput | None = strawberry.field(default=None, description="What the visit must be.")
    journey: JourneyConditionsInput | None = strawberry.field(default=None, description="What must happen.")
    external_segment: ExternalSegmentInput | None = strawberry.field(
        default=None, description="What it stands for in another system, which tells its members."
    )
    assignment_expiration_days: int | None = strawberry.field(
        default=None, description="Days after which an assignment ends by itself, 0 to 3,650; null is never."
    )


@strawberry.input(description="What to change of a segment; what is left out stays.")
class UpdateSegmentInput:
    """Input of `updateSegment`."""

    id: strawberry.ID = strawberry.field(description="The segment.")
    display_name: str | None = strawberry.field(default=None, description="A new name.")
    description: str | None = strawberry.field(default=None, description="A new description.")
    color: str | None = strawberry.field(default=None, description="A new colour.")
    should_display_to_agent: bool | None = strawberry.field(default=None, description="Whether agents are to see it.")
    is_active: bool | None = strawberry.field(default=None, description="Whether visitors come into it from now on.")
    context: ContextConditionsInput | None = strawberry.field(default=None, description="What the visit must be.")
    journey: JourneyConditionsInput | None = strawberry.field(default=None, description="What must happen.")
    assignment_expiration_days: int | None = strawberry.field(
        default=None, description="Days after which an assignment ends by itself."
    )


@strawberry.input(description="A segment to copy, or to delete.")
class SegmentInput:
    """Input of `duplicateSegment` and `deleteSegment`."""

    id: strawberry.ID = strawberry.field(description="The segment.")


@strawberry.type(description="The segment, as it is now.", directives=[PUBLIC])
class SegmentPayload:
    """Payload of the mutations of segments."""

    segment: Segment = stored("segment", "The segment.")


Wanted = Annotated[CreateSegmentInput, strawberry.argument(description="The segment to define.")]
Changed = Annotated[
    UpdateSegmentInput, strawberry.argument(description="The segment, and what is to be changed of it.")
]
Named = Annotated[SegmentInput, strawberry.argument(description="The segment.")]


@strawberry.type(description="What can be changed of segments.")
class SegmentMutations:
    """Mutations of segments. A value of every payload is a mapping: hence the ignored types."""

    @strawberry.mutation(
        description="Define a segment. Visitors come into it from the next event on, in running sessions too.",
        directives=[requires(Permission.SEGMENT_ADD)],
    )
    async def create_segment(self, info: Info, input: Wanted) -> SegmentPayload:  # noqa: A002 - the contract
        """Store a segment, and return it."""
        row = _new_row(input, info.context.clock())
        await add_definition(info.context.database, SEGMENTS, row)
        return {"segment": row}  # type: ignore[return-value]

    @strawberry.mutation(
        description="Change a segment. Who has come into it stays; for others it begins anew.",
        directives=[requires(Permission.SEGMENT_EDIT)],
    )
    async def update_segment(self, info: Info, input: Changed) -> SegmentPayload:  # noqa: A002
        """Change the given fields, and return the segment."""
        check_something_given(input)
        before = await _known(info, input.id)
        changes = {**_changes(input, before), "modifiedDate": info.context.clock()}
        changed = await change_definition(info.context.database, SEGMENTS, before["_id"], changes)
        if changed is None:
            raise _unknown(input.id)
        return {"segment": changed}  # type: ignore[return-value]

    @strawberry.mutation(
        description="Copy a segment. The copy is not active, so that it can be changed first.",
        directives=[requires(Permission.SEGMENT_ADD)],
    )
    async def duplicate_segment(self, info: Info, input: Named) -> SegmentPayload:  # noqa: A002
        """Store a copy under a name of its own, and return it."""
        original, now = await _known(info, input.id), info.context.clock()
        taken = {row["displayName"] for row in await segment_rows(info.context.database)}
        name = copy_name(original["displayName"], taken)
        own = {"_id": derive_id("segment", name, now.isoformat()), "displayName": name, "isActive": False}
        row = {**original, **own, "version": 1, "createdDate": now, "modifiedDate": now}
        await add_definition(info.context.database, SEGMENTS, row)
        return {"segment": row}  # type: ignore[return-value]

    @strawberry.mutation(
        description="Delete a segment. That visitors were in it stays in their history, without its name.",
        directives=[requires(Permission.SEGMENT_DELETE)],
    )
    async def delete_segment(self, info: Info, input: Named) -> SegmentPayload:  # noqa: A002
        """Delete it, and return it as it was."""
        deleted = await delete_definition(info.context.database, SEGMENTS, stored_id_of("Segment", input.id))
        if deleted is None:
            raise _unknown(input.id)
        return {"segment": deleted}  # type: ignore[return-value]


async def _known(info: Info, id_: str) -> Row:
    stored_id = stored_id_of("Segment", id_)
    row = (await rows_by_id(info.context.database, SEGMENTS, [stored_id])).get(stored_id)
    if row is None:
        raise _unknown(id_)
    return row


def _unknown(id_: str) -> NotFound:
    return NotFound(f"There is no segment with the id {id_!r}.", field="id")


def _new_row(wanted: CreateSegmentInput, now: datetime) -> dict[str, Any]:
    name = name_given(wanted.display_name)
    row: dict[str, Any] = {
        "_id": derive_id("segment", name, now.isoformat()),
        "displayName": name,
        "description": description_given(wanted.description) if wanted.description else None,
        "isActive": wanted.is_active,
        "color": _color(wanted.color),
        "scope": wanted.scope.value,
        "shouldDisplayToAgent": wanted.should_display_to_agent,
        "externalSegment": _external(wanted),
        "assignmentExpirationDays": _days(wanted.assignment_expiration_days),
        "version": 1,
        "createdDate": now,
        "modifiedDate": now,
    }
    if wanted.external_segment is None:
        row |= written_conditions(conditions_given(wanted.context, wanted.journey))
    return {field: value for field, value in row.items() if value is not None}


def _external(wanted: CreateSegmentInput) -> dict[str, Any] | None:
    told = wanted.external_segment
    if told is None:
        return None
    if wanted.context or wanted.journey:
        message = "An external segment has no conditions: leave out `context` and `journey`, or `externalSegment`."
        raise BadInput(message, field="externalSegment")
    return {"id": told.id, "name": told.name, "source": told.source.value}


def _changes(wanted: UpdateSegmentInput, before: Row) -> dict[str, Any]:
    told: dict[str, Any] = {
        "displayName": None if wanted.display_name is None else name_given(wanted.display_name),
        "description": None if wanted.description is None else description_given(wanted.description),
        "color": None if wanted.color is None else _color(wanted.color),
        "shouldDisplayToAgent": wanted.should_display_to_agent,
        "isActive": wanted.is_active,
        "assignmentExpirationDays": _days(wanted.assignment_expiration_days),
    }
    if wanted.context or wanted.journey:
        told |= written_conditions(conditions_given(wanted.context, wanted.journey, before))
    return {field: value for field, value in told.items() if value is not None}


def _color(text: str) -> str:
    if not _COLOR.fullmatch(text):
        raise BadInput(f"`color` is {text[:20]!r}, but must be # and six hexadecimal digits.", field="color")
    return text.lower()


def _days(days: int | None) -> int | None:
    if days is not None and not 0 <= days <= MAX_EXPIRATION_DAYS:
        message = f"`assignmentExpirationDays` is {days}, but must be 0 to {MAX_EXPIRATION_DAYS}."
        raise BadInput(message, field="assignmentExpirationDays")
    return days
