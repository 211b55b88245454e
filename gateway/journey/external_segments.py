"""External segments: another system tells who is in them, as a CRM does, and takes them out again.

Several contacts may be one customer. A segment is assigned to the contact that is named, unless the customer is in it
already by another of its contacts: then its end alone is told anew.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.journey.definition_fields import MAX_EXPIRATION_DAYS
from gateway.journey.errors import InvalidValue
from gateway.journey.segment import Segment, SegmentAssignment, SegmentScope

MAX_SEGMENTS = 10
"""Segments that one call assigns, or takes away."""

Held = Mapping[str, tuple[SegmentAssignment, ...]]
"""The assignments of a session, or of each contact of a customer, by its id."""
IsSeen = Callable[[SegmentAssignment], bool]
"""Whether an assignment is seen by who changes it: what is hidden stays as it is."""


def check_told_by_hand(segment: Segment, scope: SegmentScope, field: str, told: str) -> None:
    """Make sure that a segment, given in this field, is one whose members another system tells, of this scope.

    Raises:
        InvalidValue: it is not.
    """
    if not segment.is_external:
        allowed = f"an external segment: visitors come into {segment.display_name!r} by its conditions alone"
        raise InvalidValue(field, told, allowed)
    if segment.scope is not scope:
        mine, yours = _NAMES_OF_SCOPES[segment.scope], _NAMES_OF_SCOPES[scope]
        raise InvalidValue(field, told, f"a segment of {yours}: {segment.display_name!r} is of {mine}")


def check_is_active(segment: Segment, field: str, told: str) -> None:
    """Make sure that somebody can come into a segment.

    Raises:
        InvalidValue: it is not active.
    """
    if not segment.is_active:
        raise InvalidValue(field, told, f"an active segment: {segment.display_name!r} is not, see `updateSegment`")


def end_of(segment: Segment, told: datetime | None, at: datetime, field: str) -> datetime | None:
    """Return when an assignment that is made now ends: when it is told, or so long after as the segment says.

    Raises:
        InvalidValue: it would be over already, or lies beyond all calendars.
    """
    if told is None:
        days = segment.assignment_expiration_days
        return None if days is None else at + timedelta(days=days)
    if not at < told <= at + timedelta(days=MAX_EXPIRATION_DAYS):
        raise InvalidValue(field, told.isoformat(), f"in the future, at most {MAX_EXPIRATION_DAYS:,} days from now")
    return told.replace(microsecond=told.microsecond // 1000 * 1000)


def assigned_by_hand(held: Held, id_: str, told: Sequence[SegmentAssignment], is_seen: IsSeen) -> Held:
    """Return what is held once these assignments were made, in order, to the contact or session of this id.

    One that is in force already, at whichever contact, keeps its beginning and its place, and ends as it is told now.
    """
    for one in told:
        if _is_in_force(held, one, is_seen):
            held = {key: tuple(_ending_as(one, before, is_seen) for before in listed) for key, listed in held.items()}
        else:
            kept = (before for before in held[id_] if not _is_same(before, one.segment_id, is_seen))
            held = {**held, id_: (*kept, one)}
    return held


def unassigned_by_hand(held: Held, segment_ids: Sequence[str], is_seen: IsSeen) -> Held:
    """Return what is held once nothing is in these segments any more."""

    def stays(one: SegmentAssignment) -> bool:
        return not any(_is_same(one, segment_id, is_seen) for segment_id in segment_ids)

    return {key: tuple(filter(stays, listed)) for key, listed in held.items()}


def _is_in_force(held: Held, told: SegmentAssignment, is_seen: IsSeen) -> bool:
    return any(
        _is_same(one, told.segment_id, is_seen) and one.is_in_force(told.assigned_date)
        for listed in held.values()
        for one in listed
    )


def _ending_as(told: SegmentAssignment, before: SegmentAssignment, is_seen: IsSeen) -> SegmentAssignment:
    if _is_same(before, told.segment_id, is_seen) and before.is_in_force(told.assigned_date):
        return replace(before, expires_date=told.expires_date)
    return before


def _is_same(one: SegmentAssignment, segment_id: str, is_seen: IsSeen) -> bool:
    return one.segment_id == segment_id and is_seen(one)


_NAMES_OF_SCOPES: Mapping[SegmentScope, str] = {
    SegmentScope.SESSION: "sessions, told by `sessionId`",
    SegmentScope.CUSTOMER: "customers, told by `contactId`",
}
