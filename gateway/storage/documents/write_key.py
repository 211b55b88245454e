"""Collection `writeKeys`: who may collect, from where, and how the tag of that site behaves."""

from datetime import datetime
from typing import ClassVar

from pymongo import ASCENDING, IndexModel

from gateway.storage.documents.shape import Stored

SEARCH_PARAMETERS = ["q", "query", "search", "term"]


class WriteKeyDocument(Stored):
    """A stored write key. It is public by nature: it stands in the page's source."""

    key: str
    name: str
    allowed_origins: list[str] = ["*"]
    allowed_domains: list[str] = []
    search_parameters: list[str] = SEARCH_PARAMETERS
    excluded_query_parameters: list[str] = []
    keep_fragment: bool = False
    accept_robots: bool = False
    created_date: datetime

    class Settings:
        """Collection and indexes."""

        name = "writeKeys"
        indexes: ClassVar = [IndexModel([("key", ASCENDING)], name="key", unique=True)]
