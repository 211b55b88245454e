"""The enumerations of the domain, described for GraphQL; fields are annotated with the domain's own classes."""

import strawberry

from gateway.journey.contact import ContactType
from gateway.journey.identifier import IdentifierType
from gateway.journey.presence import Presence

strawberry.enum(
    ContactType,
    description="What kind of contact it is: EPHEMERAL, a visitor nobody knows yet; IDENTIFIED, recognised by an "
    "identifier that was given; CURATED, kept by hand.",
)
strawberry.enum(
    Presence,
    description="Whether the customer is there: LIVE, an event in the last 45 s; AWAY, in the last 60 s; INACTIVE, "
    "none since.",
)
strawberry.enum(IdentifierType, description="By what a customer can be recognised.")

__all__ = ["ContactType", "IdentifierType", "Presence"]
