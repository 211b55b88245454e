"""Divisions: created, updated, deleted; and the divisions that a contact is of."""

from typing import Annotated

import strawberry

from gateway.access.divisions_chosen import divisions_chosen
from gateway.access.permissions import Permission
from gateway.graph.errors import Conflict, Forbidden, Unauthenticated
from gateway.graph.loaders import ContactById, DivisionById
from gateway.graph.mutations.actor import actor_of
from gateway.graph.mutations.records import found, told_changes, told_of
from gateway.graph.node import stored_id_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.division import Division
from gateway.graph.types.journey import Contact
from gateway.graph.words import Info, stored
from gateway.journey.division import HOME
from gateway.journey.division_record import changed_division, new_division
from gateway.storage.divisions import COLLECTION, DivisionInUse, delete_division
from gateway.storage.identity.contact_divisions import set_contact_divisions
from gateway.storage.records import AlreadyThere, add_record, change_record, stored_row

KIND = "Division"
UNSET = strawberry.UNSET


@strawberry.input(description="A division to add.")
class CreateDivisionInput:
    """Input of `createDivision`."""

    key: str = strawberry.field(
        description="The word by which tokens, write keys and your sign-in will name it, for ever: 1 to 63 small "
        "letters, digits, - and _."
    )
    name: str = strawberry.field(description="Its name: 1 to 200 characters.")
    description: str | None = strawberry.field(default=UNSET, description="What belongs to it: up to 2,000 characters.")


@strawberry.input(description="What to change of a division; what is left out stays, null takes it away.")
class UpdateDivisionInput:
    """Input of `updateDivision`."""

    id: strawberry.ID = strawberry.field(description="The division.")
    name: str | None = strawberry.field(default=UNSET, description="A new name: 1 to 200 characters.")
    description: str | None = strawberry.field(default=UNSET, description="A new description.")


@strawberry.input(description="A division to delete.")
class DeleteDivisionInput:
    """Input of `deleteDivision`."""

    id: strawberry.ID = strawberry.field(description="The division.")


@strawberry.input(description="A contact, and the divisions that it is to be of.")
class SetContactDivisionsInput:
    """Input of `setContactDivisions`."""

    contact_id: strawberry.ID = strawberry.field(description="A contact; everything merged with it goes along.")
    division_ids: list[strawberry.ID] = strawberry.field(
        description="The divisions, 1 to 100. Those that you do not see stay as they are."
    )


@strawberry.type(description="The division that was added.", directives=[PUBLIC])
class CreateDivisionPayload:
    """Payload of `createDivision`."""

    division: Division = stored("division", "The division.")


@strawberry.type(description="The division that was changed.", directives=[PUBLIC])
class UpdateDivisionPayload:
    """Payload of `updateDivision`."""

    division: Division = stored("division", "The division, as it is now.")


@strawberry.type(description="The division that was deleted.", directives=[PUBLIC])
class DeleteDivisionPayload:
    """Payload of `deleteDivision`."""

    division: Division = stored("division", "The division, as it was.")


@strawberry.type(description="The contact whose divisions were set.", directives=[PUBLIC])
class SetContactDivisionsPayload:
    """Payload of `setContactDivisions`."""

    contact: Contact = stored("contact", "The contact, as it is now.")


Create = Annotated[CreateDivisionInput, strawberry.argument(description="The division to add.")]
Update = Annotated[UpdateDivisionInput, strawberry.argument(description="The division, and what is to be changed.")]
Delete = Annotated[DeleteDivisionInput, strawberry.argument(description="The division to delete.")]
SetDivisions = Annotated[
    SetContactDivisionsInput, strawberry.argument(description="The contact, and its divisions from now on.")
]


@strawberry.type(description="What can be changed of divisions.")
class DivisionMutations:
    """Mutations of divisions."""

    @strawberry.mutation(
        description="Add a division. It takes a token that sees all divisions.",
        directives=[requires(Permission.DIVISION_ADD)],
    )
    async def create_division(self, info: Info, input: Create) -> CreateDivisionPayload:  # noqa: A002 - the contract
        """Store a new division, and return it."""
        if not info.context.sight.is_everything:
            raise Forbidden("Divisions are added by those who see all of them: your token is limited to some.")
        told = told_of(input)
        row = stored_row(new_division(str(told.pop("key")), told, info.context.clock()))
        try:
            await add_record(info.context.database, COLLECTION, row)
        except AlreadyThere as error:
            raise Conflict(f"`key` is {input.key!r}, but there is a division of this key already.", "key") from error
        return {"division": row}  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.mutation(
        description="Change a division: what is left out stays, and null takes it away. The home division stays.",
        directives=[requires(Permission.DIVISION_EDIT)],
    )
    async def update_division(self, info: Info, input: Update) -> UpdateDivisionPayload:  # noqa: A002
        """Change the given fields, and return the division."""
        changes = changed_division(told_changes(input), info.context.clock())
        id_ = await _added_division(info, input.id)
        row = await change_record(info.context.database, COLLECTION, id_, changes)
        return {"division": found(row, "division", input.id)}  # type: ignore[return-value]  # as above

    @strawberry.mutation(
        description="Delete a division to which nothing belongs any more: no write key, token, visit or contact.",
        directives=[requires(Permission.DIVISION_DELETE)],
    )
    async def delete_division(self, info: Info, input: Delete) -> DeleteDivisionPayload:  # noqa: A002
        """Delete the division, and return it as it was."""
        id_ = await _added_division(info, input.id)
        try:
            row = await delete_division(info.context.database, id_)
        except DivisionInUse as error:
            raise Conflict(f"`id` is {input.id!r}. {error}", "id") from error
        return {"division": found(row, "division", input.id)}  # type: ignore[return-value]  # as above

    @strawberry.mutation(
        description="Set the divisions of a contact, and of everything merged with it. Every division in which there "
        "are visits of it must be among them.",
        directives=[requires(Permission.CONTACT_EDIT)],
    )
    async def set_contact_divisions(self, info: Info, input: SetDivisions) -> SetContactDivisionsPayload:  # noqa: A002
        """Set the divisions, and return the contact."""
        context = info.context
        if context.viewer is None:
            raise Unauthenticated("No token was given.")
        given = [stored_id_of(KIND, id_, "divisionIds") for id_ in input.division_ids]
        chosen = await divisions_chosen(context.database, context.viewer, "divisionIds", given)
        id_ = stored_id_of("Contact", input.contact_id, "contactId")
        row = await context.loader(ContactById).load(id_)
        if row is not None:
            by, now = actor_of(info), context.clock()
            row = await set_contact_divisions(context.database, id_, chosen, context.sight, by, now)
        return {"contact": found(row, "contact", input.contact_id, "contactId")}  # type: ignore[return-value]  # as above


async def _added_division(info: Info, id_: str) -> str:
    """Return the stored id of a division that somebody has added and whoever asks sees.

    Raises:
        NotFound: there is no such division.
        Conflict: it is the home division.
    """
    stored_id = stored_id_of(KIND, id_)
    found(await info.context.loader(DivisionById).load(stored_id), "division", id_)
    if stored_id == HOME:
        raise Conflict(f"`id` is {id_!r}, the home division, which stays as it is.", "id")
    return stored_id
