"""Roles of one's own: made, changed and deleted."""

from typing import Annotated

import strawberry

from gateway.access.own_roles import WantedRole, delete_role, set_role
from gateway.access.permissions import Permission
from gateway.graph.errors import Conflict, NotFound
from gateway.graph.mutations.actor import viewer_in
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.role import Role
from gateway.graph.words import Info, stored
from gateway.storage.roles import RoleInUse

UNSET = strawberry.UNSET


@strawberry.input(
    description="A role to make or to change. It can have no permission that you have not. What is left out stays."
)
class SetRoleInput:
    """Input of `setRole`."""

    name: str = strawberry.field(
        description="The word by which tokens and your sign-in will name it: 1 to 63 small letters, digits, - and _. "
        "The delivered roles cannot be changed."
    )
    like: str | None = strawberry.field(
        default=None,
        description="A role whose permissions it is to begin with; left out: those that it has. A new role needs "
        "this, or `allow`.",
    )
    allow: list[str] = strawberry.field(
        default_factory=list, description="Permissions that it is to have in addition, as they are named."
    )
    deny: list[str] = strawberry.field(default_factory=list, description="Permissions that are taken away from it.")
    description: str | None = strawberry.field(
        default=UNSET, description="Whom it is for: up to 2,000 characters. Null takes it away."
    )


@strawberry.input(description="A role to delete.")
class DeleteRoleInput:
    """Input of `deleteRole`."""

    name: str = strawberry.field(description="The role.")


@strawberry.type(description="The role that was made or changed.", directives=[PUBLIC])
class SetRolePayload:
    """Payload of `setRole`."""

    role: Role = stored("role", "The role, as it is now.")


@strawberry.type(description="The role that was deleted.", directives=[PUBLIC])
class DeleteRolePayload:
    """Payload of `deleteRole`."""

    role: Role = stored("role", "The role, as it was.")


Wanted = Annotated[SetRoleInput, strawberry.argument(description="The role, and what it may do from now on.")]
Delete = Annotated[DeleteRoleInput, strawberry.argument(description="The role to delete.")]


@strawberry.type(description="What can be changed of roles.")
class RoleMutations:
    """Mutations of roles."""

    @strawberry.mutation(
        description="Make a role of your own, or change one. Within two seconds it holds for all who have it; live "
        "sockets of those who lose a permission are cut within five. It takes a token that sees all divisions.",
        directives=[requires(Permission.ROLE_EDIT)],
    )
    async def set_role(self, info: Info, input: Wanted) -> SetRolePayload:  # noqa: A002 - the contract
        """Store the role, and return it."""
        description = None if input.description is UNSET else input.description or ""
        wanted = WantedRole(input.name, input.like, input.allow, input.deny, description)
        row = await set_role(info.context.database, wanted, viewer_in(info), info.context.clock())
        return {"role": row}  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.mutation(
        description="Delete a role of your own that no token in force has. It takes a token that sees all divisions.",
        directives=[requires(Permission.ROLE_DELETE)],
    )
    async def delete_role(self, info: Info, input: Delete) -> DeleteRolePayload:  # noqa: A002
        """Delete the role, and return it as it was."""
        context, viewer = info.context, viewer_in(info)
        mapped = context.services.mapped_roles
        try:
            row = await delete_role(context.database, input.name, viewer, context.clock(), mapped)
        except RoleInUse as error:
            told = str(error) if viewer.may(Permission.TOKEN_VIEW) else f"The role {input.name!r} is in use."
            raise Conflict(told, "name") from error
        if row is None:
            raise NotFound(f"`name` is {input.name!r}, but there is no role of this name.", "name")
        return {"role": row}  # type: ignore[return-value]  # as above
