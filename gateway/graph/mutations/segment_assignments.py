"""External segments: another system tells who is in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import strawberry

from gateway.access.permissions import Permission
from gateway.graph import values
from gateway.graph.errors import BadInput
from gateway.graph.loaders import CanonicalContact, ContactById, SegmentById, SessionById
from gateway.graph.mutations.actor import actor_of
from gateway.graph.mutations.identity_refusals import identity_refusals
from gateway.graph.mutations.records import found
from gateway.graph.node import stored_id_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.journey import Contact, Session
from gateway.graph.words import Info, Row, stored
from gateway.journey.division import HOME
from gateway.journey.errors import InvalidValue
from gateway.journey.external_segments import (
    MAX_SEGMENTS,
    Held,
    IsSeen,
    assigned_by_hand,
    check_is_active,
    check_told_by_hand,
    end_of,
    unassigned_by_hand,
)
from gateway.journey.segment import Segment, SegmentAssignment, SegmentScope
from gateway.storage.audit_log import AuditAction
from gateway.storage.documents.segment import segment_from
from gateway.storage.identity.segment_assigning import (
    Assigning,
    change_segments_of_contact,
    change_segments_of_session,
)
from gateway.storage.sight import Sight

OF_WHOM = "The customer; a segment of customers is assigned. Pass this or `sessionId`."
OF_WHICH = "The session, which is not over; a segment of sessions is assigned. Pass this or `contactId`."


@strawberry.input(description="An external segment to assign.")
class SegmentToAssignInput:
    """Part of the input of `assignSegments`."""

    segment_id: strawberry.ID = strawberry.field(description="The segment: an external one that is active.")
    expires_date: datetime | None = strawberry.field(
        default=None,
        description="When it ends by itself, within ten years; null is after its `assignmentExpirationDays`, or never.",
    )


@strawberry.input(description="External segments to assign, to a customer or to a session.")
class AssignSegmentsInput:
    """Input of `assignSegments`."""

    contact_id: strawberry.ID | None = strawberry.field(default=None, description=OF_WHOM)
    session_id: strawberry.ID | None = strawberry.field(default=None, description=OF_WHICH)
    segments: list[SegmentToAssignInput] = strawberry.field(description="The segments: 1 to 10, in order.")


@strawberry.input(description="External segments to take away from a customer or a session.")
class UnassignSegmentsInput:
    """Input of `unassignSegments`."""

    contact_id: strawberry.ID | None = strawberry.field(default=None, description="The customer, or pass `sessionId`.")
    session_id: strawberry.ID | None = strawberry.field(default=None, description="The session, or pass `contactId`.")
    segment_ids: list[strawberry.ID] = strawberry.field(description="The segments: 1 to 10.")


@strawberry.type(description="The customer or the session, as it is now.", directives=[PUBLIC])
class SegmentAssignmentsPayload:
    """Payload of `assignSegments` and `unassignSegments`."""

    contact: Contact | None = stored("contact", "The contact that stands for the customer, if one was named.")
    session: Session | None = stored("session", "The session, if one was named.")


Assign = Annotated[AssignSegmentsInput, strawberry.argument(description="The segments, and of whom.")]
Unassign = Annotated[UnassignSegmentsInput, strawberry.argument(description="The segments, and of whom.")]


@dataclass(frozen=True, slots=True)
class _Whom:
    """The customer or the session that is named: its stored row, and the input field with what was given for it."""

    scope: SegmentScope
    row: Row
    field: str
    given: str


@strawberry.type(description="What can be changed of who is in external segments.")
class SegmentAssignmentMutations:
    """Mutations of assignments. A value of every payload is a mapping: hence the ignored types."""

    @strawberry.mutation(
        description="Put a customer, or a session, into external segments: up to 10, all of them or none. Where one is "
        "assigned already, only its end changes.",
        directives=[requires(Permission.SEGMENT_ASSIGNMENT_ADD)],
    )
    async def assign_segments(self, info: Info, input: Assign) -> SegmentAssignmentsPayload:  # noqa: A002 - the contract
        """Assign segments, and return whom to."""
        whom, now = await _whom(info, input), info.context.clock()
        _check_not_over(info, whom)
        division_id = _division_of(info.context.sight, whom.row) if whom.scope is SegmentScope.CUSTOMER else None
        fields = [f"segments[{place}]" for place in range(len(input.segments))]
        ids = dict(zip((f"{field}.segmentId" for field in fields), map(_id_in, input.segments), strict=True))
        segments = await _segments(info, "segments", ids, whom.scope)
        told: list[SegmentAssignment] = []
        for field, segment, one in zip(fields, segments, input.segments, strict=True):
            check_is_active(segment, f"{field}.segmentId", one.segment_id)
            ends = end_of(segment, one.expires_date, now, f"{field}.expiresDate")
            told.append(SegmentAssignment(segment.id, now, expires_date=ends, division_id=division_id))
        is_seen = _is_seen_in(info, whom)
        change = _Change(
            AuditAction.ASSIGNED, segments, lambda held: assigned_by_hand(held, whom.row["_id"], told, is_seen)
        )
        return await _changed(info, whom, change)  # type: ignore[return-value]

    @strawberry.mutation(
        description="Take a customer, or a session, out of external segments: up to 10. Of one that it is not in, "
        "nothing changes.",
        directives=[requires(Permission.SEGMENT_ASSIGNMENT_DELETE)],
    )
    async def unassign_segments(self, info: Info, input: Unassign) -> SegmentAssignmentsPayload:  # noqa: A002
        """Take segments away, and return whom from."""
        whom = await _whom(info, input)
        ids = {f"segmentIds[{place}]": id_ for place, id_ in enumerate(input.segment_ids)}
        segments = await _segments(info, "segmentIds", ids, whom.scope)
        gone, is_seen = [segment.id for segment in segments], _is_seen_in(info, whom)
        change = _Change(AuditAction.UNASSIGNED, segments, lambda held: unassigned_by_hand(held, gone, is_seen))
        return await _changed(info, whom, change)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class _Change:
    action: AuditAction
    segments: Sequence[Segment]
    apply: Callable[[Held], Held]


async def _whom(info: Info, wanted: AssignSegmentsInput | UnassignSegmentsInput) -> _Whom:
    given = {"contactId": wanted.contact_id, "sessionId": wanted.session_id}
    told = {field: str(id_) for field, id_ in given.items() if id_ is not None}
    if len(told) != 1:
        raise BadInput("Pass `contactId` or `sessionId`, one of the two.", field="contactId")
    ((field, id_),) = told.items()
    if field == "contactId":
        contact = await info.context.loader(ContactById).load(stored_id_of("Contact", id_, field))
        return _Whom(SegmentScope.CUSTOMER, found(contact, "contact", id_, field), field, id_)
    session = await info.context.loader(SessionById).load(stored_id_of("Session", id_, field))
    return _Whom(SegmentScope.SESSION, found(session, "session", id_, field), field, id_)


def _check_not_over(info: Info, whom: _Whom) -> None:
    if whom.scope is SegmentScope.SESSION and values.ended_date_of(whom.row, info.context) is not None:
        raise InvalidValue(whom.field, whom.given, "a session that is not over: its segments have ended with it")


async def _segments(info: Info, field: str, given: Mapping[str, str], scope: SegmentScope) -> list[Segment]:
    """Return the segments that are given, by input field.

    Raises:
        InvalidValue: there are none or too many, one is given twice, or is none that is assigned by hand.
        NotFound: one is not there.
    """
    if not 1 <= len(given) <= MAX_SEGMENTS:
        raise InvalidValue(field, f"{len(given)} entries", f"1 to {MAX_SEGMENTS} segments")
    ids = {place: stored_id_of("Segment", id_, place) for place, id_ in given.items()}
    rows = await info.context.loader(SegmentById).load_many(list(ids.values()))
    segments: dict[str, Segment] = {}
    for (place, id_), row in zip(given.items(), rows, strict=True):
        segment = segment_from(found(row, "segment", id_, place))
        if segment.id in segments:
            raise InvalidValue(place, id_, "another segment than those before it")
        check_told_by_hand(segment, scope, place, id_)
        segments[segment.id] = segment
    return list(segments.values())


async def _changed(info: Info, whom: _Whom, change: _Change) -> dict[str, Row | None]:
    context, ids = info.context, [segment.id for segment in change.segments]
    wanted = Assigning(change.action, ids, change.apply, actor_of(info), context.clock(), context.sight)
    if whom.scope is SegmentScope.SESSION:
        session = await change_segments_of_session(context.database, whom.row["_id"], wanted)
        return {"session": found(session, "session", whom.given, whom.field)}
    with identity_refusals({whom.field: whom.given}):
        await change_segments_of_contact(context.database, whom.row["_id"], wanted)
    return {"contact": await context.loader(CanonicalContact).load(whom.row["_id"])}


def _is_seen_in(info: Info, whom: _Whom) -> IsSeen:
    """Return whether an assignment is seen: of a session that is seen, each; of a customer, those of seen divisions."""
    sight = info.context.sight
    if whom.scope is SegmentScope.SESSION:
        return lambda _: True
    return lambda one: one.is_for_everybody or sight.sees_division(one.division_id or HOME)


def _division_of(sight: Sight, contact: Row) -> str | None:
    """Return the division for which somebody assigns: one that he and the customer share, or else one of his own.

    None stands for everybody: who sees all divisions speaks for all of them.
    """
    if sight.divisions is None:
        return None
    shared = sight.seen_of(contact.get("divisionIds") or (HOME,))
    return next(iter([*shared, *sorted(sight.divisions)]), HOME)


def _id_in(one: SegmentToAssignInput) -> str:
    return str(one.segment_id)
