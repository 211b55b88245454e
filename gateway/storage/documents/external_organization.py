"""Collection `externalOrganizations`: the companies that customers belong to."""

from datetime import datetime
from typing import Any, ClassVar

from pymongo import ASCENDING, IndexModel

from gateway.storage.documents.shape import Part, Stored


class AddressPart(Part):
    """A postal address."""

    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country_code: str | None = None


class TickerPart(Part):
    """A symbol at a stock exchange."""

    symbol: str
    exchange: str


class ExternalIdPart(Part):
    """The id by which another system knows the organization."""

    external_source_id: str
    value: str


class ExternalOrganizationDocument(Stored):
    """A stored organization.

    `sort_name` and `search_keys` are made of the name: without case and accents, and the beginnings of its words.
    `records_changed_date` is set when a note or a relationship is added.
    """

    name: str
    sort_name: str
    search_keys: list[str] = []
    company_type: str | None = None
    industry: str | None = None
    address: AddressPart | None = None
    phone_number: str | None = None
    fax_number: str | None = None
    employee_count: int | None = None
    revenue: float | None = None
    tags: list[str] = []
    websites: list[str] = []
    tickers: list[TickerPart] = []
    twitter_id: str | None = None
    external_system_url: str | None = None
    external_ids: list[ExternalIdPart] = []
    custom_fields: dict[str, Any] = {}
    created_date: datetime
    modified_date: datetime
    records_changed_date: datetime | None = None

    class Settings:
        """Collection and indexes."""

        name = "externalOrganizations"
        indexes: ClassVar = [
            IndexModel([("sortName", ASCENDING), ("_id", ASCENDING)], name="name"),
            # every beginning of a word is a key of its own, so that what is found comes in the order of the names
            IndexModel([("searchKeys", ASCENDING), ("sortName", ASCENDING), ("_id", ASCENDING)], name="search"),
        ]
