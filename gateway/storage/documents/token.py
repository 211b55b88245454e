"""Collection `tokens`: who may ask. A token itself is never stored, only its hash."""

from datetime import datetime
from typing import ClassVar

from pymongo import ASCENDING, DESCENDING, IndexModel

from gateway.storage.documents.shape import Stored


class TokenDocument(Stored):
    """A stored token. Without `division_ids` it sees all divisions, without `expires_date` it never expires."""

    name: str
    role: str
    division_ids: list[str] | None = None
    hash: str
    created_date: datetime
    expires_date: datetime | None = None
    last_used_date: datetime | None = None
    revoked_date: datetime | None = None

    class Settings:
        """Collection and indexes."""

        name = "tokens"
        indexes: ClassVar = [
            IndexModel([("hash", ASCENDING)], name="hash", unique=True),
            IndexModel([("createdDate", DESCENDING), ("_id", DESCENDING)], name="created"),
        ]
