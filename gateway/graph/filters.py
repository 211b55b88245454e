"""Filters: as arguments, as conditions for MongoDB, and as a question to one row of a live stream."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Annotated, Any

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.errors import BadInput
from gateway.graph.node import stored_id_of
from gateway.graph.requires import requires
from gateway.graph.types.enums import ContactKind, ContactType, Presence
from gateway.journey.division import HOME
from gateway.journey.presence import AWAY_AFTER, IDLE_AFTER, presence_at
from gateway.journey.search_keys import KINDS
from gateway.storage.contact_search import ContactSearch
from gateway.storage.segment_members import in_segment
from gateway.storage.sight import NOTHING, Sight, of_divisions, with_divisions

Row = Mapping[str, Any]
DIVISION = "Division"


@strawberry.input(description="Which sessions are wanted; everything that is given must hold.")
class SessionFilter:
    """A filter for sessions."""

    presence: list[Presence] | None = strawberry.field(
        default=None, description="Only sessions as present as one of these."
    )
    type: str | None = strawberry.field(default=None, description="Only sessions of this channel, such as web.")
    contact_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Only sessions of this contact.",
        directives=[requires(Permission.CONTACT_SESSION_VIEW)],
    )
    created_after: datetime | None = strawberry.field(
        default=None, description="Only sessions that began then or later."
    )
    created_before: datetime | None = strawberry.field(
        default=None, description="Only sessions that began before then."
    )
    division_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only sessions of this division.", directives=[requires(Permission.DIVISION_VIEW)]
    )


@strawberry.input(description="Which contacts are wanted; everything that is given must hold.")
class ContactFilter:
    """A filter for contacts."""

    type: list[ContactType] | None = strawberry.field(default=None, description="Only contacts of one of these kinds.")
    created_after: datetime | None = strawberry.field(
        default=None, description="Only contacts first seen then or later."
    )
    created_before: datetime | None = strawberry.field(
        default=None, description="Only contacts first seen before then."
    )
    kind: list[ContactKind] | None = strawberry.field(
        default=None,
        description="Only contacts of one of these kinds, canonical and curated ones first. "
        "In a search EPHEMERAL goes with no other kind, and visitors are found by their whole cookie.",
    )
    seen_after: datetime | None = strawberry.field(
        default=None, description="Only known contacts seen then or later, to the hour; curated ones first."
    )
    seen_before: datetime | None = strawberry.field(
        default=None, description="Only known contacts not seen since before then; curated ones first."
    )
    division_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Only contacts of this division, whichever others they are of.",
        directives=[requires(Permission.DIVISION_VIEW)],
    )
    segment_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Only contacts that are in this segment of customers now, each as it came into it: of those merged "
        "read `canonicalContact`. Goes with neither a search nor `kind`, `seenAfter` or `seenBefore`.",
        directives=[requires(Permission.SEGMENT_VIEW)],
    )


Sessions = Annotated[
    SessionFilter | None, strawberry.argument(description="Which sessions are wanted; by default all of them.")
]
Contacts = Annotated[
    ContactFilter | None, strawberry.argument(description="Which contacts are wanted; by default all of them.")
]


def session_conditions(wanted: SessionFilter | None, now: datetime, sight: Sight) -> dict[str, Any]:
    """Return the filter as MongoDB understands it; presence is that of this moment."""
    conditions = lasting_conditions(wanted, sight)
    if wanted is not None and wanted.presence is not None:
        conditions |= _presence_conditions(wanted.presence, now)
    return conditions


def lasting_conditions(wanted: SessionFilter | None, sight: Sight) -> dict[str, Any]:
    """Return the part of the filter that does not depend on the moment."""
    if wanted is None:
        return {}
    conditions: dict[str, Any] = {}
    if wanted.type is not None:
        conditions["type"] = wanted.type
    if wanted.contact_id is not None:
        conditions["contactId"] = stored_id_of("Contact", wanted.contact_id, "contactId")
    if wanted.division_id is not None:
        conditions |= _of_division(wanted.division_id, of_divisions, sight)
    return conditions | _created(wanted.created_after, wanted.created_before)


def session_matcher(wanted: SessionFilter | None, clock: Callable[[], datetime], sight: Sight) -> Callable[[Row], bool]:
    """Return the filter as a question to one session, for somebody who sees so much."""
    if wanted is None:
        return sight.sees if not sight.is_everything else lambda _session: True
    contact_id = stored_id_of("Contact", wanted.contact_id, "contactId") if wanted.contact_id else None
    division_id = stored_id_of(DIVISION, wanted.division_id, "divisionId") if wanted.division_id else None

    def matches(session: Row) -> bool:
        created: datetime = session["createdDate"]
        return (
            sight.sees(session)
            and (division_id is None or session.get("divisionId", HOME) == division_id)
            and (wanted.type is None or session["type"] == wanted.type)
            and (contact_id is None or session["contactId"] == contact_id)
            and (wanted.created_after is None or created >= wanted.created_after)
            and (wanted.created_before is None or created < wanted.created_before)
            and (
                wanted.presence is None or presence_at(session["lastEvent"]["createdDate"], clock()) in wanted.presence
            )
        )

    return matches


def contact_conditions(wanted: ContactFilter | None, now: datetime, sight: Sight) -> dict[str, Any]:
    """Return the filter as MongoDB understands it; the segments are those of this moment."""
    if wanted is None:
        return {}
    segment_id = stored_id_of("Segment", wanted.segment_id, "segmentId") if wanted.segment_id else None
    segment = {} if segment_id is None else in_segment(segment_id, now, sight)
    types = {} if wanted.type is None else {"type": {"$in": [kind.value for kind in wanted.type]}}
    division = {} if wanted.division_id is None else _of_division(wanted.division_id, with_divisions, sight)
    return types | division | segment | _created(wanted.created_after, wanted.created_before)


def contact_search(wanted: ContactFilter | None, text: str | None, sight: Sight) -> ContactSearch | None:
    """Return the search that the arguments ask for, or None when every contact is to be listed.

    Raises:
        BadInput: the filter wants visitors whom nobody knows beside others, or what no search can tell.
    """
    wanted = wanted or ContactFilter()
    if text is None and wanted.kind is None and wanted.seen_after is None and wanted.seen_before is None:
        return None
    if wanted.segment_id is not None:
        message = "`segmentId` goes with neither a search nor `kind`, `seenAfter` or `seenBefore`: leave these out."
        raise BadInput(message, field="segmentId")
    types = None if wanted.type is None else tuple(one.value for one in wanted.type)
    kinds = KINDS if wanted.kind is None else tuple(one.value for one in wanted.kind)
    if wanted.kind is None and types is not None and ContactType.EPHEMERAL.value in types:
        kinds = types
    if ContactKind.EPHEMERAL.value in kinds and set(kinds) != {ContactKind.EPHEMERAL.value}:
        raise BadInput("EPHEMERAL goes with no other kind in a search: search for these visitors alone.", field="kind")
    created = (wanted.created_after, wanted.created_before)
    division = {} if wanted.division_id is None else _of_division(wanted.division_id, with_divisions, sight)
    return ContactSearch(text or "", kinds, types, *created, wanted.seen_after, wanted.seen_before, division, sight)


def _created(after: datetime | None, before: datetime | None) -> dict[str, Any]:
    bounds = {name: date for name, date in (("$gte", after), ("$lt", before)) if date is not None}
    return {"createdDate": bounds} if bounds else {}


def _of_division(id_: str, condition_of: Callable[[Collection[str]], dict[str, Any]], sight: Sight) -> dict[str, Any]:
    """Return the condition for what is of one division; whose does not see it, is shown nothing."""
    division_id = stored_id_of(DIVISION, id_, "divisionId")
    return condition_of({division_id}) if sight.sees_division(division_id) else NOTHING


def _presence_conditions(wanted: Collection[Presence], now: datetime) -> dict[str, Any]:
    away, idle = now - AWAY_AFTER, now - IDLE_AFTER
    last_event = {
        Presence.LIVE: {"$gt": away},
        Presence.AWAY: {"$gt": idle, "$lte": away},
        Presence.INACTIVE: {"$lte": idle},
    }
    ranges = [{"lastEvent.createdDate": last_event[presence]} for presence in wanted]
    conditions: dict[str, Any] = {"$or": ranges or [{"_id": None}]}
    # The rounded date leads to those who are here by its index, once, whichever of them are wanted.
    return conditions if Presence.INACTIVE in wanted else conditions | {"activeDate": {"$gt": idle}}
