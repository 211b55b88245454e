"""Postal addresses."""

import strawberry

from gateway.graph.requires import PUBLIC
from gateway.graph.words import stored


@strawberry.type(description="A postal address.", directives=[PUBLIC])
class Address:
    """An address."""

    address1: str | None = stored("address1", "Street and number, or the first line.")
    address2: str | None = stored("address2", "The second line.")
    city: str | None = stored("city", "Town.")
    state: str | None = stored("state", "State, province or canton.")
    postal_code: str | None = stored("postalCode", "Postal code.")
    country_code: str | None = stored("countryCode", "Country (ISO 3166-1 alpha-2).")
