"""Parts of sessions and contacts: the segments that they belong to, and how far other definitions have come."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from gateway.journey.segment import SegmentAssignment
from gateway.journey.watch import NO_PROGRESS, AllProgress, Progress
from gateway.storage.database import Row
from gateway.storage.documents.shape import Part, in_utc

StoredProgress = bytes
"""MessagePack, as it may be written with every event. By the id of the definition: its version, the place of the
pattern that is waited for, how often that occurred."""


class SegmentAssignmentPart(Part):
    """A segment that a session or a customer belongs to."""

    segment_id: str
    assigned_date: datetime
    event_id: str | None = None
    expires_date: datetime | None = None
    division_id: str | None = None


def assignment_rows(assignments: Sequence[SegmentAssignment]) -> list[Row]:
    """Return assignments as they are stored."""
    return [_assignment_row(one) for one in assignments]


def assignments_from(row: Mapping[str, Any]) -> tuple[SegmentAssignment, ...]:
    """Return the assignments of a stored session or contact."""
    return tuple(
        SegmentAssignment(
            one["segmentId"],
            in_utc(one["assignedDate"]),
            one.get("eventId"),
            in_utc(expires) if (expires := one.get("expiresDate")) else None,
            one.get("divisionId"),
        )
        for one in row.get("segmentAssignments", ())
    )


def _assignment_row(one: SegmentAssignment) -> Row:
    row: Row = {"segmentId": one.segment_id, "assignedDate": one.assigned_date}
    if one.event_id is not None:
        row["eventId"] = one.event_id
    if one.expires_date is not None:
        row["expiresDate"] = one.expires_date
    if one.division_id is not None:
        row["divisionId"] = one.division_id
    return row


def progress_row(progress: AllProgress) -> StoredProgress | None:
    """Return progress as it is stored."""
    return _pack(progress) if progress else None


def progress_from(row: Mapping[str, Any]) -> AllProgress:
    """Return the progress of a stored session or contact."""
    stored = row.get("progress")
    if not stored:
        return NO_PROGRESS
    if isinstance(stored, dict):  # as it was stored before it was packed
        return {id_: Progress(*one) for id_, one in stored.items()}
    return _unpack(stored)


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(dict[str, Progress]).decode
