"""Write keys: made, changed, revoked."""

from typing import Annotated

import strawberry

from gateway.access.permissions import Permission
from gateway.access.write_keys import DIVISION, change_write_key, create_write_key, revoke_write_key
from gateway.graph.mutations.actor import viewer_in
from gateway.graph.mutations.records import found, told_changes, told_of
from gateway.graph.node import stored_id_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.write_key import WriteKey
from gateway.graph.words import Info, stored

KIND = "WriteKey"


@strawberry.input(description="The settings of a write key; a list replaces what was set before, and [] empties it.")
class WriteKeySettings:
    """The fields that making and changing have in common."""

    division_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="The division that all belongs to which it collects from now on; null: the home division.",
    )
    allowed_origins: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Origins whose pages may send, such as https://shop.example, or * for all; up to 100.",
    )
    allowed_domains: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Domains whose pages, and those of their subdomains, are collected; up to 100, none: all.",
    )
    search_parameters: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="URL parameters that hold a site search; up to 100."
    )
    excluded_query_parameters: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="URL parameters that are never stored; up to 100."
    )
    keep_fragment: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether to store what follows # in a URL."
    )
    accept_robots: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether to take what robots do."
    )


@strawberry.input(description="A write key to make.")
class CreateWriteKeyInput(WriteKeySettings):
    """Input of `createWriteKey`."""

    name: str = strawberry.field(description="The site that will use it: 1 to 200 characters.")


@strawberry.input(description="What to change of a write key; what is left out stays.")
class UpdateWriteKeyInput(WriteKeySettings):
    """Input of `updateWriteKey`."""

    id: strawberry.ID = strawberry.field(description="The write key.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="The site that uses it.")


@strawberry.input(description="A write key to revoke.")
class RevokeWriteKeyInput:
    """Input of `revokeWriteKey`."""

    id: strawberry.ID = strawberry.field(description="The write key.")


@strawberry.type(description="The write key that was made.", directives=[PUBLIC])
class CreateWriteKeyPayload:
    """Payload of `createWriteKey`."""

    write_key: WriteKey = stored("writeKey", "The write key.")
    identity_secret: str = stored(
        "identitySecret",
        "The secret that your back end signs identities with; it is for no page and no app. It is shown here and in no "
        "query; `journey-gateway write-key identity-secret` shows and replaces it.",
    )


@strawberry.type(description="The write key that was changed.", directives=[PUBLIC])
class UpdateWriteKeyPayload:
    """Payload of `updateWriteKey`."""

    write_key: WriteKey = stored("writeKey", "The write key, as it is now.")


@strawberry.type(description="The write key that was revoked.", directives=[PUBLIC])
class RevokeWriteKeyPayload:
    """Payload of `revokeWriteKey`."""

    write_key: WriteKey = stored("writeKey", "The write key, as it is now.")


Create = Annotated[CreateWriteKeyInput, strawberry.argument(description="The write key to make.")]
Update = Annotated[
    UpdateWriteKeyInput, strawberry.argument(description="The write key, and what is to be changed of it.")
]
Revoke = Annotated[RevokeWriteKeyInput, strawberry.argument(description="The write key to revoke.")]


@strawberry.type(description="What can be changed of write keys.")
class WriteKeyMutations:
    """Mutations of write keys."""

    @strawberry.mutation(
        description="Make a write key; unless told otherwise, it collects from everywhere.",
        directives=[requires(Permission.WRITE_KEY_ADD)],
    )
    async def create_write_key(self, info: Info, input: Create) -> CreateWriteKeyPayload:  # noqa: A002 - the contract
        """Store a new write key, and return it."""
        context = info.context
        row = await create_write_key(context.database, _told(told_of(input)), viewer_in(info), context.clock())
        return {"writeKey": row, "identitySecret": row["identitySecrets"][0]["value"]}  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.mutation(
        description="Change a write key: what is left out stays. Servers and tags follow within seconds to minutes.",
        directives=[requires(Permission.WRITE_KEY_EDIT)],
    )
    async def update_write_key(self, info: Info, input: Update) -> UpdateWriteKeyPayload:  # noqa: A002
        """Change the given settings, and return the write key."""
        context, id_ = info.context, stored_id_of(KIND, input.id)
        told = _told(told_changes(input))
        row = await change_write_key(context.database, id_, told, viewer_in(info), context.clock())
        return {"writeKey": found(row, KIND, input.id)}  # type: ignore[return-value]  # as above

    @strawberry.mutation(
        description="Revoke a write key, for ever: within seconds it collects nothing more. What it has collected "
        "stays.",
        directives=[requires(Permission.WRITE_KEY_DELETE)],
    )
    async def revoke_write_key(self, info: Info, input: Revoke) -> RevokeWriteKeyPayload:  # noqa: A002
        """Revoke the write key, and return it."""
        context, id_ = info.context, stored_id_of(KIND, input.id)
        row = await revoke_write_key(context.database, id_, viewer_in(info), context.clock())
        return {"writeKey": found(row, KIND, input.id)}  # type: ignore[return-value]  # as above


def _told(told: dict[str, object]) -> dict[str, object]:
    """Return what is told of a write key with the id of its division as it is stored."""
    id_ = told.get(DIVISION)
    return told if id_ is None else {**told, DIVISION: stored_id_of("Division", str(id_), DIVISION)}
