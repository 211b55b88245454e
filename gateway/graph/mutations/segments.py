"""Segments: defined, changed, copied and deleted."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.errors import BadInput, NotFound
from gateway.graph.mutations.definition_fields import check_something_given, stored_copy, told_fields
from gateway.graph.node import stored_id_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.conditions import ContextConditionsInput, JourneyConditionsInput, conditions_given
from gateway.graph.types.segment import ExternalSegmentSource, Segment, SegmentScope
from gateway.graph.words import Info, Row, stored
from gateway.journey.conditions_format import written_conditions
from gateway.journey.definition_fields import DEFAULT_COLOR, DefinitionKind, checked_fields, with_defaults
from gateway.journey.ids import derive_id
from gateway.journey.segment import SegmentScope as DomainScope
from gateway.storage.definitions import SEGMENTS, ChangesOf, add_definition, change_definition, delete_definition
from gateway.storage.rows import rows_by_id

KIND = DefinitionKind.SEGMENT
ENDS = "assignmentExpirationDays"


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
    scope: SegmentScope | None = strawberry.field(
        default=None, description="What it is of: by default sessions, and customers if it is external."
    )
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
        default=strawberry.UNSET, description="Days after which an assignment ends by itself; null is never."
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
        changes_of = _changes_by(input, info.context.clock())
        id_ = stored_id_of("Segment", input.id)
        changed = await change_definition(info.context.database, SEGMENTS, id_, changes_of)
        return {"segment": _there(changed, input.id)}  # type: ignore[return-value]

    @strawberry.mutation(
        description="Copy a segment. The copy is not active, so that it can be changed first.",
        directives=[requires(Permission.SEGMENT_ADD)],
    )
    async def duplicate_segment(self, info: Info, input: Named) -> SegmentPayload:  # noqa: A002
        """Store a copy under a name of its own, and return it."""
        stored_id = stored_id_of("Segment", input.id)
        known = await rows_by_id(info.context.database, SEGMENTS, [stored_id])
        row = await stored_copy(info, KIND, _there(known.get(stored_id), input.id))
        return {"segment": row}  # type: ignore[return-value]

    @strawberry.mutation(
        description="Delete a segment. That visitors were in it stays in their history, without its name.",
        directives=[requires(Permission.SEGMENT_DELETE)],
    )
    async def delete_segment(self, info: Info, input: Named) -> SegmentPayload:  # noqa: A002
        """Delete it, and return it as it was."""
        deleted = await delete_definition(info.context.database, SEGMENTS, stored_id_of("Segment", input.id))
        return {"segment": _there(deleted, input.id)}  # type: ignore[return-value]


def _there(row: Row | None, id_: str) -> Row:
    if row is None:
        raise NotFound(f"There is no segment with the id {id_!r}.", field="id")
    return row


def _new_row(wanted: CreateSegmentInput, now: datetime) -> dict[str, Any]:
    told = told_fields(wanted)
    fields = checked_fields(KIND, with_defaults(KIND, told))
    row = {"_id": derive_id(KIND.value, str(fields["displayName"]), now.isoformat()), **fields}
    return row | _asked(wanted, row) | {"version": 1, "createdDate": now, "modifiedDate": now}


def _asked(wanted: CreateSegmentInput | UpdateSegmentInput, row: Row) -> dict[str, object]:
    """Return the conditions that are told; what is not told of them is as it is in the row.

    The members of an external segment are told by another system: it has none.
    """
    if "externalSegment" not in row:
        return written_conditions(conditions_given(wanted.context, wanted.journey, row, DomainScope(row["scope"])))
    if wanted.context or wanted.journey:
        message = "An external segment has no conditions: leave out `context` and `journey`, or `externalSegment`."
        raise BadInput(message, field="externalSegment")
    return {}


def _changes_by(wanted: UpdateSegmentInput, now: datetime) -> ChangesOf:
    told = told_fields(wanted)
    changes = {**checked_fields(KIND, told), "modifiedDate": now}
    if ENDS in told and told[ENDS] is None:
        changes[ENDS] = None

    def changes_of(before: Row) -> dict[str, object]:
        return changes | (_asked(wanted, before) if wanted.context or wanted.journey else {})

    return changes_of
