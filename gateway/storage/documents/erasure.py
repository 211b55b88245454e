"""Collection `erasures`: receipts of what was erased. They tell how much went, and nothing of whom."""

from datetime import datetime
from typing import ClassVar

from pymongo import DESCENDING, IndexModel

from gateway.storage.documents.shape import Stored


class ErasureDocument(Stored):
    """A stored receipt; `counts` tells by collection how many documents were deleted."""

    date: datetime
    actor: str
    counts: dict[str, int]

    class Settings:
        """Collection and indexes."""

        name = "erasures"
        indexes: ClassVar = [IndexModel([("date", DESCENDING), ("_id", DESCENDING)], name="erased")]
