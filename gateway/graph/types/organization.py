"""External organizations, and what people write down about them and about contacts; they refer to one another."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from gateway.access.permissions import Permission
from gateway.graph import lists
from gateway.graph.connection import Connection
from gateway.graph.loaders import ContactById, OrganizationById
from gateway.graph.node import Node, to_global_id
from gateway.graph.requires import requires
from gateway.graph.types.address import Address
from gateway.graph.types.external_source import ExternalId
from gateway.graph.words import Row, connection, derived, one, stored

# Contacts refer to organizations, and that module imports this one: hence by name.
ContactReference = Annotated["Contact", strawberry.lazy("gateway.graph.types.journey")]  # type: ignore[name-defined]  # noqa: F821


@strawberry.type(
    description="A symbol by which a company is traded at a stock exchange.",
    directives=[requires(Permission.ORGANIZATION_VIEW)],
)
class Ticker:
    """A ticker."""

    symbol: str = stored("symbol", "The symbol.")
    exchange: str = stored("exchange", "The stock exchange.")


@strawberry.type(description="A company that customers belong to.", directives=[requires(Permission.ORGANIZATION_VIEW)])
class ExternalOrganization(Node):
    """An organization."""

    id: strawberry.ID = derived(
        lambda row: to_global_id("ExternalOrganization", row["_id"]), "The id of this organization.", reads=("_id",)
    )
    name: str = stored("name", "Its name.")
    company_type: str | None = stored("companyType", "What kind of company it is.")
    industry: str | None = stored("industry", "What it does.")
    address: Address | None = stored("address", "Where it is.")
    phone_number: str | None = stored("phoneNumber", "Its telephone number, as it was written.")
    fax_number: str | None = stored("faxNumber", "Its fax number, as it was written.")
    employee_count: int | None = stored("employeeCount", "How many people work there.")
    revenue: float | None = stored("revenue", "What it takes in a year.")
    tags: list[str] = stored("tags", "Labels, each once.", absent=())
    websites: list[str] = stored("websites", "Addresses of its web sites.", absent=())
    tickers: list[Ticker] = stored("tickers", "Where it is traded.", absent=(), size=10)
    twitter_id: str | None = stored("twitterId", "Its account at X, formerly Twitter.")
    external_system_url: str | None = stored("externalSystemUrl", "Where another system shows it.")
    external_ids: list[ExternalId] = stored("externalIds", "By which ids other systems know it.", absent=(), size=10)
    custom_fields: JSON = stored("customFields", "What else is kept of it, by name.", absent={})
    created_date: datetime = stored("createdDate", "When it was added.")
    modified_date: datetime = stored("modifiedDate", "When it was last changed.")
    contacts: Connection[ContactReference] | None = connection(
        lists.CONTACTS_OF_ORGANIZATION, "The customers that belong to it, the newest first."
    )
    notes: Connection[Note] | None = connection(
        lists.NOTES_OF_ORGANIZATION, "What was written down about it, newest first."
    )
    relationships: Connection[Relationship] | None = connection(
        lists.RELATIONSHIPS_OF_ORGANIZATION, "Which of our users has what to do with it, the newest first."
    )

    @classmethod
    def is_type_of(cls, value: Row, _info: strawberry.Info) -> bool:
        """Tell whether this is a stored organization."""
        return "sortName" in value


@strawberry.type(
    description="What one of our users has to do with an organization, such as being its account manager.",
    directives=[requires(Permission.RELATIONSHIP_VIEW)],
)
class Relationship(Node):
    """A relationship."""

    id: strawberry.ID = derived(
        lambda row: to_global_id("Relationship", row["_id"]), "The id of this relationship.", reads=("_id",)
    )
    user_id: str = stored("userId", "The user, by the id or name that your sign-in gives.")
    relationship: str = stored("relationship", "What it is, such as Account Manager.")
    external_organization: ExternalOrganization | None = one(
        OrganizationById, "externalOrganizationId", "The organization."
    )
    created_date: datetime = stored("createdDate", "When it was added.")
    modified_date: datetime = stored("modifiedDate", "When it was last changed.")

    @classmethod
    def is_type_of(cls, value: Row, _info: strawberry.Info) -> bool:
        """Tell whether this is a stored relationship."""
        return "relationship" in value


@strawberry.type(
    description="What somebody has written down about a customer or an organization.",
    directives=[requires(Permission.NOTE_VIEW)],
)
class Note(Node):
    """A note."""

    id: strawberry.ID = derived(lambda row: to_global_id("Note", row["_id"]), "The id of this note.", reads=("_id",))
    note_text: str = stored("noteText", "What was written, up to 32,000 characters.")
    created_by: str = stored("createdBy", "Who wrote it: the name of the token, or else its role.")
    created_date: datetime = stored("createdDate", "When it was written.")
    modified_date: datetime = stored("modifiedDate", "When it was last changed.")
    contact: ContactReference | None = one(ContactById, "contactId", "The customer it is about.")
    external_organization: ExternalOrganization | None = one(
        OrganizationById, "externalOrganizationId", "The organization it is about."
    )

    @classmethod
    def is_type_of(cls, value: Row, _info: strawberry.Info) -> bool:
        """Tell whether this is a stored note."""
        return "noteText" in value
