"""Collection `tokens`: who may ask. A token itself is never stored, only its hash."""

from datetime import datetime
from typing import ClassVar

from pymongo import ASCENDING, IndexModel

from gateway.storage.documents.shape import Stored


class TokenDocument(Stored):
    """A stored token."""

    name: str
    role: str
    hash: str
    created_date: datetime

    class Settings:
        """Collection and indexes."""

        name = "tokens"
        indexes: ClassVar = [IndexModel([("hash", ASCENDING)], name="hash", unique=True)]
