"""Who is in a segment of customers: the condition for contacts, which an index answers."""

from datetime import datetime

from pymongo import ASCENDING, DESCENDING, IndexModel

from gateway.storage.database import Row
from gateway.storage.sight import DIVISION, Sight, of_divisions

_SEGMENT = "segmentAssignments.segmentId"
MEMBERS = IndexModel(
    [(_SEGMENT, ASCENDING), ("createdDate", DESCENDING), ("_id", DESCENDING)],
    name="segment",
    partialFilterExpression={_SEGMENT: {"$exists": True}},
)
"""Contacts by the segments that they are in, or were: most are in none, and cost nothing here."""


def in_segment(segment_id: str, at: datetime, sight: Sight) -> Row:
    """Return the condition that a contact is in this segment at this time, by an assignment that is seen."""
    conditions: list[Row] = [{"$or": [{"expiresDate": {"$exists": False}}, {"expiresDate": {"$gt": at}}]}]
    if sight.divisions is not None:
        for_everybody = {"eventId": {"$exists": False}, DIVISION: {"$exists": False}}
        conditions.append({"$or": [of_divisions(sight.divisions), for_everybody]})
    # told twice: what stands in $elemMatch does not lead MongoDB to an index that holds some contacts only
    return {
        _SEGMENT: segment_id,
        "segmentAssignments": {"$elemMatch": {"segmentId": segment_id, "$and": conditions}},
    }
