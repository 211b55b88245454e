"""Tokens: made and revoked."""

from typing import Annotated

import strawberry

from gateway.access.permissions import Permission
from gateway.access.tokens import NewToken, create_token, revoke_token
from gateway.graph.mutations.actor import viewer_in
from gateway.graph.mutations.records import found
from gateway.graph.node import stored_id_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.token import Token
from gateway.graph.words import Info, stored

KIND = "Token"


@strawberry.input(description="A token to make. It can have no permission and see no division that you have not.")
class CreateTokenInput:
    """Input of `createToken`."""

    name: str = strawberry.field(
        description="Who or what will use it, as the audit log is to name it: 1 to 200 characters."
    )
    role: str = strawberry.field(
        description="What it may do: agent, supervisor, analyst, admin, or a role of your own."
    )
    division_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="The divisions that it sees, up to 100; left out: all."
    )
    expires_in_days: int | None = strawberry.field(
        default=None, description="Days after which it opens nothing any more, 1 to 3,650; left out: never."
    )


@strawberry.input(description="A token to revoke.")
class RevokeTokenInput:
    """Input of `revokeToken`."""

    id: strawberry.ID = strawberry.field(description="The token.")


@strawberry.type(description="The token that was made.", directives=[PUBLIC])
class CreateTokenPayload:
    """Payload of `createToken`."""

    token: Token = stored("token", "What is kept of it.")
    secret: str = stored("secret", "The token itself. It is shown here and never again: only its hash is kept.")


@strawberry.type(description="The token that was revoked.", directives=[PUBLIC])
class RevokeTokenPayload:
    """Payload of `revokeToken`."""

    token: Token = stored("token", "The token, as it is now.")


Create = Annotated[CreateTokenInput, strawberry.argument(description="The token to make.")]
Revoke = Annotated[RevokeTokenInput, strawberry.argument(description="The token to revoke.")]


@strawberry.type(description="What can be changed of tokens.")
class TokenMutations:
    """Mutations of tokens."""

    @strawberry.mutation(
        description="Make a token that opens this API. Nobody can make one that opens more than his own.",
        directives=[requires(Permission.TOKEN_ADD)],
    )
    async def create_token(self, info: Info, input: Create) -> CreateTokenPayload:  # noqa: A002 - the contract
        """Store a new token by its hash, and return both."""
        ids = input.division_ids
        divisions = None if ids is None else [stored_id_of("Division", id_, "divisionIds") for id_ in ids]
        wanted = NewToken(input.name, input.role, divisions, input.expires_in_days)
        row, token = await create_token(info.context.database, wanted, viewer_in(info), info.context.clock())
        return {"token": row, "secret": token}  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.mutation(
        description="Revoke a token, for ever. From now on it opens nothing; live sockets that it has opened are cut "
        "within seconds.",
        directives=[requires(Permission.TOKEN_DELETE)],
    )
    async def revoke_token(self, info: Info, input: Revoke) -> RevokeTokenPayload:  # noqa: A002
        """Revoke the token, and return it."""
        context = info.context
        row = await revoke_token(context.database, stored_id_of(KIND, input.id), viewer_in(info), context.clock())
        return {"token": found(row, KIND, input.id)}  # type: ignore[return-value]  # as above
