"""Postal addresses, as they are given."""

import strawberry


@strawberry.input(description="A postal address; it takes the place of the former as a whole.")
class AddressInput:
    """An address."""

    address1: str | None = strawberry.field(
        default=None, description="Street and number, or the first line: up to 200 characters."
    )
    address2: str | None = strawberry.field(default=None, description="The second line: up to 200 characters.")
    city: str | None = strawberry.field(default=None, description="Town: up to 100 characters.")
    state: str | None = strawberry.field(default=None, description="State, province or canton: up to 50 characters.")
    postal_code: str | None = strawberry.field(default=None, description="Postal code: up to 25 characters.")
    country_code: str | None = strawberry.field(
        default=None, description="Country (ISO 3166-1 alpha-2): up to 25 characters."
    )
