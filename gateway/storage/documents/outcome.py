"""Collection `outcomes`: the goals that the site has defined."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from pymongo import ASCENDING, IndexModel

from gateway.journey.conditions_format import conditions_from
from gateway.journey.outcome import Outcome
from gateway.storage.documents.shape import Part, Stored


class AssociatedValuePart(Part):
    """Which attribute of the achieving event tells what the outcome is worth: `attributes.<name>.value`."""

    data_type: str
    name: str


class OutcomeDocument(Stored):
    """A stored outcome: achieved by the event of a name, or by conditions as `conditions_format` writes them."""

    display_name: str
    description: str | None = None
    is_active: bool = True
    is_positive: bool = True
    event_name: str | None = None
    context: dict[str, Any] | None = None
    journey: dict[str, Any] | None = None
    associated_value_field: AssociatedValuePart | None = None
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
        event_name=row.get("eventName"),
        is_active=row["isActive"],
        is_positive=row["isPositive"],
        version=row["version"],
        asked=conditions_from(row) if row.get("context") or row.get("journey") else None,
        associated_value=(row.get("associatedValueField") or {}).get("name"),
    )
