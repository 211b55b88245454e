"""External sources: created, updated, deleted."""

from typing import Annotated
from uuid import uuid4

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.mutations.records import changed_row, deleted_row, told_changes, told_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.external_source import ExternalSource
from gateway.graph.words import Info, stored
from gateway.journey.external_source import changed_external_source, new_external_source
from gateway.storage.definitions import NameTaken
from gateway.storage.records import AlreadyThere, add_record, stored_row

KIND = "ExternalSource"
COLLECTION = "externalSources"


@strawberry.input(description="How a link to what another system knows is made.")
class LinkConfigurationInput:
    """A link's configuration."""

    uri_template: str = strawberry.field(
        description="An https link with {{externalId.value}} in the place of the id, up to 1,000 characters."
    )


@strawberry.input(description="An external source to create.")
class CreateExternalSourceInput:
    """Input of `createExternalSource`."""

    name: str = strawberry.field(description="Its name, unique: 1 to 200 characters.")
    active: bool = strawberry.field(default=True, description="Whether its ids lead anywhere now.")
    link_configuration: LinkConfigurationInput | None = strawberry.field(
        default=None, description="How a link to it is made."
    )


@strawberry.input(description="What to change of an external source; what is left out stays, null takes it away.")
class UpdateExternalSourceInput:
    """Input of `updateExternalSource`."""

    id: strawberry.ID = strawberry.field(description="The external source.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="A new name: 1 to 200 characters.")
    active: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether its ids lead anywhere from now on."
    )
    link_configuration: LinkConfigurationInput | None = strawberry.field(
        default=strawberry.UNSET, description="How a link to it is made."
    )


@strawberry.input(description="An external source to delete.")
class DeleteExternalSourceInput:
    """Input of `deleteExternalSource`."""

    id: strawberry.ID = strawberry.field(description="The external source.")


@strawberry.type(description="The external source that was created.", directives=[PUBLIC])
class CreateExternalSourcePayload:
    """Payload of `createExternalSource`."""

    external_source: ExternalSource = stored("externalSource", "The external source.")


@strawberry.type(description="The external source that was changed.", directives=[PUBLIC])
class UpdateExternalSourcePayload:
    """Payload of `updateExternalSource`."""

    external_source: ExternalSource = stored("externalSource", "The external source, as it is now.")


@strawberry.type(description="The external source that was deleted.", directives=[PUBLIC])
class DeleteExternalSourcePayload:
    """Payload of `deleteExternalSource`."""

    external_source: ExternalSource = stored("externalSource", "The external source, as it was.")


Create = Annotated[CreateExternalSourceInput, strawberry.argument(description="The external source to create.")]
Update = Annotated[
    UpdateExternalSourceInput, strawberry.argument(description="The external source, and what is to be changed of it.")
]
Delete = Annotated[DeleteExternalSourceInput, strawberry.argument(description="The external source to delete.")]


@strawberry.type(description="What can be changed of external sources.")
class ExternalSourceMutations:
    """Mutations of external sources."""

    @strawberry.mutation(
        description="Create an external source.", directives=[requires(Permission.EXTERNAL_SOURCE_ADD)]
    )
    async def create_external_source(self, info: Info, input: Create) -> CreateExternalSourcePayload:  # noqa: A002 - the contract
        """Store a new source, and return it."""
        row = stored_row(new_external_source(told_of(input), uuid4().hex, info.context.clock()))
        try:
            await add_record(info.context.database, COLLECTION, row)
        except AlreadyThere as error:
            raise _name_taken(row["name"]) from error
        return {"externalSource": row}  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.mutation(
        description="Change an external source: what is left out stays, and null takes it away.",
        directives=[requires(Permission.EXTERNAL_SOURCE_EDIT)],
    )
    async def update_external_source(self, info: Info, input: Update) -> UpdateExternalSourcePayload:  # noqa: A002
        """Change the given fields, and return the source."""
        changes = changed_external_source(told_changes(input), info.context.clock())
        try:
            return {"externalSource": await changed_row(info, KIND, COLLECTION, input.id, changes)}  # type: ignore[return-value]  # as above
        except AlreadyThere as error:
            raise _name_taken(changes["name"]) from error

    @strawberry.mutation(
        description="Delete an external source; the ids of it stay, and lead nowhere.",
        directives=[requires(Permission.EXTERNAL_SOURCE_DELETE)],
    )
    async def delete_external_source(self, info: Info, input: Delete) -> DeleteExternalSourcePayload:  # noqa: A002
        """Delete the source, and return it as it was."""
        return {"externalSource": await deleted_row(info, KIND, COLLECTION, input.id)}  # type: ignore[return-value]  # as above


def _name_taken(name: object) -> NameTaken:
    return NameTaken(f"There is an external source named {name!r} already: choose another name.")
