"""Collection `writeKeys`: who may collect, from where, and how the tag of that site behaves."""

from datetime import datetime
from typing import ClassVar

from pymongo import ASCENDING, DESCENDING, IndexModel

from gateway.storage.documents.shape import Part, Stored

SEARCH_PARAMETERS = ["q", "query", "search", "term"]


class IdentitySecretPart(Part):
    """A secret by which the site vouches for who a visitor is; one that was replaced is valid until it expires.

    It is stored as it is: a signature can only be checked by who knows the secret itself.
    """

    value: str
    created_date: datetime
    expires_date: datetime | None = None


class WriteKeyDocument(Stored):
    """A stored write key. Its text is public by nature, as it stands in the page's source; its secrets are not."""

    key: str
    name: str
    allowed_origins: list[str] = ["*"]
    allowed_domains: list[str] = []
    search_parameters: list[str] = SEARCH_PARAMETERS
    excluded_query_parameters: list[str] = []
    keep_fragment: bool = False
    accept_robots: bool = False
    identity_secrets: list[IdentitySecretPart] = []
    identity_public_key: str | None = None
    division_id: str | None = None
    created_date: datetime
    revoked_date: datetime | None = None

    class Settings:
        """Collection and indexes."""

        name = "writeKeys"
        indexes: ClassVar = [
            IndexModel([("key", ASCENDING)], name="key", unique=True),
            IndexModel([("createdDate", DESCENDING), ("_id", DESCENDING)], name="created"),
        ]
