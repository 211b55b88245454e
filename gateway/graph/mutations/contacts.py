"""Contacts that people keep by hand: created, updated, deleted."""

from collections.abc import Mapping
from typing import Annotated
from uuid import uuid4

import strawberry
from strawberry.scalars import JSON

from gateway.access.divisions_chosen import divisions_chosen
from gateway.access.permissions import Permission
from gateway.graph.errors import Conflict, NotFound, Unauthenticated
from gateway.graph.loaders import ContactById, OrganizationById
from gateway.graph.mutations.address import AddressInput
from gateway.graph.mutations.records import found, told_changes, told_of
from gateway.graph.node import stored_id_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.enums import IdentifierType
from gateway.graph.types.identity import ContactCandidate
from gateway.graph.types.journey import Contact
from gateway.graph.values import candidate_of
from gateway.graph.words import Info, stored
from gateway.journey.contact_record import IDENTIFIERS, changed_contact_fields, contact_fields, told_identifiers
from gateway.journey.division import HOME, Divisions, kept_divisions
from gateway.journey.ids import derive_id
from gateway.storage.identity.contact_records import ContactInUse, Kept, create_contact, delete_contact, update_contact
from gateway.storage.identity.enriching import Teller

KIND = "Contact"
ORGANIZATION = "externalOrganizationId"
DIVISIONS = "divisionIds"
API = "api"
"""The source of identifiers that are told here."""
UNSET = strawberry.UNSET


@strawberry.input(description="By what a customer can be recognised.")
class ContactIdentifierInput:
    """An identifier."""

    type: IdentifierType = strawberry.field(description="The kind of identifier.")
    value: str = strawberry.field(
        description="The identifier, in any form, up to 255 characters. What has no normal form is kept as "
        "it is typed, and matches nothing."
    )
    verified: bool = strawberry.field(default=False, description="Whether it is proved to be the customer's.")


@strawberry.input(description="What can be told of a customer.")
class ContactDetails:
    """The fields that creating, updating and enriching have in common."""

    first_name: str | None = strawberry.field(default=UNSET, description="Given name: up to 1,000 characters.")
    middle_name: str | None = strawberry.field(default=UNSET, description="Middle name: up to 1,000 characters.")
    last_name: str | None = strawberry.field(default=UNSET, description="Family name: up to 1,000 characters.")
    salutation: str | None = strawberry.field(
        default=UNSET, description="How to address the customer: up to 1,000 characters."
    )
    title: str | None = strawberry.field(default=UNSET, description="Title or position: up to 1,000 characters.")
    address: AddressInput | None = strawberry.field(default=UNSET, description="Where the customer lives or works.")
    external_organization_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The company that the customer belongs to."
    )
    survey_opt_out: bool | None = strawberry.field(default=UNSET, description="Whether the customer wants no surveys.")
    external_system_url: str | None = strawberry.field(
        default=UNSET, description="Where another system shows the customer: an address of up to 1,000 characters."
    )
    custom_fields: JSON | None = strawberry.field(
        default=UNSET, description="What else is to be kept, by name: up to 100 texts, numbers and truth values."
    )
    identifiers: list[ContactIdentifierInput] | None = strawberry.field(
        default=UNSET,
        description="By what the customer can be recognised: up to 100; of LINE, Facebook and Instagram one each, of "
        "external ids and Apple's opaque ids up to 10. No cookies: those belong to visits.",
    )


@strawberry.input(description="A contact to create.")
class CreateContactInput(ContactDetails):
    """Input of `createContact`."""

    division_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET,
        description="The divisions that it is to be of, up to 100; by default the home division, or where you do not "
        "see that, those that you see.",
    )


@strawberry.input(
    description="What to change of a contact; what is left out stays, null takes it away. Identifiers take the "
    "place of all that the contact itself holds, but for its cookies."
)
class UpdateContactInput(ContactDetails):
    """Input of `updateContact`."""

    id: strawberry.ID = strawberry.field(description="The contact.")


@strawberry.input(description="A contact to delete.")
class DeleteContactInput:
    """Input of `deleteContact`."""

    id: strawberry.ID = strawberry.field(description="The contact.")


@strawberry.type(description="The contact that was created.", directives=[PUBLIC])
class CreateContactPayload:
    """Payload of `createContact`."""

    contact: Contact = stored("contact", "The contact.")
    candidates: list[ContactCandidate] = stored(
        "candidates",
        "Other customers that were first to hold one of its identifiers; it may be one of them.",
        absent=(),
        size=25,
    )


@strawberry.type(description="The contact that was changed.", directives=[PUBLIC])
class UpdateContactPayload:
    """Payload of `updateContact`."""

    contact: Contact = stored("contact", "The contact, as it is now.")
    candidates: list[ContactCandidate] = stored(
        "candidates", "Other customers that were first to hold one of its identifiers.", absent=(), size=25
    )


@strawberry.type(description="The contact that was deleted.", directives=[PUBLIC])
class DeleteContactPayload:
    """Payload of `deleteContact`."""

    deleted_contact_id: strawberry.ID = stored("deletedContactId", "The id that it had.")


Create = Annotated[CreateContactInput, strawberry.argument(description="The contact to create.")]
Update = Annotated[UpdateContactInput, strawberry.argument(description="The contact, and what is to be changed of it.")]
Delete = Annotated[DeleteContactInput, strawberry.argument(description="The contact to delete.")]


@strawberry.type(description="What can be changed of contacts.")
class ContactMutations:
    """Mutations of contacts."""

    @strawberry.mutation(
        description="Create a contact that is kept by hand: it never expires. It holds those of its identifiers that "
        "nobody held before; who holds the others comes back as a candidate.",
        directives=[requires(Permission.CONTACT_ADD)],
    )
    async def create_contact(self, info: Info, input: Create) -> CreateContactPayload:  # noqa: A002 - the contract
        """Store a new contact, and return it."""
        told = await told_details(info, told_of(input))
        claims = told_identifiers(IDENTIFIERS, told.pop(IDENTIFIERS, None) or [], API)
        divisions = await _divisions(info, told.pop(DIVISIONS, None))
        id_, fields = derive_id("contact", uuid4().hex), contact_fields(told)
        kept = await create_contact(info.context.database, id_, fields, claims, teller_of(info), divisions)
        return _payload(kept)  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.mutation(
        description="Change a contact's own record: what is left out stays, null takes it away.",
        directives=[requires(Permission.CONTACT_EDIT)],
    )
    async def update_contact(self, info: Info, input: Update) -> UpdateContactPayload:  # noqa: A002
        """Change the given fields, and return the contact."""
        told = await told_details(info, told_changes(input))
        given = IDENTIFIERS in told
        claims = told_identifiers(IDENTIFIERS, told.pop(IDENTIFIERS, None) or [], API) if given else None
        id_, changes = stored_id_of(KIND, input.id), changed_contact_fields(told)
        kept = None
        if await _is_seen(info, id_):
            kept = await update_contact(info.context.database, id_, changes, claims, teller_of(info))
        if kept is None:
            raise NotFound(f"`id` is {input.id!r}, but there is no contact with this id.", field="id")
        return _payload(kept)  # type: ignore[return-value]  # as above

    @strawberry.mutation(
        description="Delete a contact that stands alone, with its notes: nothing is merged or linked with it, and no "
        "session belongs to it. Its identifiers fall to the next contact that has them. To forget a person, use "
        "eraseContact.",
        directives=[requires(Permission.CONTACT_DELETE)],
    )
    async def delete_contact(self, info: Info, input: Delete) -> DeleteContactPayload:  # noqa: A002
        """Delete the contact, and return its id."""
        id_, row = stored_id_of(KIND, input.id), None
        try:
            if await _is_seen(info, id_):
                row = await delete_contact(info.context.database, id_, teller_of(info))
        except ContactInUse as error:
            raise _in_use(info, error) from error
        found(row, KIND.lower(), input.id)
        return {"deletedContactId": input.id}  # type: ignore[return-value]  # as above


async def told_details(info: Info, told: Mapping[str, object]) -> dict[str, object]:
    """Return what is told of a contact as the domain takes it, with the stored id of its organization.

    Raises:
        NotFound: there is no such organization.
    """
    details = dict(told)
    if IDENTIFIERS in details:
        details[IDENTIFIERS] = plain_identifiers(details[IDENTIFIERS])
    given = details.get(ORGANIZATION)
    if isinstance(given, str):
        details[ORGANIZATION] = stored_id_of("ExternalOrganization", given, ORGANIZATION)
        if await info.context.loader(OrganizationById).load(str(details[ORGANIZATION])) is None:
            raise NotFound(f"`{ORGANIZATION}` is {given!r}, but there is no such organization.", field=ORGANIZATION)
    return details


def plain_identifiers(told: object) -> list[dict[str, object]]:
    """Return identifiers of an input with the names of their types, as they are stored."""
    listed = told if isinstance(told, list) else []
    return [{**one, "type": getattr(one["type"], "value", one["type"])} for one in listed]


def teller_of(info: Info) -> Teller:
    """Return who asks, and when.

    Raises:
        Unauthenticated: nobody we know.
    """
    viewer = info.context.viewer
    if viewer is None:
        raise Unauthenticated("No token was given.")
    context = info.context
    return Teller(viewer.name or viewer.role, context.clock(), region=context.region, sight=context.sight)


def divisions_of_new(info: Info) -> Divisions:
    """Return the divisions of a contact that is created without being told any: so that whoever creates it sees it."""
    sight = info.context.sight
    return () if sight.sees_division(HOME) else kept_divisions(sorted(sight.divisions or ()))


async def _divisions(info: Info, told: object) -> Divisions:
    viewer = info.context.viewer
    if not isinstance(told, list) or viewer is None:
        return divisions_of_new(info)
    ids = [stored_id_of("Division", str(id_), DIVISIONS) for id_ in told]
    return kept_divisions(await divisions_chosen(info.context.database, viewer, DIVISIONS, ids))


async def _is_seen(info: Info, contact_id: str) -> bool:
    """Tell whether a contact, if it is there, is seen."""
    if not info.context.sight.hides_contacts:
        return True
    return await info.context.loader(ContactById).load(contact_id) is not None


def _in_use(info: Info, error: ContactInUse) -> Exception:
    """Return why a contact cannot be deleted; to who sees only some divisions without saying what there is of it."""
    if info.context.sight.is_everything:
        return error
    return Conflict("The contact is in use: it is joined with others, or visits belong to it, in whichever division.")


def _payload(kept: Kept) -> dict[str, object]:
    row, candidates = kept
    return {"contact": row, "candidates": [candidate_of(one) for one in candidates]}
