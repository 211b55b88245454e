"""Identifiers that people give to a contact, or take from it."""

from typing import Annotated

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.errors import NotFound
from gateway.graph.loaders import ContactById
from gateway.graph.mutations.actor import actor_of
from gateway.graph.mutations.identity_refusals import contact_ids_of, identity_refusals
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.seen import check_contacts_seen
from gateway.graph.types.enums import IdentifierType
from gateway.graph.types.journey import Contact
from gateway.graph.words import Info, stored
from gateway.journey.event import Identifier
from gateway.journey.identifier import normalised
from gateway.storage.identity.claims import claim_identifier, release_identifier


@strawberry.input(description="An identifier, and the contact that is to hold it.")
class ClaimIdentifierInput:
    """Input of `claimIdentifier`."""

    contact_id: strawberry.ID = strawberry.field(description="The contact.")
    type: IdentifierType = strawberry.field(description="The kind of identifier; a cookie cannot be given.")
    value: str = strawberry.field(description="The identifier, in any form.")
    verified: bool = strawberry.field(
        default=False, description="Whether it was proved that it is this customer's, and nobody else's."
    )


@strawberry.input(description="An identifier, and the contact that is to lose it.")
class ReleaseIdentifierInput:
    """Input of `releaseIdentifier`."""

    contact_id: strawberry.ID = strawberry.field(description="A contact of the customer that has it.")
    type: IdentifierType = strawberry.field(description="The kind of identifier; a cookie cannot be taken.")
    value: str = strawberry.field(description="The identifier, in any form.")


@strawberry.type(description="The contact that holds the identifier.", directives=[PUBLIC])
class ClaimIdentifierPayload:
    """Payload of `claimIdentifier`."""

    contact: Contact = stored("contact", "The contact, as it is now.")


@strawberry.type(description="The contact that has lost the identifier.", directives=[PUBLIC])
class ReleaseIdentifierPayload:
    """Payload of `releaseIdentifier`."""

    contact: Contact = stored("contact", "The contact, as it is now.")


Claim = Annotated[ClaimIdentifierInput, strawberry.argument(description="The identifier, and who is to hold it.")]
Release = Annotated[ReleaseIdentifierInput, strawberry.argument(description="The identifier, and who is to lose it.")]


@strawberry.type(description="What can be changed of who is found by an identifier.")
class ClaimMutations:
    """Mutations of identifiers."""

    @strawberry.mutation(
        description="Give an identifier to a contact, whoever held it before: from now on it leads to this one. Others "
        "that claim it become candidates; what was linked by it stays linked.",
        directives=[requires(Permission.CONTACT_EDIT)],
    )
    async def claim_identifier(self, info: Info, input: Claim) -> ClaimIdentifierPayload:  # noqa: A002 - the contract
        """Give an identifier to a contact, and return it."""
        given = {"contactId": str(input.contact_id)}
        (contact_id,) = contact_ids_of(given)
        claim = Identifier(input.type.value, input.value, input.verified, actor_of(info))
        with identity_refusals(given):
            await check_contacts_seen(info, [contact_id])
            row = await claim_identifier(
                info.context.database, contact_id, claim, info.context.clock(), info.context.region
            )
        return {"contact": row}  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.mutation(
        description="Take an identifier from a customer, from all contacts that were merged. It leads to whoever else "
        "claims it, the contact that was created first; what was linked by it stays linked.",
        directives=[requires(Permission.CONTACT_EDIT)],
    )
    async def release_identifier(self, info: Info, input: Release) -> ReleaseIdentifierPayload:  # noqa: A002
        """Take an identifier from a customer, and return the contact."""
        given = {"contactId": str(input.contact_id)}
        (contact_id,) = contact_ids_of(given)
        held = Identifier(input.type.value, input.value, source=actor_of(info))
        with identity_refusals(given):
            await check_contacts_seen(info, [contact_id])
            row = None
            if await _is_seen_of(info, contact_id, held):
                row = await release_identifier(
                    info.context.database, contact_id, held, info.context.clock(), info.context.region
                )
        if row is None:
            raise NotFound(f"`value` is {input.value!r}, but this customer has no such {held.type}.", field="value")
        return {"contact": row}  # type: ignore[return-value]  # as above


async def _is_seen_of(info: Info, contact_id: str, held: Identifier) -> bool:
    """Tell whether an identifier may be taken: where contacts are hidden, one of those seen has to hold it."""
    if not info.context.sight.hides_contacts:
        return True
    contact = await info.context.loader(ContactById).load(contact_id)
    if contact is None:
        return False
    known = (await info.context.customer(contact)).identifiers
    form = normalised(*held.key, info.context.region)
    return any((one["type"], one["value"]) == (held.type, form) for one in known)
