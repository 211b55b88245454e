"""Postal addresses: the limits of the products that our users come from."""

from gateway.journey.field_limits import record_of, text

ADDRESS_LIMITS = {"address1": 200, "address2": 200, "city": 100, "state": 50, "postalCode": 25, "countryCode": 25}
"""Fields of an address, and how many characters each may have."""

address = record_of({}, {name: text(longest) for name, longest in ADDRESS_LIMITS.items()})
"""The check of an address; its parts are all optional."""
