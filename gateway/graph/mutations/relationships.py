"""Relationships of our users with external organizations: created, updated, deleted."""

from typing import Annotated
from uuid import uuid4

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.errors import Conflict, NotFound
from gateway.graph.mutations.records import changed_row, deleted_row, told_changes
from gateway.graph.node import stored_id_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.organization import Relationship
from gateway.graph.words import Info, stored
from gateway.journey.relationship import changed_relationship, new_relationship
from gateway.storage.records import AlreadyThere, add_record_under, organization_parent, stored_row

KIND = "Relationship"
COLLECTION = "relationships"


@strawberry.input(description="A relationship to create.")
class CreateRelationshipInput:
    """Input of `createRelationship`."""

    external_organization_id: strawberry.ID = strawberry.field(description="The organization.")
    user_id: str = strawberry.field(
        description="The user, by the id or name that your sign-in gives: 1 to 255 characters."
    )
    relationship: str = strawberry.field(description="What it is, such as Account Manager: 1 to 100 characters.")


@strawberry.input(description="What to change of a relationship.")
class UpdateRelationshipInput:
    """Input of `updateRelationship`."""

    id: strawberry.ID = strawberry.field(description="The relationship.")
    relationship: str | None = strawberry.field(
        default=strawberry.UNSET, description="What it is now: 1 to 100 characters."
    )


@strawberry.input(description="A relationship to delete.")
class DeleteRelationshipInput:
    """Input of `deleteRelationship`."""

    id: strawberry.ID = strawberry.field(description="The relationship.")


@strawberry.type(description="The relationship that was created.", directives=[PUBLIC])
class CreateRelationshipPayload:
    """Payload of `createRelationship`."""

    relationship: Relationship = stored("relationship", "The relationship.")


@strawberry.type(description="The relationship that was changed.", directives=[PUBLIC])
class UpdateRelationshipPayload:
    """Payload of `updateRelationship`."""

    relationship: Relationship = stored("relationship", "The relationship, as it is now.")


@strawberry.type(description="The relationship that was deleted.", directives=[PUBLIC])
class DeleteRelationshipPayload:
    """Payload of `deleteRelationship`."""

    relationship: Relationship = stored("relationship", "The relationship, as it was.")


Create = Annotated[CreateRelationshipInput, strawberry.argument(description="The relationship to create.")]
Update = Annotated[
    UpdateRelationshipInput, strawberry.argument(description="The relationship, and what is to be changed of it.")
]
Delete = Annotated[DeleteRelationshipInput, strawberry.argument(description="The relationship to delete.")]


@strawberry.type(description="What can be changed of relationships.")
class RelationshipMutations:
    """Mutations of relationships."""

    @strawberry.mutation(
        description="Tell what one of our users has to do with an organization.",
        directives=[requires(Permission.RELATIONSHIP_ADD)],
    )
    async def create_relationship(self, info: Info, input: Create) -> CreateRelationshipPayload:  # noqa: A002 - the contract
        """Store a new relationship, and return it."""
        organization_id = stored_id_of("ExternalOrganization", input.external_organization_id, "externalOrganizationId")
        now = info.context.clock()
        told = {
            "externalOrganizationId": organization_id,
            "userId": input.user_id,
            "relationship": input.relationship,
        }
        row = stored_row(new_relationship(told, uuid4().hex, now))
        parent = organization_parent(organization_id)
        try:
            added = await add_record_under(info.context.database, COLLECTION, row, parent, now)
        except AlreadyThere as error:
            raise _conflict(input.relationship) from error
        if not added:
            raise NotFound(
                f"There is no organization with the id {input.external_organization_id!r}.", "externalOrganizationId"
            )
        return {"relationship": row}  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.mutation(
        description="Change what a user has to do with an organization.",
        directives=[requires(Permission.RELATIONSHIP_EDIT)],
    )
    async def update_relationship(self, info: Info, input: Update) -> UpdateRelationshipPayload:  # noqa: A002
        """Change the relationship, and return it."""
        changes = changed_relationship(told_changes(input), info.context.clock())
        try:
            return {"relationship": await changed_row(info, KIND, COLLECTION, input.id, changes)}  # type: ignore[return-value]  # as above
        except AlreadyThere as error:
            raise _conflict(changes["relationship"]) from error

    @strawberry.mutation(description="Delete a relationship.", directives=[requires(Permission.RELATIONSHIP_DELETE)])
    async def delete_relationship(self, info: Info, input: Delete) -> DeleteRelationshipPayload:  # noqa: A002
        """Delete the relationship, and return it as it was."""
        return {"relationship": await deleted_row(info, KIND, COLLECTION, input.id)}  # type: ignore[return-value]  # as above


def _conflict(relationship: object) -> Conflict:
    return Conflict(
        f"`relationship` is {relationship!r}, which this user has with the organization already.", "relationship"
    )
