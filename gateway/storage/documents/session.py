"""Collection `sessions`: one document a visit, with its newest predictions and what it achieved.

Shard key: hashed `customerId`. All sessions of a visitor are on one shard, next to the visitor's events.
No index is on anything that every event changes. Four are partial, as what they are for is rare: sessions of another
channel than the web, which a walk through all would hardly meet, those that achieved something, by contact and by what
it was, and those of another division than the home division, of which most installations have none.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from pymongo import ASCENDING, DESCENDING, IndexModel

from gateway.journey.event import Visit
from gateway.journey.ids import short_id
from gateway.journey.outcome import OutcomeAchievement
from gateway.journey.session import WEB, LastEvent, Session, active_date
from gateway.storage.database import Row
from gateway.storage.documents.feature_state import StoredFeatureState, feature_state_from, feature_state_row
from gateway.storage.documents.fulfilment import (
    SegmentAssignmentPart,
    StoredProgress,
    assignment_rows,
    assignments_from,
    progress_from,
    progress_row,
)
from gateway.storage.documents.prediction import PREDICTED_BY, stored_predictions_of
from gateway.storage.documents.shape import Part, Stored, in_utc, without_gaps

VISIT_PARTS = {
    "browser": "browser",
    "device": "device",
    "geolocation": "geolocation",
    "referrer": "referrer",
    "mkt_campaign": "mktCampaign",
    "app": "app",
    "sdk_library": "sdkLibrary",
    "network_connectivity": "networkConnectivity",
    "ip_address": "ipAddress",
    "user_agent_string": "userAgentString",
}
"""The parts of a visit, and the stored field of each."""
_STORED_OF_VISIT = frozenset(VISIT_PARTS.values())
_UNKNOWN_VISIT = Visit()
REVISED: Row = {"$inc": {"revision": 1}}
"""Part of every write that changes a stored session, but for events: processes that know the session read it anew."""
_INT32 = 2**31


class LastEventPart(Part):
    """The newest event."""

    id: str
    event_name: str
    created_date: datetime


class OutcomeAchievementPart(Part):
    """An outcome that the session reached."""

    outcome_id: str
    achieved_date: datetime
    event_id: str | None = None
    pageview_count: int


class SessionDocument(Stored):
    """A stored session."""

    short_id: str
    type: str
    contact_id: str
    customer_id: str
    customer_id_type: str
    created_date: datetime
    last_event: LastEventPart
    active_date: datetime
    previous_event_date: datetime | None = None
    event_count: int
    pageview_count: int
    screenview_count: int
    search_terms: list[str] = []
    last_page: dict[str, Any] | None = None
    browser: dict[str, Any] | None = None
    device: dict[str, Any] | None = None
    geolocation: dict[str, Any] | None = None
    referrer: dict[str, Any] | None = None
    mkt_campaign: dict[str, Any] | None = None
    app: dict[str, Any] | None = None
    sdk_library: dict[str, Any] | None = None
    network_connectivity: dict[str, Any] | None = None
    ip_address: str | None = None
    user_agent_string: str | None = None
    authenticated: bool
    predicted_by: bytes | None = None
    predictions: bytes | None = None
    outcome_achievements: list[OutcomeAchievementPart] = []
    former_contact_id: str | None = None
    division_id: str | None = None
    segment_assignments: list[SegmentAssignmentPart] = []
    progress: StoredProgress | None = None
    awaits_end: bool = False
    checked_for: int = 0
    feature_state: StoredFeatureState | None = None
    #: Grows with whatever changes the session, except events, which `event_count` tells of; together the two tell one
    #: state of the document from any other. It begins with a number of its own, see `first_revision`; absent is 0.
    revision: int = 0

    class Settings:
        """Collection and indexes."""

        name = "sessions"
        indexes: ClassVar = [
            IndexModel([("createdDate", DESCENDING), ("_id", DESCENDING)], name="created"),
            IndexModel([("contactId", ASCENDING), ("createdDate", DESCENDING), ("_id", DESCENDING)], name="contact"),
            IndexModel([("customerId", ASCENDING), ("activeDate", DESCENDING)], name="visitor"),
            IndexModel([("activeDate", DESCENDING)], name="active"),
            IndexModel(
                [("type", ASCENDING), ("createdDate", DESCENDING), ("_id", DESCENDING)],
                name="other_channel",
                partialFilterExpression={"$or": [{"type": {"$lt": WEB}}, {"type": {"$gt": WEB}}]},
            ),
            IndexModel(
                # `type` only sets it apart: of two indexes with the same fields Beanie makes only one
                [("contactId", ASCENDING), ("createdDate", DESCENDING), ("_id", DESCENDING), ("type", ASCENDING)],
                name="achieving",
                partialFilterExpression={"outcomeAchievements": {"$exists": True}},
            ),
            IndexModel(
                [("outcomeAchievements.outcomeId", ASCENDING), ("createdDate", DESCENDING)],
                name="achieved",
                partialFilterExpression={"outcomeAchievements": {"$exists": True}},
            ),
            *(
                IndexModel(
                    [(key, ASCENDING) for key in keys] + [("createdDate", DESCENDING), ("_id", DESCENDING)],
                    name=name,
                    partialFilterExpression={"divisionId": {"$exists": True}},
                )
                for name, keys in (("division", ("divisionId",)), ("contact_division", ("contactId", "divisionId")))
            ),
            IndexModel(
                [("activeDate", ASCENDING), ("_id", ASCENDING)],
                name="awaiting_end",
                partialFilterExpression={"awaitsEnd": True},
            ),
        ]


def session_row(session: Session) -> Row:
    """Return the session as it is stored."""
    fixed: Row = {
        "_id": session.id,
        "shortId": short_id(session.id),
        "type": session.type,
        "contactId": session.contact_id,
        "customerId": session.customer_id,
        "customerIdType": session.customer_id_type,
    }
    if session.division_id is not None:
        fixed["divisionId"] = session.division_id
    told = without_gaps(pair for write in _WRITERS.values() for pair in write(session))
    return fixed | {name: value for name, value in told.items() if value or name not in _OF_FEW}


def first_revision(received_date: datetime) -> int:
    """Return the revision of a new session, whose first event was received then: the milliseconds, within 31 bits.

    When a session has been erased and its first event is sent once more, a session of the same id begins; by this it
    is told from the one before.
    """
    return int(received_date.timestamp() * 1000) % _INT32


def session_changes(before: Session, after: Session) -> Row:
    """Return the stored fields in which the two differ, with their new values."""
    return without_gaps([pair for at, write in _WRITER_AT if before[at] is not after[at] for pair in write(after)])


def session_from(row: Mapping[str, Any]) -> Session:
    """Return the session that is stored so; its dates may be without a time zone."""
    last = row["lastEvent"]
    return Session(
        id=row["_id"],
        contact_id=row["contactId"],
        customer_id=row["customerId"],
        customer_id_type=row["customerIdType"],
        created_date=in_utc(row["createdDate"]),
        last_event=LastEvent(last["id"], last["eventName"], in_utc(last["createdDate"])),
        type=row["type"],
        previous_event_date=in_utc(previous) if (previous := row.get("previousEventDate")) else None,
        event_count=row["eventCount"],
        pageview_count=row["pageviewCount"],
        screenview_count=row["screenviewCount"],
        search_terms=tuple(row.get("searchTerms", ())),
        last_page=row.get("lastPage"),
        visit=_visit(row) if not _STORED_OF_VISIT.isdisjoint(row) else _UNKNOWN_VISIT,
        authenticated=row["authenticated"],
        predicted_by=(predictions := stored_predictions_of(row)).by,
        predictions=predictions.sheet,
        outcome_achievements=tuple(_achievement(a) for a in row.get("outcomeAchievements", ())),
        former_contact_id=row.get("formerContactId"),
        division_id=row.get("divisionId"),
        segment_assignments=assignments_from(row),
        progress=progress_from(row),
        awaits_end=row.get("awaitsEnd", False),
        checked_for=row.get("checkedFor", 0),
        feature_state=feature_state_from(row),
    )


def _visit(row: Mapping[str, Any]) -> Visit:
    return Visit(**{part: row.get(stored) for part, stored in VISIT_PARTS.items()})


def _achievement_row(achieved: OutcomeAchievement) -> Row:
    return {
        "outcomeId": achieved.outcome_id,
        "achievedDate": achieved.achieved_date,
        **({"eventId": achieved.event_id} if achieved.event_id else {}),
        "pageviewCount": achieved.pageview_count,
    }


def _achievement(row: Row) -> OutcomeAchievement:
    achieved = in_utc(row["achievedDate"])
    return OutcomeAchievement(row["outcomeId"], achieved, row.get("eventId"), row["pageviewCount"])


def _last_event_pairs(session: Session) -> Iterable[tuple[str, object]]:
    last = session.last_event
    yield "lastEvent", {"id": last.id, "eventName": last.event_name, "createdDate": last.created_date}
    yield "activeDate", active_date(last.created_date)


_WRITERS: Mapping[str, Callable[[Session], Iterable[tuple[str, object]]]] = {
    "created_date": lambda session: (("createdDate", session.created_date),),
    "last_event": _last_event_pairs,
    "previous_event_date": lambda session: (("previousEventDate", session.previous_event_date),),
    "event_count": lambda session: (("eventCount", session.event_count),),
    "pageview_count": lambda session: (("pageviewCount", session.pageview_count),),
    "screenview_count": lambda session: (("screenviewCount", session.screenview_count),),
    "search_terms": lambda session: (("searchTerms", session.search_terms),),
    "last_page": lambda session: (("lastPage", session.last_page),),
    "visit": lambda session: ((stored, getattr(session.visit, part)) for part, stored in VISIT_PARTS.items()),
    "authenticated": lambda session: (("authenticated", session.authenticated),),
    "predicted_by": lambda session: ((PREDICTED_BY, session.predicted_by),),
    "predictions": lambda session: (("predictions", session.predictions),),
    "outcome_achievements": lambda session: (
        ("outcomeAchievements", [_achievement_row(a) for a in session.outcome_achievements]),
    ),
    "segment_assignments": lambda session: (("segmentAssignments", assignment_rows(session.segment_assignments)),),
    "progress": lambda session: (("progress", progress_row(session.progress)),),
    "awaits_end": lambda session: (("awaitsEnd", session.awaits_end),),
    "checked_for": lambda session: (("checkedFor", session.checked_for),),
    "feature_state": lambda session: (("featureState", feature_state_row(session.feature_state)),),
}
"""What is stored of each field of a session that an event can change."""
_OF_FEW = frozenset(("awaitsEnd", "checkedFor"))
"""What a new session has only where it says something."""
_WRITER_AT = [(Session._fields.index(name), write) for name, write in _WRITERS.items()]
"""By place, as asking named tuples for fields by their names takes as long as all the rest."""
