"""Outcomes: defined and changed."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.errors import BadInput, NotFound
from gateway.graph.mutations.definition_fields import check_something_given, stored_copy, told_fields
from gateway.graph.node import stored_id_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.conditions import ContextConditionsInput, JourneyConditionsInput, conditions_given
from gateway.graph.types.outcome import AssociatedValueType, Outcome
from gateway.graph.words import Info, Row, stored
from gateway.journey.conditions_format import written_conditions
from gateway.journey.definition_fields import DefinitionKind, checked_fields, with_defaults
from gateway.journey.ids import derive_id
from gateway.journey.told_conditions import told_event_name
from gateway.prediction.training import train
from gateway.storage.definitions import OUTCOMES, ChangesOf, add_definition, change_definition, delete_definition
from gateway.storage.documents.outcome import outcome_from
from gateway.storage.rows import rows_by_id

KIND = DefinitionKind.OUTCOME
EVENT_NAME = "eventName"


@strawberry.input(description="The attribute of the achieving event that tells what the outcome is worth.")
class AssociatedValueFieldInput:
    """Input of `associatedValueField`."""

    name: str = strawberry.field(description="The attribute: attributes.<name>.value.")
    data_type: AssociatedValueType = strawberry.field(
        default=AssociatedValueType.NUMBER, description="What kind of number it is."
    )


@strawberry.input(description="An outcome to define: by the name of an event, or by conditions.")
class CreateOutcomeInput:
    """Input of `createOutcome`."""

    display_name: str = strawberry.field(description="Its name, unique, up to 200 characters.")
    event_name: str | None = strawberry.field(
        default=None, description="The event by which a session achieves it, in whatever spelling: Order Completed."
    )
    context: ContextConditionsInput | None = strawberry.field(default=None, description="What the visit must be.")
    journey: JourneyConditionsInput | None = strawberry.field(default=None, description="What must happen.")
    description: str | None = strawberry.field(default=None, description="What it means, up to 2,000 characters.")
    is_active: bool = strawberry.field(default=True, description="Whether it is looked for and predicted.")
    is_positive: bool = strawberry.field(default=True, description="Whether it is something to wish for.")
    associated_value_field: AssociatedValueFieldInput | None = strawberry.field(
        default=None, description="What tells how much it is worth."
    )


@strawberry.input(description="What to change of an outcome; what is left out stays.")
class UpdateOutcomeInput:
    """Input of `updateOutcome`."""

    id: strawberry.ID = strawberry.field(description="The outcome.")
    display_name: str | None = strawberry.field(default=None, description="A new name.")
    description: str | None = strawberry.field(default=None, description="A new description.")
    is_active: bool | None = strawberry.field(default=None, description="Whether it is looked for and predicted.")
    is_positive: bool | None = strawberry.field(default=None, description="Whether it is something to wish for.")
    context: ContextConditionsInput | None = strawberry.field(default=None, description="What the visit must be.")
    journey: JourneyConditionsInput | None = strawberry.field(default=None, description="What must happen.")
    associated_value_field: AssociatedValueFieldInput | None = strawberry.field(
        default=None, description="What tells how much it is worth."
    )


@strawberry.input(description="An outcome to copy, or to delete.")
class OutcomeInput:
    """Input of `duplicateOutcome` and `deleteOutcome`."""

    id: strawberry.ID = strawberry.field(description="The outcome.")


@strawberry.type(description="The outcome that was defined.", directives=[PUBLIC])
class CreateOutcomePayload:
    """Payload of `createOutcome`."""

    outcome: Outcome = stored("outcome", "The outcome.")


@strawberry.type(description="The outcome that was changed.", directives=[PUBLIC])
class UpdateOutcomePayload:
    """Payload of `updateOutcome`."""

    outcome: Outcome = stored("outcome", "The outcome, as it is now.")


@strawberry.type(description="The copy, or the outcome as it was.", directives=[PUBLIC])
class OutcomePayload:
    """Payload of `duplicateOutcome` and `deleteOutcome`."""

    outcome: Outcome = stored("outcome", "The outcome.")


CreateOutcome = Annotated[CreateOutcomeInput, strawberry.argument(description="The outcome to define.")]
UpdateOutcome = Annotated[
    UpdateOutcomeInput, strawberry.argument(description="The outcome, and what is to be changed of it.")
]
NamedOutcome = Annotated[OutcomeInput, strawberry.argument(description="The outcome.")]


@strawberry.type(description="What can be changed of outcomes.")
class OutcomeMutations:
    """Mutations of outcomes."""

    @strawberry.mutation(
        description="Define an outcome. It is looked for and predicted from the next event on.",
        directives=[requires(Permission.OUTCOME_ADD)],
    )
    async def create_outcome(self, info: Info, input: CreateOutcome) -> CreateOutcomePayload:  # noqa: A002 - the contract
        """Store an outcome, learn from past sessions, and return it."""
        context = info.context
        row = _new_row(input, context.clock())
        await add_definition(context.database, OUTCOMES, row)
        await train(context.database, outcome_from(row), context.clock(), context.session_timeout)
        return {"outcome": row}  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.mutation(description="Change an outcome.", directives=[requires(Permission.OUTCOME_EDIT)])
    async def update_outcome(self, info: Info, input: UpdateOutcome) -> UpdateOutcomePayload:  # noqa: A002
        """Change the given fields, and return the outcome."""
        check_something_given(input)
        changes_of = _changes_by(input, info.context.clock())
        id_ = stored_id_of("Outcome", input.id)
        changed = await change_definition(info.context.database, OUTCOMES, id_, changes_of)
        return {"outcome": _there(changed, input.id)}  # type: ignore[return-value]  # as above

    @strawberry.mutation(
        description="Copy an outcome. The copy is not active, so that it can be changed first.",
        directives=[requires(Permission.OUTCOME_ADD)],
    )
    async def duplicate_outcome(self, info: Info, input: NamedOutcome) -> OutcomePayload:  # noqa: A002
        """Store a copy under a name of its own, and return it."""
        stored_id = stored_id_of("Outcome", input.id)
        known = await rows_by_id(info.context.database, OUTCOMES, [stored_id])
        row = await stored_copy(info, KIND, _there(known.get(stored_id), input.id))
        return {"outcome": row}  # type: ignore[return-value]  # as above

    @strawberry.mutation(
        description="Delete an outcome. That sessions reached it stays in their history, without its name.",
        directives=[requires(Permission.OUTCOME_DELETE)],
    )
    async def delete_outcome(self, info: Info, input: NamedOutcome) -> OutcomePayload:  # noqa: A002
        """Delete it, and return it as it was."""
        deleted = await delete_definition(info.context.database, OUTCOMES, stored_id_of("Outcome", input.id))
        return {"outcome": _there(deleted, input.id)}  # type: ignore[return-value]  # as above


def _there(row: Row | None, id_: str) -> Row:
    if row is None:
        raise NotFound(f"There is no outcome with the id {id_!r}.", field="id")
    return row


def _new_row(wanted: CreateOutcomeInput, now: datetime) -> dict[str, Any]:
    fields = checked_fields(KIND, with_defaults(KIND, told_fields(wanted)))
    row = {"_id": derive_id(KIND.value, str(fields["displayName"]), now.isoformat()), **fields, **_asked(wanted)}
    return row | {"version": 1, "createdDate": now, "modifiedDate": now}


def _asked(wanted: CreateOutcomeInput) -> dict[str, object]:
    has_conditions = bool(wanted.context or wanted.journey)
    if has_conditions is (wanted.event_name is not None):
        raise BadInput("Pass `eventName` or conditions (`context`, `journey`), one of the two.", field="eventName")
    if wanted.event_name is not None:
        return {EVENT_NAME: told_event_name(wanted.event_name)}
    return written_conditions(conditions_given(wanted.context, wanted.journey))


def _changes_by(wanted: UpdateOutcomeInput, now: datetime) -> ChangesOf:
    changes = {**checked_fields(KIND, told_fields(wanted)), "modifiedDate": now}

    def changes_of(before: Row) -> dict[str, object]:
        if not wanted.context and not wanted.journey:
            return changes
        asked = conditions_given(wanted.context, wanted.journey, _with_conditions(before))
        return changes | written_conditions(asked) | {EVENT_NAME: None}

    return changes_of


def _with_conditions(row: Row) -> Row:
    """Return an outcome that asks for the name of an event with that as its conditions."""
    if EVENT_NAME not in row:
        return row
    return {**row, "journey": {"patterns": [{EVENT_NAME: row[EVENT_NAME]}]}}
