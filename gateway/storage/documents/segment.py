"""Collection `segments`: the kinds of visitors that the site has defined."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from pymongo import ASCENDING, IndexModel

from gateway.journey.conditions_format import conditions_from
from gateway.journey.segment import Segment, SegmentScope
from gateway.storage.documents.shape import Part, Stored


class ExternalSegmentPart(Part):
    """The segment of another system that this one stands for."""

    id: str
    name: str
    source: str


class SegmentDocument(Stored):
    """A stored segment; its conditions are as `conditions_format` writes them. An external one has none."""

    display_name: str
    description: str | None = None
    is_active: bool = True
    color: str
    scope: str
    should_display_to_agent: bool = True
    context: dict[str, Any] | None = None
    journey: dict[str, Any] | None = None
    external_segment: ExternalSegmentPart | None = None
    assignment_expiration_days: int | None = None
    version: int = 1
    created_date: datetime
    modified_date: datetime

    class Settings:
        """Collection and indexes."""

        name = "segments"
        indexes: ClassVar = [
            IndexModel([("displayName", ASCENDING)], name="display_name", unique=True),
        ]


def segment_from(row: Mapping[str, Any]) -> Segment:
    """Return the segment that is stored so."""
    return Segment(
        id=row["_id"],
        display_name=row["displayName"],
        version=row["version"],
        conditions=conditions_from(row),
        scope=SegmentScope(row["scope"]),
        is_active=row["isActive"],
        assignment_expiration_days=row.get("assignmentExpirationDays"),
        is_external="externalSegment" in row,
    )
