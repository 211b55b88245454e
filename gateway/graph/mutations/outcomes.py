"""Outcomes: defined and changed."""

import re
from datetime import datetime
from typing import Annotated

import strawberry

from gateway.graph.errors import BadInput, NotFound
from gateway.graph.node import stored_id_of
from gateway.graph.types.outcome import Outcome
from gateway.graph.words import Info, Row, stored
from gateway.journey.ids import derive_id
from gateway.prediction.training import train
from gateway.storage.definitions import add_outcome, change_outcome
from gateway.storage.documents.outcome import outcome_from

MAX_NAME = 200
MAX_DESCRIPTION = 2000
_EVENT_NAME = re.compile(r"[A-Za-z0-9_]{1,100}")


@strawberry.input(description="An outcome to define.")
class CreateOutcomeInput:
    """Input of `createOutcome`."""

    display_name: str = strawberry.field(description="Its name, unique, up to 200 characters.")
    event_name: str = strawberry.field(description="The event by which a session achieves it, such as order_completed.")
    description: str | None = strawberry.field(default=None, description="What it means, up to 2,000 characters.")
    is_positive: bool = strawberry.field(default=True, description="Whether it is something to wish for.")


@strawberry.input(description="What to change of an outcome; what is left out stays.")
class UpdateOutcomeInput:
    """Input of `updateOutcome`."""

    id: strawberry.ID = strawberry.field(description="The outcome.")
    display_name: str | None = strawberry.field(default=None, description="A new name.")
    description: str | None = strawberry.field(default=None, description="A new description.")
    is_active: bool | None = strawberry.field(default=None, description="Whether it is looked for and predicted.")
    is_positive: bool | None = strawberry.field(default=None, description="Whether it is something to wish for.")


@strawberry.type(description="The outcome that was defined.")
class CreateOutcomePayload:
    """Payload of `createOutcome`."""

    outcome: Outcome = stored("outcome", "The outcome.")


@strawberry.type(description="The outcome that was changed.")
class UpdateOutcomePayload:
    """Payload of `updateOutcome`."""

    outcome: Outcome = stored("outcome", "The outcome, as it is now.")


CreateOutcome = Annotated[CreateOutcomeInput, strawberry.argument(description="The outcome to define.")]
UpdateOutcome = Annotated[
    UpdateOutcomeInput, strawberry.argument(description="The outcome, and what is to be changed of it.")
]


@strawberry.type(description="What can be changed of outcomes.")
class OutcomeMutations:
    """Mutations of outcomes."""

    @strawberry.mutation(description="Define an outcome. It is looked for and predicted from the next event on.")
    async def create_outcome(self, info: Info, input: CreateOutcome) -> CreateOutcomePayload:  # noqa: A002 - the contract
        """Store an outcome, learn from past sessions, and return it."""
        context = info.context
        row = _outcome_row(input, context.clock())
        await add_outcome(context.database, row)
        await train(context.database, outcome_from(row), context.clock(), context.session_timeout)
        return {"outcome": row}  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.mutation(description="Change an outcome.")
    async def update_outcome(self, info: Info, input: UpdateOutcome) -> UpdateOutcomePayload:  # noqa: A002
        """Change the given fields, and return the outcome."""
        outcome_id = stored_id_of("Outcome", input.id)
        changes = _outcome_changes(input)
        if not changes:
            raise BadInput("Nothing is to be changed: pass at least one field beside `id`.", field="input")
        changed = await change_outcome(
            info.context.database, outcome_id, {**changes, "modifiedDate": info.context.clock()}
        )
        if changed is None:
            raise NotFound(f"There is no outcome with the id {input.id!r}.", field="id")
        return {"outcome": changed}  # type: ignore[return-value]  # as above


def _outcome_row(wanted: CreateOutcomeInput, now: datetime) -> dict[str, object]:
    if not _EVENT_NAME.fullmatch(wanted.event_name):
        raise BadInput(
            f"`eventName` is {wanted.event_name!r}, but must be letters, digits and underscores, like order_completed.",
            field="eventName",
        )
    name = _name(wanted.display_name)
    row = {
        "_id": derive_id("outcome", name, now.isoformat()),
        "displayName": name,
        "eventName": wanted.event_name,
        "isActive": True,
        "isPositive": wanted.is_positive,
        "version": 1,
        "createdDate": now,
        "modifiedDate": now,
    }
    return row | ({"description": _description(wanted.description)} if wanted.description else {})


def _outcome_changes(wanted: UpdateOutcomeInput) -> Row:
    told = {
        "displayName": None if wanted.display_name is None else _name(wanted.display_name),
        "description": None if wanted.description is None else _description(wanted.description),
        "isActive": wanted.is_active,
        "isPositive": wanted.is_positive,
    }
    return {name: value for name, value in told.items() if value is not None}


def _name(text: str) -> str:
    name = text.strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise BadInput(f"`displayName` has {len(name)} characters, but must have 1 to {MAX_NAME}.", field="displayName")
    return name


def _description(text: str) -> str:
    if len(text) > MAX_DESCRIPTION:
        raise BadInput(f"`description` has {len(text)} characters; {MAX_DESCRIPTION} are allowed.", field="description")
    return text.strip()
