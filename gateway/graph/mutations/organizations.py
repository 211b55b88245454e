"""External organizations: created, updated, deleted."""

from typing import Annotated
from uuid import uuid4

import strawberry
from strawberry.scalars import JSON

from gateway.access.permissions import Permission
from gateway.graph.errors import NotFound
from gateway.graph.loaders import ExternalSourceById
from gateway.graph.mutations.address import AddressInput
from gateway.graph.mutations.records import changed_row, found, told_changes, told_of
from gateway.graph.node import stored_id_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.organization import ExternalOrganization
from gateway.graph.words import Info, stored
from gateway.journey.organization import changed_organization, new_organization
from gateway.storage.organizations import COLLECTION, delete_organization
from gateway.storage.records import add_record, stored_row

KIND = "ExternalOrganization"
UNSET = strawberry.UNSET


@strawberry.input(description="A symbol by which a company is traded at a stock exchange.")
class TickerInput:
    """A ticker."""

    symbol: str = strawberry.field(description="The symbol.")
    exchange: str = strawberry.field(description="The stock exchange.")


@strawberry.input(description="The id by which another system knows it.")
class ExternalIdInput:
    """An external id."""

    external_source_id: strawberry.ID = strawberry.field(description="The system.")
    value: str = strawberry.field(description="The id: up to 255 characters.")


@strawberry.input(description="What can be told of an organization beside its name.")
class OrganizationDetails:
    """The fields that creating and updating have in common."""

    company_type: str | None = strawberry.field(
        default=UNSET, description="What kind of company it is: up to 255 characters."
    )
    industry: str | None = strawberry.field(default=UNSET, description="What it does: up to 255 characters.")
    address: AddressInput | None = strawberry.field(default=UNSET, description="Where it is.")
    phone_number: str | None = strawberry.field(
        default=UNSET, description="Its telephone number: kept as it is written, up to 255 characters."
    )
    fax_number: str | None = strawberry.field(
        default=UNSET, description="Its fax number: kept as it is written, up to 255 characters."
    )
    employee_count: int | None = strawberry.field(default=UNSET, description="How many people work there.")
    revenue: float | None = strawberry.field(default=UNSET, description="What it takes in a year.")
    tags: list[str] | None = strawberry.field(
        default=UNSET, description="Labels: up to 50, of up to 255 characters; each is kept once."
    )
    websites: list[str] | None = strawberry.field(
        default=UNSET, description="Addresses of its web sites: up to 50, each with http:// or https://."
    )
    tickers: list[TickerInput] | None = strawberry.field(default=UNSET, description="Where it is traded: up to 50.")
    twitter_id: str | None = strawberry.field(default=UNSET, description="Its account at X, formerly Twitter.")
    external_system_url: str | None = strawberry.field(
        default=UNSET, description="Where another system shows it: an address of up to 1,000 characters."
    )
    external_ids: list[ExternalIdInput] | None = strawberry.field(
        default=UNSET, description="By which ids other systems know it: up to 10."
    )
    custom_fields: JSON | None = strawberry.field(
        default=UNSET, description="What else is to be kept, by name: up to 100 texts, numbers and truth values."
    )


@strawberry.input(description="An organization to create.")
class CreateExternalOrganizationInput(OrganizationDetails):
    """Input of `createExternalOrganization`."""

    name: str = strawberry.field(description="Its name: 1 to 1,000 characters.")


@strawberry.input(description="What to change of an organization; what is left out stays, null takes it away.")
class UpdateExternalOrganizationInput(OrganizationDetails):
    """Input of `updateExternalOrganization`."""

    id: strawberry.ID = strawberry.field(description="The organization.")
    name: str | None = strawberry.field(default=UNSET, description="A new name: 1 to 1,000 characters.")


@strawberry.input(description="An organization to delete.")
class DeleteExternalOrganizationInput:
    """Input of `deleteExternalOrganization`."""

    id: strawberry.ID = strawberry.field(description="The organization.")


@strawberry.type(description="The organization that was created.", directives=[PUBLIC])
class CreateExternalOrganizationPayload:
    """Payload of `createExternalOrganization`."""

    external_organization: ExternalOrganization = stored("externalOrganization", "The organization.")


@strawberry.type(description="The organization that was changed.", directives=[PUBLIC])
class UpdateExternalOrganizationPayload:
    """Payload of `updateExternalOrganization`."""

    external_organization: ExternalOrganization = stored("externalOrganization", "The organization, as it is now.")


@strawberry.type(description="The organization that was deleted.", directives=[PUBLIC])
class DeleteExternalOrganizationPayload:
    """Payload of `deleteExternalOrganization`."""

    external_organization: ExternalOrganization = stored("externalOrganization", "The organization, as it was.")


Create = Annotated[CreateExternalOrganizationInput, strawberry.argument(description="The organization to create.")]
Update = Annotated[
    UpdateExternalOrganizationInput,
    strawberry.argument(description="The organization, and what is to be changed of it."),
]
Delete = Annotated[DeleteExternalOrganizationInput, strawberry.argument(description="The organization to delete.")]


@strawberry.type(description="What can be changed of external organizations.")
class OrganizationMutations:
    """Mutations of external organizations."""

    @strawberry.mutation(description="Create an organization.", directives=[requires(Permission.ORGANIZATION_ADD)])
    async def create_external_organization(
        self,
        info: Info,
        input: Create,  # noqa: A002 - the contract
    ) -> CreateExternalOrganizationPayload:
        """Store a new organization, and return it."""
        told = await _with_known_sources(info, told_of(input))
        row = stored_row(new_organization(told, uuid4().hex, info.context.clock()))
        await add_record(info.context.database, COLLECTION, row)
        return {"externalOrganization": row}  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.mutation(
        description="Change an organization: what is left out stays, and null takes it away.",
        directives=[requires(Permission.ORGANIZATION_EDIT)],
    )
    async def update_external_organization(
        self,
        info: Info,
        input: Update,  # noqa: A002
    ) -> UpdateExternalOrganizationPayload:
        """Change the given fields, and return the organization."""
        told = await _with_known_sources(info, told_changes(input))
        changes = changed_organization(told, info.context.clock())
        row = await changed_row(info, KIND, COLLECTION, input.id, changes)
        return {"externalOrganization": row}  # type: ignore[return-value]  # as above

    @strawberry.mutation(
        description="Delete an organization with its notes and relationships; its contacts stay, and belong to none.",
        directives=[requires(Permission.ORGANIZATION_DELETE)],
    )
    async def delete_external_organization(
        self,
        info: Info,
        input: Delete,  # noqa: A002
    ) -> DeleteExternalOrganizationPayload:
        """Delete the organization, and return it as it was."""
        row = await delete_organization(info.context.database, stored_id_of(KIND, input.id))
        return {"externalOrganization": found(row, KIND, input.id)}  # type: ignore[return-value]  # as above


async def _with_known_sources(info: Info, told: dict[str, object]) -> dict[str, object]:
    """Return what is told with the stored ids of external sources in the place of those that clients see."""
    given = told.get("externalIds")
    if not isinstance(given, list):
        return told
    ids = [stored_id_of("ExternalSource", external["externalSourceId"], "externalIds") for external in given]
    sources = await info.context.loader(ExternalSourceById).load_many(ids)
    for external, source in zip(given, sources, strict=True):
        if source is None:
            told_id = external["externalSourceId"]
            raise NotFound(f"`externalIds` names {told_id!r}, but there is no such external source.", "externalIds")
    known = [{**external, "externalSourceId": id_} for external, id_ in zip(given, ids, strict=True)]
    return {**told, "externalIds": known}
