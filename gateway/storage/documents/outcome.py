"""Collection `outcomes`: the goals that the site has defined."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from pymongo import ASCENDING, IndexModel

from gateway.journey.outcome import Outcome
from gateway.storage.documents.shape import Stored


class OutcomeDocument(Stored):
    """A stored outcome."""

    display_name: str
    description: str | None = None
    is_active: bool = True
    is_positive: bool = True
    event_name: str
    version: int = 1
    created_date: datetime
    modified_date: datetime

    class Settings:
        """Collection and indexes."""

        name = "outcomes"
        indexes: ClassVar = [
            IndexModel([("displayName", ASCENDING)], name="display_name", unique=True),
        ]


def outcome_from(row: Mapping[str, Any]) -> Outcome:
    """Return the outcome that is stored so."""
    return Outcome(
        id=row["_id"],
        display_name=row["displayName"],
        event_name=row["eventName"],
        is_active=row["isActive"],
        is_positive=row["isPositive"],
    )
