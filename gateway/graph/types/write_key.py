"""Write keys, as those see them who look after them: with all settings, and none of the secrets."""

from datetime import datetime

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.node import global_id
from gateway.graph.requires import requires
from gateway.graph.types.division import Division, division_field
from gateway.graph.words import stored


@strawberry.type(
    description="The key that a site sends along with its events, and the rules that go with it. It collects, it "
    "cannot read.",
    directives=[requires(Permission.WRITE_KEY_VIEW)],
)
class WriteKey:
    """A write key."""

    id: strawberry.ID = global_id("WriteKey")
    key: str = stored("key", "What senders carry. It stands in the source of pages, and is no secret.")
    name: str = stored("name", "The site that uses it.")
    division: Division | None = division_field("The division that all belongs to which it collects.")
    allowed_origins: list[str] = stored(
        "allowedOrigins", "Origins whose pages may send, such as https://shop.example; * stands for all.", absent=()
    )
    allowed_domains: list[str] = stored(
        "allowedDomains", "Domains whose pages, and those of their subdomains, are collected; none: all.", absent=()
    )
    search_parameters: list[str] = stored("searchParameters", "URL parameters that hold a site search.", absent=())
    excluded_query_parameters: list[str] = stored(
        "excludedQueryParameters", "URL parameters that are never stored.", absent=()
    )
    keep_fragment: bool = stored("keepFragment", "Whether what follows # in a URL is stored.", absent=False)
    accept_robots: bool = stored("acceptRobots", "Whether what robots do is taken.", absent=False)
    identity_public_key: str | None = stored(
        "identityPublicKey", "The public key, in PEM, that tokens about its visitors are checked with."
    )
    created_date: datetime = stored("createdDate", "When it was made.")
    revoked_date: datetime | None = stored("revokedDate", "When it was revoked, since when it collects nothing.")
