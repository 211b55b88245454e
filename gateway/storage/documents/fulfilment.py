"""Parts of sessions and contacts: the segments that they belong to, and how far other definitions have come."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.journey.segment import SegmentAssignment
from gateway.journey.watch import NO_PROGRESS, AllProgress, Progress
from gateway.storage.database import Row
from gateway.storage.documents.shape import Part, without_gaps

StoredProgress = dict[str, list[int]]
"""By the id of the definition: its version, the place of the pattern that is waited for, how often that occurred."""


class SegmentAssignmentPart(Part):
    """A segment that a session or a customer belongs to."""

    segment_id: str
    assigned_date: datetime
    event_id: str | None = None
    expires_date: datetime | None = None
    division_id: str | None = None


def assignment_rows(assignments: Sequence[SegmentAssignment]) -> list[Row]:
    """Return assignments as they are stored."""
    return [
        without_gaps(
            (
                ("segmentId", one.segment_id),
                ("assignedDate", one.assigned_date),
                ("eventId", one.event_id),
                ("expiresDate", one.expires_date),
                ("divisionId", one.division_id),
            )
        )
        for one in assignments
    ]


def assignments_from(row: Mapping[str, Any]) -> tuple[SegmentAssignment, ...]:
    """Return the assignments of a stored session or contact."""
    return tuple(
        SegmentAssignment(
            one["segmentId"], one["assignedDate"], one.get("eventId"), one.get("expiresDate"), one.get("divisionId")
        )
        for one in row.get("segmentAssignments", ())
    )


def progress_row(progress: AllProgress) -> StoredProgress:
    """Return progress as it is stored."""
    return {id_: list(one) for id_, one in progress.items()}


def progress_from(row: Mapping[str, Any]) -> AllProgress:
    """Return the progress of a stored session or contact."""
    stored = row.get("progress")
    return {id_: Progress(*one) for id_, one in stored.items()} if stored else NO_PROGRESS
