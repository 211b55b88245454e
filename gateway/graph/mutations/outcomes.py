"""Outcomes: defined and changed."""

import re
from datetime import datetime
from typing import Annotated, Any

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.errors import BadInput, NotFound
from gateway.graph.mutations.definition_fields import (
    check_something_given,
    copy_name,
    description_given,
    event_name_given,
    name_given,
)
from gateway.graph.node import stored_id_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.conditions import ContextConditionsInput, JourneyConditionsInput, conditions_given
from gateway.graph.types.outcome import AssociatedValueType, Outcome
from gateway.graph.words import Info, Row, stored
from gateway.journey.conditions_format import written_conditions
from gateway.journey.ids import derive_id
from gateway.prediction.training import train
from gateway.storage.definitions import OUTCOMES, add_definition, change_definition, delete_definition, outcome_rows
from gateway.storage.documents.outcome import outcome_from
from gateway.storage.rows import rows_by_id

_VALUE_NAME = re.compile(r"attributes\..{1,200}\.value")


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
        default=None, description="The event by which a session achieves it, such as order_completed."
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
        before = await _known(info, input.id)
        changes = {**_changes(input, before), "modifiedDate": info.context.clock()}
        cleared = ("eventName",) if input.context or input.journey else ()
        changed = await change_definition(info.context.database, OUTCOMES, before["_id"], changes, cleared)
        if changed is None:
            raise _unknown(input.id)
        return {"outcome": changed}  # type: ignore[return-value]  # as above

    @strawberry.mutation(
        description="Copy an outcome. The copy is not active, so that it can be changed first.",
        directives=[requires(Permission.OUTCOME_ADD)],
    )
    async def duplicate_outcome(self, info: Info, input: NamedOutcome) -> OutcomePayload:  # noqa: A002
        """Store a copy under a name of its own, and return it."""
        original, now = await _known(info, input.id), info.context.clock()
        taken = {row["displayName"] for row in await outcome_rows(info.context.database)}
        name = copy_name(original["displayName"], taken)
        own = {"_id": derive_id("outcome", name, now.isoformat()), "displayName": name, "isActive": False}
        row = {**original, **own, "version": 1, "createdDate": now, "modifiedDate": now}
        await add_definition(info.context.database, OUTCOMES, row)
        return {"outcome": row}  # type: ignore[return-value]  # as above

    @strawberry.mutation(
        description="Delete an outcome. That sessions reached it stays in their history, without its name.",
        directives=[requires(Permission.OUTCOME_DELETE)],
    )
    async def delete_outcome(self, info: Info, input: NamedOutcome) -> OutcomePayload:  # noqa: A002
        """Delete it, and return it as it was."""
        deleted = await delete_definition(info.context.database, OUTCOMES, stored_id_of("Outcome", input.id))
        if deleted is None:
            raise _unknown(input.id)
        return {"outcome": deleted}  # type: ignore[return-value]  # as above


async def _known(info: Info, id_: str) -> Row:
    stored_id = stored_id_of("Outcome", id_)
    row = (await rows_by_id(info.context.database, OUTCOMES, [stored_id])).get(stored_id)
    if row is None:
        raise _unknown(id_)
    return row


def _unknown(id_: str) -> NotFound:
    return NotFound(f"There is no outcome with the id {id_!r}.", field="id")


def _new_row(wanted: CreateOutcomeInput, now: datetime) -> dict[str, Any]:
    name = name_given(wanted.display_name)
    row: dict[str, Any] = {
        "_id": derive_id("outcome", name, now.isoformat()),
        "displayName": name,
        "description": description_given(wanted.description) if wanted.description else None,
        "isActive": wanted.is_active,
        "isPositive": wanted.is_positive,
        "associatedValueField": _associated_value(wanted.associated_value_field),
        "version": 1,
        "createdDate": now,
        "modifiedDate": now,
        **_asked(wanted),
    }
    return {field: value for field, value in row.items() if value is not None}


def _asked(wanted: CreateOutcomeInput) -> dict[str, object]:
    has_conditions = bool(wanted.context or wanted.journey)
    if has_conditions is (wanted.event_name is not None):
        raise BadInput("Pass `eventName` or conditions (`context`, `journey`), one of the two.", field="eventName")
    if wanted.event_name is not None:
        return {"eventName": event_name_given(wanted.event_name)}
    return written_conditions(conditions_given(wanted.context, wanted.journey))


def _changes(wanted: UpdateOutcomeInput, before: Row) -> dict[str, Any]:
    told: dict[str, Any] = {
        "displayName": None if wanted.display_name is None else name_given(wanted.display_name),
        "description": None if wanted.description is None else description_given(wanted.description),
        "isActive": wanted.is_active,
        "isPositive": wanted.is_positive,
        "associatedValueField": _associated_value(wanted.associated_value_field),
    }
    if wanted.context or wanted.journey:
        told |= written_conditions(conditions_given(wanted.context, wanted.journey, before))
    return {field: value for field, value in told.items() if value is not None}


def _associated_value(wanted: AssociatedValueFieldInput | None) -> dict[str, Any] | None:
    if wanted is None:
        return None
    if not _VALUE_NAME.fullmatch(wanted.name):
        message = f"`name` is {wanted.name[:100]!r}, but must be like attributes.total.value."
        raise BadInput(message, field="associatedValueField.name")
    return {"dataType": wanted.data_type.value, "name": wanted.name}
