"""What people may ask for by law: everything that is held of them, and that nothing is held of them any more."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from gateway.access.permissions import Permission
from gateway.graph.errors import BadInput, Conflict, NotFound, Unauthenticated
from gateway.graph.node import global_id, stored_id_of, to_global_id
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.seen import demand_all_divisions
from gateway.graph.types.enums import IdentifierType
from gateway.graph.words import Info, derived, stored
from gateway.journey.identifier import normalised
from gateway.storage.identity.erasure import Receipt, erase_contact
from gateway.storage.identity.export import export_contact
from gateway.storage.identity.people import customers_with

KIND = "Contact"


@strawberry.input(description="By what a customer is known.")
class CustomerIdentifierInput:
    """An identifier."""

    type: IdentifierType = strawberry.field(description="The kind of identifier.")
    value: str = strawberry.field(description="The identifier, in any form.")


@strawberry.input(description="A customer: pass exactly one of the two.")
class CustomerChoice:
    """The fields that erasing and exporting have in common."""

    contact_id: strawberry.ID | None = strawberry.field(default=None, description="A contact of the customer.")
    identifier: CustomerIdentifierInput | None = strawberry.field(
        default=None, description="An identifier that no other customer holds."
    )


@strawberry.input(description="The customer to erase: pass exactly one of the two.")
class EraseContactInput(CustomerChoice):
    """Input of `eraseContact`."""


@strawberry.input(description="The customer to export: pass exactly one of the two.")
class ExportContactInput(CustomerChoice):
    """Input of `exportContact`."""


@strawberry.type(
    description="How many documents of one collection were erased.", directives=[requires(Permission.CONTACT_ERASE)]
)
class ErasedCount:
    """A line of a receipt."""

    collection: str = stored("collection", "The collection: contacts, sessions, events and others.")
    count: int = stored("count", "How many documents.")


def _counts(row: Mapping[str, Mapping[str, int]]) -> list[dict[str, object]]:
    return [{"collection": name, "count": row["counts"][name]} for name in sorted(row["counts"])]


@strawberry.type(
    description="The proof that something was erased. It tells nothing of whom.",
    directives=[requires(Permission.CONTACT_ERASE)],
)
class ErasureReceipt:
    """A receipt."""

    id: strawberry.ID = global_id("ErasureReceipt")
    date: datetime = stored("date", "When it was asked for.")
    actor: str = stored("actor", "Who asked for it: the name of the token.")
    counts: list[ErasedCount] = derived(
        _counts,
        "How much was erased, by collection; nothing is left of those that are missing.",
        reads=("counts",),
        size=20,
    )


@strawberry.type(description="What was erased.", directives=[PUBLIC])
class EraseContactPayload:
    """Payload of `eraseContact`."""

    receipt: ErasureReceipt = stored("receipt", "The receipt; it is kept.")


@strawberry.type(description="What is held of a customer.", directives=[PUBLIC])
class ExportContactPayload:
    """Payload of `exportContact`."""

    json: JSON = stored("json", "Everything, by collection, as it is stored; dates are ISO-8601.")


Erase = Annotated[EraseContactInput, strawberry.argument(description="Whom to erase.")]
Export = Annotated[ExportContactInput, strawberry.argument(description="Whom to export.")]


@strawberry.type(description="What people may ask for by law.")
class PrivacyMutations:
    """Mutations for requests by law."""

    @strawberry.mutation(
        description="Erase a customer: all contacts merged into one, their identifiers, sessions, events, notes and "
        "whatever else is held of them. It cannot be undone. What was begun is finished, even if this call fails: then "
        "within about an hour. It takes a token that sees all divisions.",
        directives=[requires(Permission.CONTACT_ERASE)],
    )
    async def erase_contact(self, info: Info, input: Erase) -> EraseContactPayload:  # noqa: A002 - the contract
        """Erase a customer, and return the receipt."""
        demand_all_divisions(info, "Erasing a customer")
        contact_id = await _contact_id(info, input)
        receipt = await erase_contact(info.context.database, contact_id, _actor(info), info.context.clock())
        if receipt is None:
            raise _nobody(input)
        return {"receipt": _row(receipt)}  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.mutation(
        description="Return everything that is held of a customer, all contacts merged into one included. It is a "
        "mutation as the audit log tells of it. For very long journeys there is `journey-gateway contacts "
        "export-person`, which needs no memory. It takes a token that sees all divisions.",
        directives=[requires(Permission.CONTACT_EXPORT)],
    )
    async def export_contact(self, info: Info, input: Export) -> ExportContactPayload:  # noqa: A002
        """Export a customer."""
        demand_all_divisions(info, "Exporting a customer")
        contact_id = await _contact_id(info, input)
        held = await export_contact(info.context.database, contact_id, _actor(info), info.context.clock())
        if held is None:
            raise _nobody(input)
        return {"json": held}  # type: ignore[return-value]  # as above


async def _contact_id(info: Info, wanted: CustomerChoice) -> str:
    """Return the stored id of the one contact that is meant.

    Raises:
        BadInput: both are given, or none, or the id is none of a contact.
        NotFound: nobody holds the identifier.
        Conflict: several customers hold it.
    """
    identifier = wanted.identifier
    if wanted.contact_id is not None and identifier is None:
        return stored_id_of(KIND, wanted.contact_id, "contactId")
    if wanted.contact_id is not None or identifier is None:
        raise BadInput("Pass exactly one of `contactId` and `identifier`.", field="contactId")
    form = normalised(identifier.type.value, identifier.value, info.context.region)
    root_ids = await customers_with(info.context.database, identifier.type.value, form) if form else []
    if not root_ids:
        raise _nobody(wanted)
    if len(root_ids) > 1:
        ids = ", ".join(to_global_id(KIND, id_) for id_ in root_ids)
        raise Conflict(f"`identifier` is held by several customers, pass one as `contactId`: {ids}.", "identifier")
    return root_ids[0]


def _actor(info: Info) -> str:
    viewer = info.context.viewer
    if viewer is None:
        raise Unauthenticated("No token was given.")
    return viewer.name or viewer.role


def _nobody(wanted: CustomerChoice) -> NotFound:
    if wanted.contact_id is None:
        return NotFound("`identifier` is held by nobody.", field="identifier")
    return NotFound(f"`contactId` is {wanted.contact_id!r}, but there is no contact with this id.", field="contactId")


def _row(receipt: Receipt) -> dict[str, object]:
    return {"_id": receipt.id, "date": receipt.date, "actor": receipt.actor, "counts": receipt.counts}
